import { metrics } from "movie-revenue/evaluation/metrics";
import { averageRanks, type Prediction, rankPredictions, spearman } from "movie-revenue/evaluation/ranking";
import { describe, expect, it } from "vitest";

const prediction = (file: string, predicted: number, actual: number | null): Prediction => ({
  ...{ file, title: file.toUpperCase(), predicted, actual, low: null, high: null },
});

describe("rankPredictions", () => {
  const films = [
    prediction("a", 100, 200),
    prediction("b", 400, 100),
    prediction("c", 300, null),
    prediction("d", 200, 400),
    prediction("e", 50, 0),
  ];
  const { ranked, summary } = rankPredictions(films);

  it("sorts by predicted and ranks by both, unknown revenue aside", () => {
    const places = ranked.map(({ file, predictedRank, actualRank, error }) => [file, predictedRank, actualRank, error]);
    expect(places).toEqual([
      ["b", 1, 3, 3],
      ["c", 2, null, null],
      ["d", 3, 1, -0.5],
      ["a", 4, 2, -0.5],
      // 0 means unknown
      ["e", 5, null, null],
    ]);
  });

  it("sums up the films whose revenue is known", () => {
    // predicted order b, d, a; actual order d, a, b: ranks 1 2 3 against 3 1 2, 1 − 6·(4 + 1 + 1)/(3·8) = −0.5
    expect(summary).toEqual({ n: 3, spearman: -0.5, metrics: null });
  });

  it("judges them where there is something to compare with", () => {
    const reference = { trainMeanLog10: 2, trainMedian: 150, brackets: { lowMax: 100, mediumMax: 200 } };
    const known = [films[0]!, films[1]!, films[3]!] as (Prediction & { actual: number })[];
    expect(rankPredictions(films, { reference, samples: 50 }).summary.metrics).toEqual(
      metrics(known, reference, { samples: 50 }),
    );
    expect(rankPredictions([films[2]!], { reference }).summary).toEqual({ n: 0, spearman: null, metrics: null });
  });

  it("breaks ties by title, then file, and leaves the input alone", () => {
    const ties = [
      prediction("z", 1, 7),
      { ...prediction("y", 1, 7), title: "A" },
      { ...prediction("x", 1, 7), title: "A" },
    ];
    const { ranked } = rankPredictions(ties);
    expect(ranked.map(({ file, actualRank }) => [file, actualRank])).toEqual([
      ["x", 1],
      ["y", 2],
      ["z", 3],
    ]);
    expect(ties.map(({ file }) => file)).toEqual(["z", "y", "x"]);
  });

  it("of nothing is nothing", () => {
    expect(rankPredictions([])).toEqual({ ranked: [], summary: { n: 0, spearman: null, metrics: null } });
  });
});

it.each([
  [
    [10, 30, 20],
    [1, 3, 2],
  ],
  // the two smallest share places 1 and 2; three share places 3, 4 and 5
  [
    [5, 1, 5, 1, 5],
    [4, 1.5, 4, 1.5, 4],
  ],
  [[], []],
])("averageRanks(%j) is %j", (values, expected) => {
  expect(averageRanks(values)).toEqual(expected);
});

describe("spearman", () => {
  it("is 1, or −1, where one order is the other, or its reverse", () => {
    expect(spearman([1, 2, 9], [10, 20, 21])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 9], [3, 2, 1])).toBeCloseTo(-1, 12);
  });

  it("averages the ranks of ties", () => {
    // ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: Σ dx·dy = 4.5, Σ dx² = 4.5, Σ dy² = 5, so √0.9
    expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(Math.sqrt(0.9), 12);
  });

  it.each([
    [[], []],
    [[1], [2]],
    [
      [5, 5],
      [1, 2],
    ],
  ])("of %j and %j is not defined", (a, b) => {
    expect(spearman(a, b)).toBeNull();
  });
});
