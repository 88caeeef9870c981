import fc from "fast-check";
import { UserError } from "movie-revenue/errors";
import {
  conformalWidth,
  coverageOf,
  cvPlusInterval,
  intervalAround,
  intervalSummary,
  mondrianWidths,
  scaledWidth,
  wilsonInterval,
} from "movie-revenue/evaluation/conformal";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";
import { golden } from "./golden.ts";

interface Golden {
  levels: number[];
  cases: {
    residuals: number[];
    difficulty: number[];
    folds: number[];
    foldLog10: number[];
    plain: (number | null)[];
    scaled: (number | null)[];
    cvPlus: ([number, number] | null)[];
  }[];
}

const { levels, cases } = golden<Golden>("conformal.json");

describe.each(cases)(
  "numpy's widths of $residuals.length films",
  ({ residuals, difficulty, folds, foldLog10, ...expected }) => {
    it.each(levels.map((level, i) => [level, i] as const))("at level %d", (level, i) => {
      expect(conformalWidth(residuals, level)).toBe(expected.plain[i]);
      expect(scaledWidth(residuals, difficulty, level)).toBe(expected.scaled[i]);
      expect(cvPlusInterval(foldLog10, { residuals, folds }, level)).toEqual(expected.cvPlus[i]);
    });
  },
);

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

/** How often `interval` holds a drawn value, over 400 calibrations of 50 new films each. */
function simulate(calibrate: () => () => boolean): number {
  let covered = 0;
  for (let i = 0; i < 400; i++) {
    const draw = calibrate();
    for (let k = 0; k < 50; k++) covered += Number(draw());
  }
  return covered / 20_000;
}

describe("scaledWidth", () => {
  it("measures residuals in difficulties", () => {
    // |r| / σ = 1, 2, 3, 4: at .6 the ⌈5 · .6⌉ = 3rd
    expect(scaledWidth([0.5, -0.2, 3, 0.4], [0.5, 0.1, 1, 0.1], 0.6)).toBe(3);
  });

  it("covers as promised, and easy films by narrow intervals as often as hard ones", () => {
    const random = new Random(5);
    const film = () => (random.double() < 0.5 ? 0.1 : 1);
    const draws = { easy: [0, 0], hard: [0, 0] };
    const coverage = simulate(() => {
      const difficulty = Array.from({ length: 50 }, film);
      const width = scaledWidth(
        difficulty.map((scale) => scale * random.normal()),
        difficulty,
        0.8,
      )!;
      return () => {
        const scale = film();
        const inside = Math.abs(scale * random.normal()) <= width * scale;
        const counts = draws[scale === 1 ? "hard" : "easy"];
        counts[0]! += Number(inside);
        counts[1]! += 1;
        return inside;
      };
    });
    // .8 ≤ coverage < .8 + 1/51; one error is √(.16/20,000 + .8·.2/51/400) = .004, so three are .012
    for (const [inside, n] of [[coverage, 1], draws.easy, draws.hard]) {
      expect(inside! / n!).toBeGreaterThan(0.78);
      expect(inside! / n!).toBeLessThan(0.84);
    }
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a difficulty of %d", (scale) => {
    expect(() => scaledWidth([1, 2], [1, scale], 0.8)).toThrow(`The difficulty of film 1 is ${scale}`);
  });
});

describe("mondrianWidths", () => {
  it("takes each group's own width, none where it is too small, and that of all", () => {
    // of all: ⌈6 · .5⌉ = 3rd of .1 .2 .3 5 9; a: ⌈4 · .5⌉ = 2nd of .1 .2 .3; b: ⌈3 · .5⌉ = 2nd of 5 9
    const { all, byGroup } = mondrianWidths([0.1, -5, 0.3, -0.2, 9], ["a", "b", "a", "a", "b"], 0.5);
    expect(all).toBe(0.3);
    expect([...byGroup]).toEqual([
      ["a", 0.2],
      ["b", 9],
    ]);
    expect(mondrianWidths([1, 2, 3, 4], ["a", "a", "a", "__proto__"], 0.7).byGroup.get("__proto__")).toBeNull();
  });

  it("covers each group as promised, where one width for all would not", () => {
    const random = new Random(6);
    const noise = { a: () => 0.1 * random.normal(), b: () => random.normal() };
    const one = { a: 0, b: 0 };
    for (const group of ["a", "b"] as const) {
      const coverage = simulate(() => {
        const residuals = Array.from({ length: 100 }, (_, i) => noise[i % 2 ? "a" : "b"]());
        const widths = mondrianWidths(
          residuals,
          residuals.map((_, i) => (i % 2 ? "a" : "b")),
          0.8,
        );
        return () => {
          const error = Math.abs(noise[group]());
          one[group] += Number(error <= widths.all!);
          return error <= widths.byGroup.get(group)!;
        };
      });
      expect(coverage).toBeGreaterThan(0.78);
      expect(coverage).toBeLessThan(0.84);
    }
    // one width covers every easy film and about .6 of the others
    expect(one.a / 20_000).toBeGreaterThan(0.99);
    expect(one.b / 20_000).toBeLessThan(0.7);
  });
});

