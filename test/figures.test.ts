import type { Evaluation, Judged, Metrics } from "movie-revenue/evaluation/metrics";
import type { RankedPrediction } from "movie-revenue/evaluation/ranking";
import {
  baselineComparison,
  errorByBracket,
  keptAndDropped,
  lossCurves,
  predictedAgainstActual,
  ranking,
  residuals,
  revenueDistribution,
  splitDistribution,
} from "movie-revenue/reporting/figures";
import type { Figure } from "movie-revenue/reporting/view";
import { describe, expect, it } from "vitest";

interface Trace {
  name?: string;
  x: (number | null)[];
  y: (number | null)[];
  base?: number[];
  text?: string[];
  hovertext: string[];
  [key: string]: unknown;
}

/** Labels as a reader sees them. */
const read = (text: unknown) => String(text).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
const traces = (figure: Figure) => figure.data as Trace[];
const named = (figure: Figure, start: string) => traces(figure).find(({ name }) => name?.startsWith(start))!;
const notes = ({ layout }: Figure) => read((layout as { title: { subtitle: { text: string } } }).title.subtitle.text);
const said = ({ layout }: Figure) => read(JSON.stringify((layout as { annotations: { text: string }[] }).annotations));

describe("revenueDistribution", () => {
  // log10: 7, 7, 8, 9, so mean 7.75; squares .5625 .5625 .0625 1.5625, their mean .6875, its root .829
  const figure = revenueDistribution([1e7, 1e7, 1e8, 1e9]);
  const [dollars, logs] = traces(figure) as [Trace, Trace];

  it("counts films in equal bins of dollars", () => {
    // 1e9 / 50 bins = 2e7: bins 0 (10M twice), 5 (100M) and 50 (1B); centres half a bin further
    const full = dollars.y.flatMap((count, i) => (count ? [[dollars.x[i], count]] : []));
    expect(full).toEqual([
      [1e7, 2],
      [1.1e8, 1],
      [1.01e9, 1],
    ]);
    expect(read(dollars.hovertext[0])).toBe("$0 – $20M · 2 films (50.0%)");
  });

  it("counts them in tenths of log10 dollars", () => {
    expect([logs.y[0], logs.y[10], logs.y[20], logs.y.length]).toEqual([2, 1, 1, 21]);
    // 10^7.1 = 12.6M
    expect(read(logs.hovertext[0])).toBe("$10M – $12.6M · 2 films (50.0%)");
  });

  it("says mean, median and spread", () => {
    // dollars: mean 1,120M / 4 = 280M, median (10M + 100M) / 2; 10^7.75 = 56.2M
    for (const words of ["mean $280M", "median $55M", "mean 7.750 ($56.2M)", "sd 0.829"])
      expect(said(figure)).toContain(words);
  });

  it("gives zero dollars the log10 of 0, as the pipeline does", () => {
    expect(traces(revenueDistribution([0, 1e7]))[1]!.x[0]).toBeCloseTo(0.05, 9);
  });
});

