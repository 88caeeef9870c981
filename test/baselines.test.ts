import type { Film } from "movie-revenue/catalogue/film";
import { UserError } from "movie-revenue/errors";
import { constantBaseline, meanBaseline, medianBaseline } from "movie-revenue/evaluation/baselines";
import { describe, expect, it } from "vitest";

const films = [{}, {}, {}] as Film[];

describe("baselines", () => {
  it.each([
    // (7 + 7 + 9 + 8) / 4, and the middle of 7, 7, 8, 9
    [meanBaseline([7, 7, 9, 8]), "mean", 7.75],
    [medianBaseline([7, 7, 9, 8]), "median", 7.5],
    [constantBaseline("7", 7), "7", 7],
  ])("%o predicts one number for every film", (baseline, name, log10Dollars) => {
    expect(baseline.name).toBe(name);
    expect(baseline.predict(films)).toEqual(Float64Array.of(log10Dollars, log10Dollars, log10Dollars));
    expect(baseline.predict([])).toHaveLength(0);
  });

  it("need training films", () => {
    for (const make of [meanBaseline, medianBaseline]) {
      expect(() => make([])).toThrow(UserError);
      expect(() => make([])).toThrow("There are no training films to make a baseline from: add films.");
    }
  });
});
