import { analysisOf, GROUPINGS, type Grouping, type JudgedFilm, scoresOf } from "movie-revenue/evaluation/analysis";
import { pairedDifference } from "movie-revenue/evaluation/paired";
import { largestMisses } from "movie-revenue/evaluation/ranking";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";
import { golden, largestDifference } from "./golden.ts";

interface Golden {
  samples: number;
  cases: {
    predicted: number[];
    actual: number[];
    seed: number;
    trainMeanLog10: number;
    scores: Record<string, number>;
    scoreIntervals: Record<string, number[]>;
  }[];
}

let films = 0;
const film = (actual: number, predicted: number, facts: Partial<JudgedFilm> = {}): JudgedFilm => {
  const id = ++films;
  const interval = { low: predicted / 10, high: predicted * 10 };
  return {
    id,
    title: `film ${id}`,
    split: "test",
    genres: [],
    year: null,
    budget: null,
    language: "",
    actual,
    predicted,
    ...interval,
    ...facts,
  };
};
const sample = (n: number, seed = 1): JudgedFilm[] => {
  const random = new Random(seed);
  return Array.from({ length: n }, () =>
    film(10 ** (7.5 + 0.5 * random.normal()), 10 ** (7.5 + 0.2 * random.normal())),
  );
};
const analyse = (list: JudgedFilm[]) => analysisOf(list, { trainMeanLog10: 7.5 }, { level: 0.8, samples: 30 });
const sizes = (list: JudgedFilm[], grouping: Grouping) =>
  analyse(list).groups[grouping].map(({ name, scores }) => [name, scores?.n ?? null]);

describe("scoresOf", () => {
  const { samples, cases } = golden<Golden>("calibration.json");

  it.each(cases)("gives numpy's scores and intervals of $actual.length films", (expected) => {
    const judged = expected.actual.map((actual, i) => film(actual, expected.predicted[i]!));
    const scores = scoresOf(judged, expected.trainMeanLog10, { samples, seed: expected.seed });
    for (const name of ["mse", "r2", "bias", "meanMse", "lessMean"] as const) {
      expect(scores[name]).toBeCloseTo(expected.scores[name]!, 12);
      expect(largestDifference(scores.ci95![name]!, expected.scoreIntervals[name]!)).toBeLessThan(1e-11);
    }
  });

  it("by hand", () => {
    // residuals +1, −1, +1; distances from the training mean 7: 0, 1, 2
    const scores = scoresOf([film(1e7, 1e8), film(1e8, 1e7), film(1e5, 1e6)], 7);
    expect(scores).toMatchObject({ n: 3, mse: 1, ci95: null, coverage: { n: 3, coverage: 1, medianWidthLog10: 2 } });
    expect(scores.bias).toBeCloseTo(1 / 3, 12);
    expect(scores.meanMse).toBeCloseTo(5 / 3, 12);
    expect(scores.r2).toBeCloseTo(1 - 3 / 5, 12);
    expect(scores.lessMean).toBeCloseTo(1 - 5 / 3, 12);
  });

  it("has an interval from ten films on", () => {
    expect(scoresOf(sample(9), 7.5).ci95).toBeNull();
    expect(scoresOf(sample(10), 7.5, { samples: 10 }).ci95!.mse).toHaveLength(2);
  });

  it("of a single film on the training mean has no R²", () => {
    expect(scoresOf([film(1e7, 1e7)], 7)).toMatchObject({ n: 1, mse: 0, r2: null, bias: 0, meanMse: 0 });
  });

  it("of a constant predictor at the training mean is that of the mean", () => {
    const constant = sample(20).map((one) => ({ ...one, predicted: 10 ** 7.5 }));
    const { r2, lessMean, ci95 } = scoresOf(constant, 7.5, { samples: 20 });
    expect(r2).toBeCloseTo(0, 12);
    expect(lessMean).toBeCloseTo(0, 12);
    for (const end of [...ci95!.r2!, ...ci95!.lessMean!]) expect(end).toBeCloseTo(0, 12);
  });

  it("refuses a prediction that is not a number", () => {
    expect(() => scoresOf([film(1e7, Number.NaN)], 7)).toThrow(/has a prediction of NaN dollars/);
  });
});