describe("keptAndDropped", () => {
  const report = {
    rows: 100,
    invalid: [{ reason: "no id" }, { reason: "no title" }, { reason: "no title" }],
    aboveThreshold: 60,
    duplicates: { sameBytes: 5, samePicture: 7, otherArtwork: 8 },
    films: 40,
    splits: { train: 32, validation: 4, test: 4 },
  };
  const bars = (figure: Figure) => traces(figure).map(({ base, x, text }) => [base![0], x[0], text![0]]);

  it("steps from rows read down to films kept", () => {
    // 100 − 3 − 37 − 5 − 7 − 8 = 40, then the splits side by side
    expect(bars(keptAndDropped(report))).toEqual([
      [0, 100, "100 rows"],
      [97, 3, "−3"],
      [60, 37, "−37"],
      [55, 5, "−5"],
      [48, 7, "−7"],
      [40, 8, "−8"],
      [0, 32, ""],
      [32, 4, ""],
      [36, 4, "40 films"],
    ]);
  });

  it("tells the commonest reasons of invalid rows on hover", () => {
    const hover = traces(keptAndDropped(report))[1]!.hovertext[0];
    expect(hover).toBe("Invalid rows: 3 rows (3.0%)<br>2 × no title; 1 × no id");
  });

  it("splits what the filter dropped by reason where that is known and adds up", () => {
    const names = (dropped: Record<string, number>) =>
      (keptAndDropped({ ...report, dropped }).layout as { yaxis: { ticktext: string[] } }).yaxis.ticktext;
    expect(names({ "unknown revenue": 7, "low revenue": 30, "low budget": 0 }).slice(2, 4)).toEqual([
      "Unknown revenue",
      "Low revenue",
    ]);
    expect(names({ "unknown revenue": 7 })[2]).toBe("Revenue too low or unknown");
  });

  it("shows rows that no reason accounts for", () => {
    const figure = keptAndDropped({ ...report, films: 38 });
    expect(bars(figure)[6]).toEqual([38, 2, "−2"]);
  });
});

describe("splitDistribution", () => {
  const figure = splitDistribution({ train: [4e7, 1e7, 3e7, 2e7], validation: [1e7, 4e7], test: [] });

  it("draws the share of films up to each revenue", () => {
    const train = named(figure, "train");
    expect([train.x, train.y]).toEqual([
      [1e7, 2e7, 3e7, 4e7],
      [0.25, 0.5, 0.75, 1],
    ]);
    expect(read(train.hovertext[1])).toBe("train · 50% of films earn $20M or less");
  });

  it("draws the quartiles", () => {
    // numpy.quantile([1, 2, 3, 4], [.25, .5, .75]) = 1.75, 2.5, 3.25
    const box = traces(figure).find(({ type }) => type === "box")!;
    expect([box.q1, box.median, box.q3]).toEqual([[1.75e7], [2.5e7], [3.25e7]]);
  });

  it("says the largest gap and what chance allows, and leaves out an empty split", () => {
    // after $10M: 1/4 against 1/2; chance: 1.3581 · √((4 + 2) / (4 · 2)) = 1.176
    expect(notes(figure)).toBe("Largest gap to train: validation 25.0% (chance alone: up to 117.6%)");
  });
});

describe("lossCurves", () => {
  const epochs = [
    { epoch: 1, train_loss: 6.2, val_loss: 0.4, lr: 2e-4 },
    { epoch: 2, train_loss: 0.3, val_loss: 0.2, lr: 2e-4 },
    { epoch: 3, train_loss: 0.25, val_loss: null, lr: 1e-4 },
    { epoch: 4, train_loss: 0.2, val_loss: 0.22, lr: 1e-4 },
  ];
  const figure = lossCurves(epochs, { baseline: 0.25 });

  it("draws both losses, the baseline and the learning rate", () => {
    expect(named(figure, "train").y).toEqual([6.2, 0.3, 0.25, 0.2]);
    expect(named(figure, "validation").y).toEqual([0.4, 0.2, null, 0.22]);
    expect(named(figure, "training-mean baseline (0.250)").y).toEqual([0.25, 0.25]);
    expect(traces(figure).at(-1)).toMatchObject({ yaxis: "y2", y: [2e-4, 2e-4, 1e-4, 1e-4] });
  });

  it("marks the epoch of the least validation loss", () => {
    expect(named(figure, "best epoch")).toMatchObject({ x: [2], y: [0.2] });
    // 1 − .20 / .25
    expect(notes(figure)).toContain("Best: epoch 2, validation MSE 0.200, 20.0% below the training-mean baseline's");
  });

  it("lets no single loss flatten the rest, and names it", () => {
    // losses .2 .2 .22 .25 .25 .3 .4 6.2: median .25, so above .75 is off the chart; top .4 + .08 · (.4 − .2)
    const [low, high] = (figure.layout as { yaxis: { range: number[] } }).yaxis.range as [number, number];
    expect([low, high]).toEqual([expect.closeTo(0.184, 9), expect.closeTo(0.416, 9)]);
    expect(notes(figure)).toContain("Above the chart: epoch 1 (train 6.20, validation 0.40)");
  });

  it("draws what there is without baseline or validation", () => {
    const bare = lossCurves([{ epoch: 1, train_loss: 0.3, val_loss: null, lr: 1e-3 }]);
    expect(notes(bare)).toBe("No validation loss was recorded.");
    expect(bare.data).toHaveLength(3);
    // a line of one point would not be seen
    expect(traces(bare).map(({ mode }) => mode)).toEqual(["lines+markers", "lines+markers", "markers"]);
  });

  it("shows a model solved at once as bars, without a learning rate", () => {
    const solved = lossCurves([{ epoch: 1, train_loss: 0.067, val_loss: 0.117, lr: 0 }], { baseline: 0.24 });
    const bars = traces(solved).map(({ type, name, x }) => [type, name, x[0]]);
    expect(bars).toEqual([
      ["bar", "train", 0.067],
      ["bar", "validation", 0.117],
      ["bar", "training-mean baseline", 0.24],
    ]);
    // 1 − .117 / .24 = .5125
    expect(notes(solved)).toBe("Validation MSE 0.117, 51.2% below the training-mean baseline's");
    expect(Object.keys(solved.layout)).not.toContain("yaxis2");
  });
});