describe("cvPlusInterval", () => {
  it("takes the ends from every fold's model and its residuals", () => {
    // two folds predict 1 and 2. 1 − 0.1, 1 − 0.4, 2 − 0.2, 2 − 0.3 = .9 .6 1.8 1.7, and sums 1.1 1.4 2.2 2.3;
    // at .6 the ⌈5 · .6⌉ = 3rd: from below the ⌊5 · .4⌋ = 2nd smallest difference, .9, and the 3rd sum, 2.2
    const films = { residuals: [0.1, -0.4, 0.2, -0.3], folds: [0, 0, 1, 1] };
    const [low, high] = cvPlusInterval([1, 2], films, 0.6)!;
    expect(low).toBeCloseTo(0.9, 12);
    expect(high).toBeCloseTo(2.2, 12);
    expect(cvPlusInterval([1, 2], films, 0.9)).toBeNull();
  });

  it("is the plain interval where all folds agree", () => {
    const residuals = [0.3, -0.1, 0.2, 0.4];
    const width = conformalWidth(residuals, 0.6)!;
    const [low, high] = cvPlusInterval([5, 5], { residuals, folds: [0, 1, 0, 1] }, 0.6)!;
    expect(low).toBeCloseTo(5 - width, 12);
    expect(high).toBeCloseTo(5 + width, 12);
  });

  it("covers about as promised where each fold's model is the mean of the others", () => {
    const random = new Random(7);
    const coverage = simulate(() => {
      const values = Array.from({ length: 50 }, () => random.normal());
      const folds = values.map((_, i) => i % 5);
      const foldLog10 = [0, 1, 2, 3, 4].map((fold) => {
        const others = values.filter((_, i) => folds[i] !== fold);
        return others.reduce((sum, value) => sum + value, 0) / others.length;
      });
      const residuals = values.map((value, i) => value - foldLog10[folds[i]!]!);
      const [low, high] = cvPlusInterval(foldLog10, { residuals, folds }, 0.8)!;
      return () => {
        const value = random.normal();
        return low <= value && value <= high;
      };
    });
    expect(coverage).toBeGreaterThan(0.78);
    expect(coverage).toBeLessThan(0.84);
  });

  it("refuses a fold without a prediction", () => {
    expect(() => cvPlusInterval([1], { residuals: [1, 2], folds: [0, 1] }, 0.5)).toThrow(UserError);
  });
});

describe("every kind of width", () => {
  it("refuses errors that are no numbers, and lists that do not match", () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => conformalWidth([1, wrong], 0.5)).toThrow("An error of the model is not a number");
    expect(() => scaledWidth([1], [1, 2], 0.5)).toThrow(
      "There are 1 residuals and 2 difficulties: give one for each film.",
    );
    expect(() => mondrianWidths([1], [], 0.5)).toThrow(UserError);
    expect(() => cvPlusInterval([1], { residuals: [1], folds: [] }, 0.5)).toThrow(UserError);
  });

  it("of a single film holds at half, not above; of a model without error is 0", () => {
    // ⌈2 · .5⌉ = 1st of 1; ⌈2 · .51⌉ = 2nd, which is not there
    expect([conformalWidth([0.3], 0.5), conformalWidth([0.3], 0.51)]).toEqual([0.3, null]);
    expect(conformalWidth(new Float64Array(20), 0.8)).toBe(0);
  });
});

describe("wilsonInterval", () => {
  it.each([
    // Newcombe 1998, Statistics in Medicine 17, table I, method 3
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("of %d in %d is %d to %d", (hits, n, low, high) => {
    const [from, to] = wilsonInterval(hits, n);
    expect(from).toBeCloseTo(low, 4);
    expect(to).toBeCloseTo(high, 4);
  });
});

describe("coverageOf", () => {
  it("counts, with the interval of the count", () => {
    const film = (actual: number) => ({ actual, low: 10, high: 1000 });
    const judged = [...Array.from({ length: 28 }, () => film(9)), film(10), { actual: 5, low: null, high: null }];
    // 1 of 29, the width 2: the interval as above
    expect(coverageOf(judged)).toEqual({ n: 29, coverage: 1 / 29, ci95: wilsonInterval(1, 29), medianWidthLog10: 2 });
  });

  it("is null without an interval", () => {
    expect(coverageOf([{ actual: 5, low: null, high: null }])).toBeNull();
    expect(coverageOf([])).toBeNull();
  });
});
