import { bracketOf, brackets, referenceOf } from "movie-revenue/evaluation/reference";
import { describe, expect, it } from "vitest";
import golden from "./golden/metrics.json" with { type: "json" };

describe("referenceOf", () => {
  it("remembers mean, median and terciles of the training films", () => {
    // log10: 6, 7, 8, 9 → 7.5; the median of dollars is (1e7 + 1e8) / 2; terciles at positions 1 and 2
    expect(referenceOf([1e9, 1e6, 1e8, 1e7])).toEqual({
      trainMeanLog10: 7.5,
      trainMedian: 5.5e7,
      brackets: { lowMax: 1e7, mediumMax: 1e8 },
    });
  });

  it.each(golden.cases)(
    "agrees with numpy on $train.length films",
    ({ train, trainMeanLog10, trainMedian, terciles }) => {
      const reference = referenceOf(train);
      expect(reference.trainMeanLog10).toBeCloseTo(trainMeanLog10, 12);
      expect(reference.trainMedian).toBe(trainMedian);
      expect(brackets(train)).toEqual({ lowMax: terciles[0], mediumMax: terciles[1] });
    },
  );

  it("needs training films", () => {
    expect(() => referenceOf([])).toThrow("There are no training films to compare with: add films.");
  });
});

it.each([
  [9, "low"],
  [10, "low"],
  [11, "medium"],
  [20, "medium"],
  [21, "high"],
])("%d dollars are %s between 10 and 20", (revenue, bracket) => {
  expect(bracketOf(revenue, { lowMax: 10, mediumMax: 20 })).toBe(bracket);
});