describe("analysisOf groups", () => {
  it("by bracket, ends included below, an empty one null", () => {
    expect(sizes([film(1e7, 1), film(1e7 + 1, 1), film(1e8, 1)], "bracket")).toEqual([
      ["up to $10M", 1],
      ["$10M to $100M", 2],
      ["above $100M", null],
    ]);
  });

  it("by genre, a film in each of its own, the largest first", () => {
    const genres = [["Drama", "War"], ["Drama"], [], ["__proto__", "__proto__"]];
    expect(
      sizes(
        genres.map((names) => film(1e8, 1e8, { genres: names })),
        "genre",
      ),
    ).toEqual([
      ["Drama", 2],
      ["War", 1],
      ["__proto__", 1],
      ["unknown", 1],
    ]);
  });

  it("by decade, in time, by budget and by language", () => {
    const list = [
      film(1e8, 1e8, { year: 2001, language: "fr" }),
      film(1e8, 1e8, { year: 1999, budget: 5, language: "en" }),
      film(1e8, 1e8, { year: 2009, language: "en" }),
      film(1e8, 1e8),
    ];
    expect(sizes(list, "decade")).toEqual([
      ["1990s", 1],
      ["2000s", 2],
      ["unknown", 1],
    ]);
    expect(sizes(list, "budget")).toEqual([
      ["known", 1],
      ["unknown", 3],
    ]);
    expect(sizes(list, "language")).toEqual([
      ["en", 2],
      ["fr", 1],
      ["unknown", 1],
    ]);
  });

  it("so that each group is scored as if it stood alone", () => {
    const list = sample(40).map((one, i) => ({ ...one, genres: [i % 2 ? "Drama" : "War"] }));
    const { groups, all } = analyse(list);
    const drama = groups.genre.find(({ name }) => name === "Drama")!;
    expect(drama.scores).toEqual(
      scoresOf(
        list.filter((_, i) => i % 2),
        7.5,
        { samples: 30 },
      ),
    );
    expect(all).toEqual(scoresOf(list, 7.5, { samples: 30 }));
  });
});

describe("analysisOf", () => {
  it("survives JSON: no number in it is infinite or missing", () => {
    for (const list of [sample(30), [film(1e7, 1e8)], sample(12).map((one) => ({ ...one, predicted: 1e7 }))]) {
      const analysis = analyse(list);
      expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis);
    }
  });

  it("of a model without intervals has no coverage", () => {
    const { all } = analyse(sample(12).map((one) => ({ ...one, low: null, high: null })));
    expect(all.coverage).toBeNull();
  });

  it("refuses no films", () => {
    expect(() => analyse([])).toThrow("There are no films to analyse: add films, or loosen the filter.");
  });

  it("has every grouping", () => {
    expect(Object.keys(analyse([film(1, 1)]).groups)).toEqual([...GROUPINGS]);
  });
});

describe("largestMisses", () => {
  it("puts the worst factor first, too high or too low, ties by id", () => {
    const list = [
      { ...film(100, 200), id: 4 },
      { ...film(100, 10), id: 3, low: 5, high: 90 },
      { ...film(200, 100), id: 2, year: 1999, low: null, high: null },
      { ...film(100, 100), id: 1 },
    ];
    const misses = largestMisses(list, 3).map(({ id, year, factor, tooHigh, insideInterval }) => [
      id,
      year,
      factor,
      tooHigh,
      insideInterval,
    ]);
    expect(misses).toEqual([
      [3, null, 10, false, false],
      [2, 1999, 2, false, null],
      [4, null, 2, true, true],
    ]);
    expect(largestMisses([])).toEqual([]);
  });
});

describe("pairedDifference", () => {
  const reference = { trainMeanLog10: 7 };

  it("by hand, of the films that both judged", () => {
    // losses 1, 1 and 0, 4: −1 a film; distances from the mean 0 and 4, so 2 · 1 / 4 less in R²
    const first = [film(1e7, 1e8), film(1e9, 1e8)];
    const second = [{ ...first[1]!, predicted: 1e7 }, { ...first[0]!, predicted: 1e7 }, film(1, 1)];
    const { n, mse, r2 } = pairedDifference(first, second, reference, { samples: 20 });
    expect([n, mse.difference, r2.difference]).toEqual([2, -1, 0.5]);
    const swapped = pairedDifference(second, first, reference, { samples: 20 });
    expect([swapped.mse.difference, swapped.r2.difference]).toEqual([1, -0.5]);
  });

  it("is the difference of both predictors' own scores", () => {
    const first = sample(50);
    const second = first.map((one, i) => ({ ...one, predicted: sample(50, 2)[i]!.predicted }));
    const { mse, r2 } = pairedDifference(first, second, { trainMeanLog10: 7.5 }, { samples: 200 });
    const [one, other] = [scoresOf(first, 7.5), scoresOf(second, 7.5)];
    expect(mse.difference).toBeCloseTo(one.mse - other.mse, 12);
    expect(r2.difference).toBeCloseTo(one.r2! - other.r2!, 12);
    expect(mse.ci95![0]).toBeLessThan(mse.difference!);
    expect(mse.ci95![1]).toBeGreaterThan(mse.difference!);
  });

  it("is paired: one and the same predictor leaves no doubt", () => {
    const list = sample(30);
    expect(pairedDifference(list, list, reference, { samples: 20 }).mse).toEqual({ difference: 0, ci95: [0, 0] });
  });

  it("has no R² where every film lies on the training mean", () => {
    const list = [film(1e7, 1e8)];
    expect(pairedDifference(list, [{ ...list[0]!, predicted: 1e7 }], reference).r2).toEqual({
      difference: null,
      ci95: null,
    });
  });

  it("refuses predictors without a film in common, or of different data", () => {
    expect(() => pairedDifference([film(1, 1)], [film(1, 1)], reference)).toThrow("judged no film in common");
    const one = { ...film(5, 1), title: 'A "B"', id: 9 };
    expect(() => pairedDifference([one], [{ ...one, actual: 6 }], reference)).toThrow(
      'The film "A \\"B\\"" (id 9) earned 5 dollars for one predictor and 6 for the other: judge both on the same data.',
    );
  });
});
