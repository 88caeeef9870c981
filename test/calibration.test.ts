import { calibrationOf } from "movie-revenue/evaluation/calibration";
import { driftOf } from "movie-revenue/evaluation/drift";
import { describe, expect, it } from "vitest";
import { golden, largestDifference } from "./golden.ts";

interface Golden {
  samples: number;
  cases: {
    predicted: number[];
    actual: number[];
    years: number[];
    bins: number;
    seed: number;
    slope: number;
    intercept: number;
    slopeInterval: number[];
    interceptInterval: number[];
    binMeans: number[][];
    binIntervals: number[][][];
    perDecade: number;
    perDecadeInterval: number[];
  }[];
}

const { samples, cases } = golden<Golden>("calibration.json");
const film = (predicted: number, actual: number, year: number | null = null) => ({
  title: "film",
  predicted,
  actual,
  year,
});

describe.each(cases)("numpy's numbers for $predicted.length films", (expected) => {
  const films = expected.predicted.map((predicted, i) => film(predicted, expected.actual[i]!, expected.years[i]!));
  const options = { samples, seed: expected.seed };

  it("are the line of actual on predicted, and its intervals", () => {
    const { slope, intercept, ci95 } = calibrationOf(films, options);
    expect(slope).toBeCloseTo(expected.slope, 9);
    expect(intercept).toBeCloseTo(expected.intercept, 8);
    expect(largestDifference(ci95.slope!, expected.slopeInterval)).toBeLessThan(1e-9);
    expect(largestDifference(ci95.intercept!, expected.interceptInterval)).toBeLessThan(1e-8);
  });

  it("are the bins and their intervals", () => {
    const { bins } = calibrationOf(films, { ...options, bins: expected.bins });
    expect(bins).toHaveLength(expected.bins);
    bins.forEach(({ predicted, mean, median, ci95 }, i) => {
      expect(largestDifference([predicted, mean, median], expected.binMeans[i]!)).toBeLessThan(1e-12);
      expect(largestDifference(ci95!.mean!, expected.binIntervals[i]![0]!)).toBeLessThan(1e-12);
      expect(largestDifference(ci95!.median!, expected.binIntervals[i]![1]!)).toBeLessThan(1e-12);
    });
  });

  it("are the drift of the residual", () => {
    const { perDecade, ci95 } = driftOf(films, options);
    expect(perDecade).toBeCloseTo(expected.perDecade, 12);
    expect(largestDifference(ci95!, expected.perDecadeInterval)).toBeLessThan(1e-10);
  });
});

describe("calibrationOf", () => {
  it("finds the slope of predictions that vary twice too much", () => {
    // log10 predicted 6, 7, 8, 9 and actual 7, 7.5, 8, 8.5: y = 4 + x / 2
    const films = [6, 7, 8, 9].map((x) => film(10 ** x, 10 ** (4 + x / 2)));
    const { slope, intercept, ci95, bins } = calibrationOf(films, { bins: 2 });
    expect(slope).toBeCloseTo(0.5, 12);
    expect(intercept).toBeCloseTo(4, 12);
    // fewer than ten films: no interval
    expect(ci95).toEqual({ slope: null, intercept: null });
    expect(bins.map(({ n, ci95 }) => [n, ci95])).toEqual([
      [2, null],
      [2, null],
    ]);
    // (6 + 7) / 2; (7 + 7.5) / 2, twice
    expect([bins[0]!.predicted, bins[0]!.mean, bins[0]!.median].map((value) => value.toFixed(9))).toEqual([
      "6.500000000",
      "7.250000000",
      "7.250000000",
    ]);
  });

  it("has no line for a constant predictor, and one bin", () => {
    const films = Array.from({ length: 30 }, (_, i) => film(63_095_734, 1e7 * (i + 1)));
    const { slope, intercept, ci95, bins } = calibrationOf(films, { samples: 20 });
    expect([slope, intercept, ci95]).toEqual([null, null, { slope: null, intercept: null }]);
    expect(bins.map(({ n }) => n)).toEqual([30]);
  });

  it("never parts equal predictions", () => {
    // ranks 1, 2, 4 (three times), 6 in three bins: ⌊3·.5/6⌋ = 0, ⌊3·1.5/6⌋ = 0, ⌊3·3.5/6⌋ = 1, ⌊3·5.5/6⌋ = 2
    const { bins } = calibrationOf(
      [1, 2, 3, 3, 3, 4].map((predicted) => film(predicted, 10)),
      { bins: 3 },
    );
    expect(bins.map(({ n }) => n)).toEqual([2, 3, 1]);
  });

  it("of a single film has its bin and no line; of none nothing", () => {
    const { bins, slope } = calibrationOf([film(100, 1000)]);
    expect([bins, slope]).toEqual([[{ n: 1, predicted: 2, mean: 3, median: 3, ci95: null }], null]);
    const nothing = { bins: [], slope: null, intercept: null, ci95: { slope: null, intercept: null } };
    expect(calibrationOf([])).toEqual(nothing);
  });

  it.each([
    [Number.NaN, 10, "a prediction of NaN"],
    [0, 10, "a prediction of 0"],
    [10, Number.POSITIVE_INFINITY, "a revenue of Infinity"],
  ])("refuses a film predicted %d that earned %d", (predicted, actual, words) => {
    expect(() => calibrationOf([film(predicted, actual)])).toThrow(
      `The film "film" has ${words} dollars: only amounts above 0 can be judged.`,
    );
  });
});

describe("driftOf", () => {
  it("bins years, and counts the films without one", () => {
    const films = [film(1e8, 1e7, 1999), film(1e7, 1e7, 1994), film(1e7, 1e8, 1995), film(1, 1, null)];
    const { bins, undated, perDecade, ci95 } = driftOf(films);
    expect(bins).toEqual([
      { from: 1990, to: 1994, n: 1, actual: 7, predicted: 7, bias: 0, ci95: null },
      // residuals +1 and −1
      { from: 1995, to: 1999, n: 2, actual: 7.5, predicted: 7.5, bias: 0, ci95: null },
    ]);
    // x 199.9, 199.4, 199.5 (mean 199.6), y 1, 0, −1: Σ dx·dy = .3 + .1, Σ dx² = .09 + .04 + .01
    expect(perDecade).toBeCloseTo(0.4 / 0.14, 9);
    expect([undated, ci95]).toEqual([1, null]);
  });

  it("has no trend within one year, and nothing of nothing", () => {
    expect(driftOf([film(1, 2, 2000), film(2, 2, 2000)]).perDecade).toBeNull();
    expect(driftOf([film(1, 2)])).toEqual({ bins: [], undated: 1, perDecade: null, ci95: null });
  });
});
