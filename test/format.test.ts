import {
  countOf,
  formatCount,
  formatDollars,
  formatMiss,
  formatNumber,
  formatPercent,
  formatRange,
  formatWithInterval,
} from "movie-revenue/reporting/format";
import { expect, test } from "vitest";

test.each([
  [0, "$0"],
  [7.4, "$7"],
  [950, "$950"],
  [999.4, "$999"],
  // 999.5 rounds to 1,000, which is written as $1K
  [999.5, "$1K"],
  [1234, "$1.2K"],
  [10_000_000, "$10M"],
  [12_345_678, "$12.3M"],
  [99_940_000, "$99.9M"],
  [99_960_000, "$100M"],
  [120_000_000, "$120M"],
  [999_400_000, "$999M"],
  [999_600_000, "$1B"],
  [2_187_463_944, "$2.2B"],
  [2_923_706_026, "$2.9B"],
  [1.5e12, "$1.5T"],
  [4e15, "$4,000T"],
  [-12_345_678, "−$12.3M"],
  [-0.2, "$0"],
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "–"],
  [null, "–"],
  [undefined, "–"],
])("formatDollars(%s) is %s", (dollars, text) => {
  expect(formatDollars(dollars)).toBe(text);
});

test.each([
  [() => formatRange(3e7, 4.8e8), "$30M – $480M"],
  [() => formatRange(null, 4.8e8), "–"],
  [() => formatPercent(0.17812), "17.8%"],
  [() => formatPercent(-0.05, 0), "−5%"],
  [() => formatPercent(null), "–"],
  [() => formatNumber(-0.0512), "−0.051"],
  [() => formatNumber(-0.0001), "0.000"],
  [() => formatNumber(Number.NaN), "–"],
  [() => formatCount(3923), "3,923"],
  [() => countOf(1, "film"), "1 film"],
  [() => countOf(1200, "film"), "1,200 films"],
  // 120M against 2.2B: 2.2e9 / 1.2e8 = 18.3
  [() => formatMiss(1.2e8, 2.2e9), "18× too low"],
  [() => formatMiss(2.1e8, 1e8), "2.1× too high"],
  [() => formatMiss(1.05e8, 1e8), "1.05× too high"],
  [() => formatMiss(1.001e8, 1e8), "exact"],
  [() => formatMiss(1e8, 0), "–"],
])("%s", (format, text) => {
  expect(format()).toBe(text);
});

test("a value with its interval, or alone", () => {
  expect(formatWithInterval(-0.5, [-1, 0.25])).toBe("−0.500 [−1.000, 0.250]");
  expect(formatWithInterval(null, null)).toBe("–");
  expect(formatWithInterval(0.5, [0.25, 0.75], (value) => formatPercent(value, 0))).toBe("50% [25%, 75%]");
});
