import type { Film } from "movie-revenue/catalogue/film";
import { describeSplits } from "movie-revenue/evaluation/describe";
import { expect, it } from "vitest";

const films = (...revenues: (number | null)[]) => revenues.map((revenue) => ({ revenue }) as Film);

it("describeSplits tells size, median, and mean and deviation of log10 dollars", () => {
  const splits = { train: films(1e7, 1e9, 1e8), validation: films(1e7, 1e8), test: films(1e8, 1e8) };
  // log10: 7, 9, 8 with deviation √(2/2); 7, 8 with √(.5/1); 8, 8
  expect(describeSplits(splits)).toEqual([
    { split: "train", films: 3, medianRevenue: 1e8, meanLog10: 8, standardDeviation: 1 },
    { split: "validation", films: 2, medianRevenue: 5.5e7, meanLog10: 7.5, standardDeviation: Math.SQRT1_2 },
    { split: "test", films: 2, medianRevenue: 1e8, meanLog10: 8, standardDeviation: 0 },
  ]);
});
