import { mean, median, quantile } from "movie-revenue/evaluation/quantiles";
import { describe, expect, it } from "vitest";

describe("quantile", () => {
  it.each([
    // positions (n − 1)·q = 3q of 1, 2, 4, 8: 0, 0.75, 1.5, 3
    [0, 1],
    [0.25, 1.75],
    [0.5, 3],
    [1, 8],
    // position 2.7, between 4 and 8
    [0.9, 6.8],
  ])("%d of 8, 1, 4, 2 is %d", (q, expected) => {
    expect(quantile([8, 1, 4, 2], q)).toBeCloseTo(expected, 12);
  });

  it("of one value is that value", () => {
    expect(quantile([5], 0.3)).toBe(5);
  });
});

it.each([
  [[3], 3],
  [[10, 2, 6], 6],
  [[10, 2, 6, 7], 6.5],
  // as numbers, not as words: "1e9" < "5"
  [[1e9, 5, 20], 20],
])("the median of %j is %d", (values, expected) => {
  expect(median(values)).toBe(expected);
});

it("the mean of 1, 2, 6 is 3", () => {
  expect(mean([1, 2, 6])).toBe(3);
});

it("of nothing there is none", () => {
  expect([mean([]), median([]), quantile([], 0.5)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
