import { findingsOf } from "movie-revenue/evaluation/findings";
import { describe, expect, it } from "vitest";

const reference = { trainMeanLog10: 8, trainMedian: 1e8, brackets: { lowMax: 10 ** 7.5, mediumMax: 10 ** 8.5 } };
/** Films of log10 actual `at` whose predictions are off by `error`, a little more for each, so that resamples differ. */
const filmsAt = (at: number, error: number, n = 40) =>
  Array.from({ length: n }, (_, i) => ({
    title: "film",
    actual: 10 ** at,
    predicted: 10 ** (at + error * (1 + i / (10 * n))),
  }));
const judge = (films: ReturnType<typeof filmsAt>) => findingsOf(films, reference, { samples: 200 });
const epochsOf = (losses: number[]) =>
  losses.map((val_loss, i) => ({ epoch: i + 1, train_loss: 1 / (i + 1), val_loss }));
const plateau = (losses: number[]) =>
  findingsOf(filmsAt(8, 0.1), reference, { samples: 5, epochs: epochsOf(losses) })[2]!;

describe("the middle third is predicted best", () => {
  it("holds where both ends have larger errors, with the numbers and those of the training mean", () => {
    const { finding, holds, evidence } = judge([...filmsAt(7, 1), ...filmsAt(8, 0.1), ...filmsAt(9, 0.5)])[0]!;
    expect([finding, holds]).toEqual(["The middle third of revenue is predicted best", true]);
    // the mean of (1 + i/400)² over i = 0 … 39 is 1 + 39/400 + 513.5/160,000 = 1.100709; times 1² − .1², and .5² − .1²;
    // the mean, 8, misses by exactly 1 and 0
    expect(evidence.map(({ value }) => value)).toEqual([
      expect.closeTo(1.089702, 6),
      expect.closeTo(0.26417, 6),
      expect.closeTo(1, 9),
      expect.closeTo(1, 9),
    ]);
    for (const { value, ci95 } of evidence) {
      expect(ci95![0]).toBeLessThanOrEqual(value + 1e-9);
      expect(ci95![1]).toBeGreaterThanOrEqual(value - 1e-9);
    }
  });

  it("fails where one end is predicted better", () => {
    expect(judge([...filmsAt(7, 0.1), ...filmsAt(8, 0.5), ...filmsAt(9, 0.9)])[0]!.holds).toBe(false);
  });

  it("is open where errors are alike, or a third holds too few films", () => {
    expect(judge([...filmsAt(7, 0.5), ...filmsAt(8, -0.5), ...filmsAt(9, 0.9)])[0]!.holds).toBeNull();
    const { holds, evidence } = judge([...filmsAt(7, 1), ...filmsAt(8, 0.1), ...filmsAt(9, 0.5, 9)])[0]!;
    expect(holds).toBeNull();
    expect(evidence.map(({ name }) => name)).toEqual([
      "MSE of the low third less that of the middle",
      "MSE of the low third less that of the middle, by the training mean",
    ]);
  });
});

describe("outliers are predicted worst", () => {
  it("holds or fails by the tenth of films farthest from the training mean", () => {
    // 12 of 120 films lie at 10, two from the mean
    expect(judge([...filmsAt(8, 0.2, 108), ...filmsAt(10, 0.8, 12)])[1]!.holds).toBe(true);
    expect(judge([...filmsAt(8, 0.8, 108), ...filmsAt(10, 0.2, 12)])[1]!.holds).toBe(false);
  });

  it("is open where there are too few films", () => {
    expect(judge([...filmsAt(8, 0.2, 50), ...filmsAt(10, 0.8, 5)])[1]).toMatchObject({ holds: null, evidence: [] });
    expect(judge(filmsAt(8, 0.1, 1))[1]).toMatchObject({ holds: null, evidence: [] });
  });
});

describe("the validation loss reaches a plateau early", () => {
  it("holds where 2 % of the least are reached in the first half of the epochs", () => {
    // the least is 1.00; 1.02 is reached in epoch 2 of 6
    const { holds, evidence } = plateau([2, 1.02, 1.1, 1, 1.3, 1.4]);
    expect(holds).toBe(true);
    expect(evidence.map(({ value }) => value)).toEqual([2, 6, 1.02, 1, 1 / 2, 1 / 6]);
  });

  it("fails where the loss falls until late", () => {
    expect(plateau([6, 5, 4, 3, 2, 1]).holds).toBe(false);
  });

  it.each([[[]], [[3, 2, 1]]])("is open for losses %j", (losses) => {
    expect(plateau(losses).holds).toBeNull();
  });
});

it("findingsOf refuses a prediction that is not a number", () => {
  expect(() => findingsOf([{ title: "film", actual: 1, predicted: Number.NaN }], reference)).toThrow(
    /prediction of NaN/,
  );
});
