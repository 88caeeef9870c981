import fc from "fast-check";
import { conformalWidth, intervalAround, intervalSummary } from "movie-revenue/evaluation/conformal";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";

describe("conformalWidth", () => {
  it.each([
    // n = 9: ⌈10 · 0.8⌉ = 8th smallest of |r|; ⌈10 · 0.9⌉ = 9th, the largest; ⌈10 · 0.95⌉ = 10th, which is not there
    [9, 0.8, 0.8],
    [9, 0.9, 0.9],
    [9, 0.95, null],
    // ⌈20 · 0.9⌉ = 18th of 19
    [19, 0.9, 1.8],
    // 100 · 0.55 is 55.00000000000001 in doubles, yet the 55th is meant
    [99, 0.55, 5.5],
    [0, 0.9, null],
  ])("of %d residuals at level %d is %j", (n, level, expected) => {
    // residuals 0.1, −0.2, 0.3, …: the k-th smallest size is k / 10
    const residuals = Array.from({ length: n }, (_, i) => ((-1) ** i * (n - i)) / 10);
    expect(conformalWidth(residuals, level)).toBe(expected);
  });

  it("covers new films as often as promised, whatever the errors' distribution", () => {
    const random = new Random(17);
    const draw = { normal: () => random.normal(), cubed: () => random.normal() ** 3, uniform: () => random.double() };
    for (const noise of Object.values(draw)) {
      for (const level of [0.5, 0.8, 0.9]) {
        // 400 calibrations of 50 residuals, 50 new films each: level ≤ coverage < level + 1/51, give or take 3 errors
        let covered = 0;
        for (let i = 0; i < 400; i++) {
          const width = conformalWidth(Array.from({ length: 50 }, noise), level)!;
          for (let k = 0; k < 50; k++) covered += Number(Math.abs(noise()) <= width);
        }
        const coverage = covered / 20_000;
        expect(coverage).toBeGreaterThan(level - 0.015);
        expect(coverage).toBeLessThan(level + 1 / 51 + 0.015);
      }
    }
  });

  it("is a residual's size that at least ⌈(n + 1)·level⌉ residuals do not exceed", () => {
    const residuals = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(residuals, fc.integer({ min: 1, max: 99 }), (errors, percent) => {
        const width = conformalWidth(errors, percent / 100);
        const rank = Math.ceil(((errors.length + 1) * percent) / 100);
        if (rank > errors.length) {
          expect(width).toBeNull();
          return;
        }
        expect(errors.filter((error) => Math.abs(error) <= width!).length).toBeGreaterThanOrEqual(rank);
        expect(errors.filter((error) => Math.abs(error) < width!).length).toBeLessThan(rank);
      }),
    );
  });
});

describe("intervalAround", () => {
  it("reaches as many powers of ten to both sides", () => {
    expect(intervalAround(5e7, 1)).toEqual({ low: 5e6, high: 5e8 });
  });

  it("is unknown without a width", () => {
    expect(intervalAround(5e7, null)).toEqual({ low: null, high: null });
  });
});

describe("intervalSummary", () => {
  it("counts the actual revenues inside, ends included, and takes the middle width", () => {
    const judged = [
      { actual: 10, low: 10, high: 100 },
      { actual: 1000, low: 10, high: 1000 },
      { actual: 9, low: 10, high: 10_000 },
      { actual: 1001, low: 1, high: 1000 },
      // without an interval: not counted
      { actual: 5, low: null, high: null },
    ];
    // 2 of 4 inside; widths 1, 2, 3, 3 have their middle at 2.5
    expect(intervalSummary(judged, 0.9)).toEqual({ level: 0.9, coverage: 0.5, medianWidthLog10: 2.5 });
  });

  it("is unknown where no film has an interval", () => {
    const expected = { level: 0.8, coverage: null, medianWidthLog10: null };
    expect(intervalSummary([{ actual: 5, low: null, high: null }], 0.8)).toEqual(expected);
    expect(intervalSummary([], 0.8)).toEqual(expected);
  });
});