const film = (title: string, actual: number, predicted: number, ends: [number, number] | null = null): Judged => ({
  ...{ id: 1, title, split: "test", actual, predicted, low: ends?.[0] ?? null, high: ends?.[1] ?? null },
});
const judged = [
  film("Titanic", 2.2e9, 1.2e8, [3e7, 4.8e8]),
  film("Near", 1e8, 1.2e8, [3e7, 4.8e8]),
  film("Half", 1e8, 6e7, [1.5e7, 2.4e8]),
  film("Unknown", 0, 5e7, [1e7, 1e8]),
];

describe("predictedAgainstActual", () => {
  const figure = predictedAgainstActual(judged, { level: 0.8, trainMeanLog10: 8 });

  it("tells films inside their interval from those outside", () => {
    expect(named(figure, "inside the 80% interval (2)")).toMatchObject({ x: [1e8, 1e8], y: [1.2e8, 6e7] });
    expect(named(figure, "outside the 80% interval (1)")).toMatchObject({ x: [2.2e9], y: [1.2e8] });
  });

  it("reads well on hover", () => {
    expect(read(named(figure, "outside").hovertext[0])).toBe(
      "Titanic · predicted $120M · actual $2.2B<br>80% interval $30M – $480M<br>18× too low",
    );
  });

  it("counts the films within each band", () => {
    // off by 20% and 40%: one of three within 25%, two of three within 50%
    const [half, quarter] = [
      named(figure, "within 50% (66.7% of films)"),
      named(figure, "within 25% (33.3% of films)"),
    ];
    const [low, high] = [half.x[0]!, half.x[1]!];
    expect(half.y).toEqual([low * 0.5, high * 0.5, high * 1.5, low * 1.5]);
    expect(quarter.y).toEqual([low * 0.75, high * 0.75, high * 1.25, low * 1.25]);
  });

  it("draws the identity and the training mean", () => {
    const identity = traces(figure)[2]!;
    expect(identity.y).toEqual(identity.x);
    expect(read(named(figure, "training mean").name)).toBe("training mean ($100M)");
    expect(named(figure, "training mean").y).toEqual([1e8, 1e8]);
  });

  it("says who is left out", () => {
    expect(notes(figure)).toContain("Left out: 1 film without a revenue above zero");
  });

  it("needs neither intervals nor a level", () => {
    const bare = predictedAgainstActual([film("A", 1e8, 1e8)]);
    expect(named(bare, "films (1)").hovertext).toEqual(["A · predicted &#36;100M · actual &#36;100M<br>exact"]);
  });
});

