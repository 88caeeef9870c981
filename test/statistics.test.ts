import { binCounts, deviation, gapByChance, largestGap, roundWidth } from "movie-revenue/reporting/figures/statistics";
import { expect, test } from "vitest";

test("deviation divides by n", () => {
  // mean 5, squares 9 1 1 1 0 0 4 16, their mean 4 (the textbook example)
  expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2);
});

test("binCounts puts a value on an edge into the bin that begins there", () => {
  // 7.3 / 0.1 is 72.99999999999999 in floating point
  expect(binCounts([7.0, 7.05, 7.3, 7.39], 0.1)).toEqual({ starts: [7, 7.1, 7.2, 7.3], counts: [2, 0, 0, 2] });
  expect(binCounts([-0.15, 0.05], 0.1)).toEqual({ starts: [-0.2, -0.1, 0], counts: [1, 0, 1] });
  expect(binCounts([], 1)).toEqual({ starts: [], counts: [] });
});

test.each([
  // 2.9e9 / 50 = 5.8e7, and the next of 1, 2, 5 × 10^k is 1e8
  [2.9e9, 50, 1e8],
  [100, 50, 2],
  [100, 20, 5],
  [0, 50, 1],
])("roundWidth(%s, %s) is %s", (span, bins, width) => {
  expect(roundWidth(span, bins)).toBeCloseTo(width, 9);
});

test("largestGap is the Kolmogorov–Smirnov statistic", () => {
  // after 2: 1 of 2 against 2 of 4; after 1: 1/2 against 1/4; after 3: 1 against 2/4; the largest is 1/2
  expect(largestGap([1, 3], [1, 2, 5, 6])).toBe(0.5);
  expect(largestGap([1, 2, 3], [3, 2, 1])).toBe(0);
  expect(largestGap([1, 2], [5, 6, 7])).toBe(1);
});

test("gapByChance has the coefficient of the tables at 5%", () => {
  // 1.358 · √(2/100) for two samples of 100
  expect(gapByChance(100, 100)).toBeCloseTo(1.358 * Math.sqrt(0.02), 4);
});
