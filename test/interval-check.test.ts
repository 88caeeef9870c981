import type { HeldOut } from "movie-revenue/evaluation/held-out";
import { checkIntervals } from "movie-revenue/evaluation/interval-check";
import { Random } from "movie-revenue/random";
import { expect, it } from "vitest";

it("shows that intervals of one width hold too many easy films and too few hard ones, and scaled ones neither", () => {
  const random = new Random(11);
  // predictions between 10^6 and 10^9; the errors' deviation is .1 in the lowest third, .4 in the others
  const films = Array.from({ length: 3000 }, (_, id): HeldOut => {
    const log10 = random.uniform(6, 9);
    const actual = 10 ** (log10 + random.normal() * (log10 < 7 ? 0.1 : 0.4));
    return { ...{ id, title: `Film ${id}`, fold: 0, trainMeanLog10: 7.5 }, actual, predicted: 10 ** log10 };
  });
  const [constant, scaled] = checkIntervals(films);
  expect([constant!.intervals, scaled!.intervals]).toEqual(["constant", "scaled"]);
  // 80 % of 3,000, give or take 3 deviations of .7 % and the calibration's own
  for (const { all } of [constant!, scaled!]) {
    expect(all.n).toBe(3000);
    expect(all.coverage).toBeGreaterThan(0.77);
    expect(all.coverage).toBeLessThan(0.83);
  }
  // a third is surely held, so that of the others 70 % are: ± 1.04 · .4
  expect(constant!.byPredicted.low!.coverage).toBeGreaterThan(0.99);
  expect(constant!.byPredicted.high!.coverage).toBeLessThan(0.75);
  expect(constant!.all.medianWidthLog10).toBeCloseTo(2 * 1.036 * 0.4, 1);
  for (const third of ["low", "middle", "high"] as const) {
    expect(scaled!.byPredicted[third]!.coverage).toBeGreaterThan(0.75);
    expect(scaled!.byPredicted[third]!.coverage).toBeLessThan(0.85);
  }
  expect(scaled!.score).toBeLessThan(constant!.score);
});

it("scores an interval by its width and by how far films lie outside", () => {
  // all errors are .5, so every width is 1, and no film lies outside
  const films = Array.from({ length: 100 }, (_, id): HeldOut => {
    const predicted = 10 ** (7 + id / 100);
    return { ...{ id, title: "", fold: 0, trainMeanLog10: 7.5 }, actual: predicted * 10 ** 0.5, predicted };
  });
  for (const { score, all } of checkIntervals(films)) {
    expect(score).toBeCloseTo(1, 6);
    expect(all.medianWidthLog10).toBeCloseTo(1, 6);
  }
});