describe("residuals", () => {
  // log10(.1) = −1, log10(2) = .301, log10(1) = 0
  const figure = residuals([film("A", 1e8, 1e7), film("B", 1e8, 2e8), film("C", 1e8, 1e8)]);
  const [bars] = traces(figure) as [Trace];

  it("counts errors in tenths of log10 dollars", () => {
    const full = bars.y.flatMap((count, i) => (count ? [[bars.x[i], count]] : []));
    expect(full).toEqual([
      [expect.closeTo(-0.95, 9), 1],
      [expect.closeTo(0.05, 9), 1],
      [expect.closeTo(0.35, 9), 1],
    ]);
    expect(bars.hovertext[0]).toBe("−1.0 to −0.9 (÷10 to ÷7.9) · 1 film (33.3%)");
  });

  it("says bias, spread and direction", () => {
    // mean (−1 + .30103 + 0) / 3 = −.233; squares .588 .285 .054, mean .309, root .556
    expect(notes(figure)).toBe("Mean error −0.233, sd 0.556 log10 dollars; 33.3% of predictions are too low");
  });
});

const metrics = (mse: number, ends: [number, number] | null, n = 10): Metrics => ({
  ...{ n, mse, mae: 0.4, r2: 0.05, within25: 0.178, within50: 0.356, medianError: 0.6 },
  medianSplit: { threshold: 6e7, accuracy: 0.578, precision: 0.5, recall: 0.5, f1: 0.5 },
  ci95: { mse: ends, mae: null, r2: null, within25: null, within50: null, medianError: null, accuracy: null },
});
const evaluation: Evaluation = {
  n: 30,
  trainMeanLog10: 7.8,
  model: metrics(0.21, [0.18, 0.25], 30),
  baselines: { mean: metrics(0.24, [0.2, 0.29], 30), median: metrics(0.25, null, 30) },
  differences: { mean: { mse: -0.03, ci95: [-0.05, -0.01] }, median: { mse: -0.04, ci95: null } },
  intervals: { level: 0.8, coverage: 0.81, medianWidthLog10: 1.2 },
  brackets: { lowMax: 3e7, mediumMax: 1.2e8 },
  byBracket: { low: metrics(0.3, [0.25, 0.4], 12), medium: null, high: metrics(0.4, [0.3, 0.45], 18) },
  coverageByBracket: { low: null, medium: null, high: null },
};

describe("errorByBracket", () => {
  const figure = errorByBracket(evaluation);

  it("draws each bracket with its interval and leaves out an empty one", () => {
    const bars = named(figure, "model");
    expect(bars).toMatchObject({ x: [0, 1], y: [0.3, 0.4] });
    const { array, arrayminus } = bars.error_y as { array: number[]; arrayminus: number[] };
    expect(array).toEqual([expect.closeTo(0.1, 9), expect.closeTo(0.05, 9)]);
    expect(arrayminus).toEqual([expect.closeTo(0.05, 9), expect.closeTo(0.1, 9)]);
    expect(notes(figure)).toContain("Left out, for no film lies there: medium");
  });

  it("names the brackets in dollars and the lines in the legend", () => {
    const { ticktext } = (figure.layout as { xaxis: { ticktext: string[] } }).xaxis;
    expect(ticktext.map(read)).toEqual(["low: up to $30M<br>12 films", "high: above $120M<br>18 films"]);
    expect(named(figure, "training-mean baseline (0.240)").y).toEqual([0.24, 0.24]);
    expect(named(figure, "all films (0.210)").y).toEqual([0.21, 0.21]);
  });
});

