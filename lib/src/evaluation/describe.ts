import { log10Revenue } from "../catalogue/clean";
import type { Film } from "../catalogue/film";
import type { SplitName, Splits } from "../catalogue/split";
import { mean, median } from "./quantiles";

/** The revenue of one split's films. */
export interface SplitDescription {
  split: SplitName;
  films: number;
  /** Dollars. */
  medianRevenue: number;
  meanLog10: number;
  /** Of log10 dollars, over n − 1. */
  standardDeviation: number;
}

/** Size and revenue of each split, for a table that shows whether they are alike. */
export function describeSplits(splits: Splits<Film>): SplitDescription[] {
  return (["train", "validation", "test"] as const).map((split) => {
    const dollars = splits[split].map(({ revenue }) => revenue ?? 0);
    const log10 = dollars.map(log10Revenue);
    const meanLog10 = mean(log10);
    const squares = log10.reduce((sum, value) => sum + (value - meanLog10) ** 2, 0);
    const standardDeviation = Math.sqrt(squares / (log10.length - 1));
    return { split, films: dollars.length, medianRevenue: median(dollars), meanLog10, standardDeviation };
  });
}
