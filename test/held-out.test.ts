import { type HeldOut, scoreHeldOut } from "movie-revenue/evaluation/held-out";
import { expect, it } from "vitest";

const film = (id: number, actual: number, predicted: number, trainMeanLog10: number): HeldOut => ({
  ...{ id, title: `Film ${id}`, fold: id % 2, actual, predicted, trainMeanLog10 },
});

it("judges each film against the mean of its own fold's training films", () => {
  // residuals −1, 0 and 1; distances from the means 7 − 8, 7 − 7 and 8 − 6
  const films = [film(1, 1e7, 1e6, 8), film(2, 1e7, 1e7, 7), film(3, 1e8, 1e9, 6)];
  const { n, mse, r2, ci95 } = scoreHeldOut(films);
  expect(n).toBe(3);
  expect(mse).toBeCloseTo(2 / 3, 12);
  // 1 − (1 + 0 + 1) / (1 + 0 + 4)
  expect(r2).toBeCloseTo(3 / 5, 12);
  // drawn three times, it is film 2 alone in 1 of 27 samples, more than the fortieth below the interval, and never in 8
  expect(ci95.mse).toEqual([0, 1]);
});

it("has no R² where every film lies on the mean, and refuses a prediction that is no amount", () => {
  expect(scoreHeldOut([film(1, 1e7, 1e8, 7)], { samples: 10 })).toEqual({
    ...{ n: 1, mse: 1, r2: null },
    ci95: { mse: [1, 1], r2: null },
  });
  expect(() => scoreHeldOut([film(1, 1e7, Number.NaN, 7)])).toThrow('The film "Film 1" has a prediction of NaN');
});