describe("baselineComparison", () => {
  const figure = baselineComparison(evaluation);

  it("stands the best on top, with its interval", () => {
    const ticks = (figure.layout as { yaxis: { ticktext: string[] } }).yaxis.ticktext;
    expect(ticks.map((tick) => tick.split(" ")[0])).toEqual(["model", "mean", "median"]);
    expect(named(figure, "baseline")).toMatchObject({ x: [0.24, 0.25], y: [1, 2] });
    // a baseline without an interval has whiskers of no length
    const { array } = named(figure, "baseline").error_x as { array: number[] };
    expect(array).toEqual([expect.closeTo(0.05, 9), 0]);
  });

  it("says the paired difference and reads well on hover", () => {
    expect(notes(figure)).toContain("Model less mean: MSE −0.030 (95%: −0.050 to −0.010)");
    expect(named(figure, "model").hovertext[0]).toBe(
      "model · MSE 0.2100 (95%: 0.180 to 0.250)<br>R² 0.050 · within 25% 17.8% · within 50% 35.6%",
    );
  });
});

describe("ranking", () => {
  const row = (
    file: string,
    predicted: number,
    actual: number | null,
    places: [number, number | null],
  ): RankedPrediction => ({
    ...{ file, title: file.toUpperCase(), predicted, actual, low: predicted / 2, high: predicted * 2 },
    ...{ predictedRank: places[0], actualRank: places[1], error: null },
  });
  const rows = [row("b", 1e8, 4e8, [2, 1]), row("a", 2e8, 1e8, [1, 2]), row("c", 5e7, null, [3, null])];
  const figure = ranking(rows, { posters: { b: "data:image/jpeg;base64,AA==", a: "https://example.org/a.jpg" } });

  it("sorts by predicted rank, the first on top", () => {
    const { ticktext, range } = (figure.layout as { yaxis: { ticktext: string[]; range: number[] } }).yaxis;
    expect(ticktext).toEqual(["1. A", "2. B", "3. C"]);
    expect(range[0]).toBeGreaterThan(range[1]!);
    expect(traces(figure).at(-2)).toMatchObject({ name: "predicted", x: [2e8, 1e8, 5e7], y: [0, 1, 2] });
  });

  it("joins prediction and actual, by direction, where the actual is known", () => {
    const high = traces(figure).find(({ name }) => name === "predicted too high (1)")!;
    const low = traces(figure).find(({ name }) => name === "predicted too low (1)")!;
    expect([high.x, high.y]).toEqual([
      [2e8, 1e8, null],
      [0, 0, null],
    ]);
    expect([low.x, low.y]).toEqual([
      [1e8, 4e8, null],
      [1, 1, null],
    ]);
    expect(named(figure, "actual")).toMatchObject({ x: [1e8, 4e8], y: [0, 1] });
  });

  it("draws the intervals and tells all on hover", () => {
    expect(named(figure, "interval").x.slice(0, 3)).toEqual([1e8, 4e8, null]);
    expect(traces(figure).at(-2)!.hovertext.map(read)).toEqual([
      "A · predicted $200M · actual $100M<br>interval $100M – $400M<br>ranked 1, actually 2 · 2.0× too high<br>a",
      "B · predicted $100M · actual $400M<br>interval $50M – $200M<br>ranked 2, actually 1 · 4.0× too low<br>b",
      "C · predicted $50M · actual unknown<br>interval $25M – $100M<br>ranked 3<br>c",
    ]);
  });

  it("hangs embedded posters only: nothing is fetched", () => {
    expect((figure.layout as { images: object[] }).images).toMatchObject([
      { source: "data:image/jpeg;base64,AA==", y: 1 },
    ]);
  });
});

describe("without data", () => {
  it.each<[string, () => Figure]>([
    ["revenueDistribution", () => revenueDistribution([])],
    ["splitDistribution", () => splitDistribution({ train: [] })],
    ["lossCurves", () => lossCurves([])],
    ["predictedAgainstActual", () => predictedAgainstActual([])],
    ["residuals", () => residuals([film("A", 0, 1)])],
    ["ranking", () => ranking([])],
    ["errorByBracket", () => errorByBracket({ ...evaluation, byBracket: { low: null, medium: null, high: null } })],
  ])("%s says so", (_, draw) => {
    expect(said(draw())).toMatch(/no film|No film|No epoch|No bracket/);
  });
});
