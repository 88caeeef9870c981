import fc from "fast-check";
import { UserError } from "movie-revenue/errors";
import { coverageOf } from "movie-revenue/evaluation/conformal";
import { evaluationOf, type Judged, type MetricName, metrics } from "movie-revenue/evaluation/metrics";
import { referenceOf } from "movie-revenue/evaluation/reference";
import { describe, expect, it } from "vitest";
import golden from "./golden/metrics.json" with { type: "json" };

const judge = (actual: number, predicted: number, { low = null, high = null }: Partial<Judged> = {}): Judged => ({
  ...{ id: actual, title: `film ${actual}`, split: "test", actual, predicted, low, high },
});
const reference = { trainMeanLog10: 7, trainMedian: 5e7, brackets: { lowMax: 1e7, mediumMax: 1e8 } };

describe("metrics", () => {
  it("of four films, by hand", () => {
    // log10 actual 7, 8, 9, 7; errors −1, 0, −1, +1 in log10, that is −90 %, 0, −90 %, +900 % in dollars
    const judged = [judge(1e7, 1e6), judge(1e8, 1e8), judge(1e9, 1e8), judge(1e7, 1e8)];
    const { ci95, ...values } = metrics(judged, reference);
    expect(values).toEqual({
      n: 4,
      mse: 3 / 4,
      mae: 3 / 4,
      // Σ(y − 7)² = 0 + 1 + 4 + 0
      r2: 1 - 3 / 5,
      within25: 1 / 4,
      within50: 1 / 4,
      // of .9, 0, .9, 9: the middle two are both .9
      medianError: 0.9,
      // above 50M: the second and third, found; the fourth is called above and is not
      medianSplit: { threshold: 5e7, accuracy: 3 / 4, precision: 2 / 3, recall: 1, f1: 4 / 5 },
    });
    expect(Object.keys(ci95)).toEqual(["mse", "mae", "r2", "within25", "within50", "medianError", "accuracy"]);
  });

  it("counts an error of just 25 % or 50 % as within", () => {
    const judged = [judge(100, 125), judge(100, 75), judge(100, 126), judge(100, 150), judge(100, 49)];
    const { within25, within50 } = metrics(judged, reference);
    expect([within25, within50]).toEqual([2 / 5, 4 / 5]);
  });

  it("a film that earned just the threshold is not above it", () => {
    expect(metrics([judge(5e7, 5e7)], reference).medianSplit).toEqual({
      ...{ threshold: 5e7, accuracy: 1, precision: null, recall: null, f1: null },
    });
  });

  it("has no r2 where every film lies on the training mean", () => {
    const { r2, ci95 } = metrics([judge(1e7, 1e8), judge(1e7, 1e7)], reference);
    expect([r2, ci95.r2]).toEqual([null, null]);
  });

  it("of one film has an interval without width", () => {
    expect(metrics([judge(1e8, 1e7)], reference).ci95.mse).toEqual([1, 1]);
  });

  it.each(golden.cases)("agrees with numpy, intervals included, on $actual.length films", (expected) => {
    const judged = expected.actual.map((actual, i) => judge(actual, expected.predicted[i]!));
    const result = metrics(judged, expected, { samples: golden.samples, seed: expected.seed });
    for (const name of Object.keys(expected.metrics) as MetricName[]) {
      const value = name === "accuracy" ? result.medianSplit.accuracy : result[name];
      expect(value, name).toBeCloseTo(expected.metrics[name], 12);
      expect(result.ci95[name]![0], name).toBeCloseTo(expected.ci95[name][0]!, 12);
      expect(result.ci95[name]![1], name).toBeCloseTo(expected.ci95[name][1]!, 12);
    }
    for (const name of ["precision", "recall", "f1"] as const) {
      expect(result.medianSplit[name], name).toBeCloseTo(expected.medianSplit[name], 12);
    }
  });

  it("refuses to judge nothing", () => {
    expect(() => metrics([], reference)).toThrow("There are no films to judge: add films, or loosen the filter.");
  });

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])("refuses an actual revenue of %d", (actual) => {
    const film = { title: 'a "name"\nof two lines', actual, predicted: 1e7 };
    expect(() => metrics([film], reference)).toThrow(
      'The film "a \\"name\\"\\nof two lines" cannot be judged without a known revenue: leave it out.',
    );
  });

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a prediction of %d", (predicted) => {
    const judging = () => metrics([{ title: "x", actual: 1e7, predicted }], reference);
    expect(judging).toThrow(UserError);
    expect(judging).toThrow(`The film "x" is predicted to earn ${predicted} dollars: the training diverged`);
  });
});

describe("evaluationOf", () => {
  const judged = [
    judge(1e7, 2e7, { low: 1e7, high: 1e8 }),
    judge(1e8, 2e8, { low: 1e6, high: 1e9 }),
    judge(9e7, 1e7, { low: 1e6, high: 2e7 }),
  ];
  const evaluation = evaluationOf(judged, reference, { level: 0.9, samples: 100 });

  it("judges model and baselines on the same films, and brackets by actual revenue", () => {
    expect(evaluation.n).toBe(3);
    expect(evaluation.trainMeanLog10).toBe(7);
    expect(evaluation.model).toEqual(metrics(judged, reference, { samples: 100 }));
    // the mean baseline says 10⁷: log10 errors 0, 1 and log10 9
    expect(evaluation.baselines.mean!.mse).toBeCloseTo((1 + Math.log10(9) ** 2) / 3, 12);
    expect(evaluation.baselines.mean!.r2).toBe(0);
    // the median baseline says 50M: a factor of 5, 2 and 9/5
    const expected = (Math.log10(5) ** 2 + Math.log10(2) ** 2 + Math.log10(1.8) ** 2) / 3;
    expect(evaluation.baselines.median!.mse).toBeCloseTo(expected, 12);
    expect(evaluation.byBracket.low).toEqual(metrics(judged.slice(0, 1), reference, { samples: 100 }));
    expect(evaluation.byBracket.medium!.n).toBe(2);
    expect(evaluation.byBracket.high).toBeNull();
    expect(evaluation.coverageByBracket.low).toEqual(coverageOf(judged.slice(0, 1)));
    expect(evaluation.coverageByBracket.medium).toEqual(coverageOf(judged.slice(1)));
    expect(evaluation.coverageByBracket.high).toBeNull();
  });

  it("sums the intervals up and keeps the bounds of the brackets", () => {
    // 2 of 3 inside; widths 1, 3 and log10 20 = 1.30103
    expect(evaluation.intervals).toMatchObject({ level: 0.9, coverage: 2 / 3 });
    expect(evaluation.intervals.medianWidthLog10).toBeCloseTo(1.30103, 5);
    expect(evaluation.brackets).toEqual(reference.brackets);
  });

  it("the median baseline calls no film above the median, whatever rounding log10 brings", () => {
    for (const trainMedian of [5e7, 31_415_926, 123_456_789.5, 28_000_003]) {
      const { baselines } = evaluationOf(judged, { ...reference, trainMedian }, { level: 0.9, samples: 1 });
      expect(baselines.median!.medianSplit.precision).toBeNull();
    }
  });

  it("takes further baselines", () => {
    const perfect = judged.map(({ actual }) => Math.log10(actual));
    const { baselines, differences } = evaluationOf(judged, reference, {
      level: 0.9,
      baselines: { perfect },
      samples: 50,
    });
    expect(Object.keys(baselines)).toEqual(["mean", "median", "perfect"]);
    expect(baselines.perfect!.mse).toBeCloseTo(0, 20);
    expect(differences.perfect!.mse).toBeCloseTo(evaluation.model.mse, 12);
    expect(() => evaluationOf(judged, reference, { level: 0.9, baselines: { perfect: [7] } })).toThrow(
      "The baseline perfect predicts 1 films where 3 are judged.",
    );
  });

  it.each(golden.cases)("says as numpy does whether $actual.length films beat the mean", (expected) => {
    const films = expected.actual.map((actual, i) => judge(actual, expected.predicted[i]!));
    const options = { level: 0.9, samples: golden.samples, seed: expected.seed };
    const { mean } = evaluationOf(films, referenceOf(expected.train), options).differences;
    expect(mean!.mse).toBeCloseTo(expected.difference.mse, 12);
    expect(mean!.ci95![0]).toBeCloseTo(expected.difference.ci95[0]!, 12);
    expect(mean!.ci95![1]).toBeCloseTo(expected.difference.ci95[1]!, 12);
  });

  it("survives JSON: no NaN, no infinity, for any films", () => {
    const dollars = fc.integer({ min: 1, max: 2 ** 53 - 1 });
    const film = fc.record({ actual: dollars, predicted: dollars });
    fc.assert(
      fc.property(
        fc.array(film, { minLength: 1, maxLength: 8 }),
        fc.array(dollars, { minLength: 1 }),
        (films, train) => {
          const judged = films.map(({ actual, predicted }) => judge(actual, predicted));
          const result = evaluationOf(judged, referenceOf(train), { level: 0.9, samples: 20 });
          expect(JSON.parse(JSON.stringify(result))).toEqual(result);
        },
      ),
    );
  });
});
