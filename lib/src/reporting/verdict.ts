import type { Evaluation } from "../evaluation/metrics";
import { formatCount, formatNumber, formatPercent } from "./format";

/** What an evaluation proves, in plain words: the error beside the training mean's, and how often the intervals hold. */
export function verdictOf({ model, baselines, differences, intervals, n }: Evaluation): string {
  const ci95 = differences.mean?.ci95;
  return [
    `On ${formatCount(n)} films that the model never saw, its mean squared error of log10 dollars is ${formatNumber(model.mse)}`,
    `where always saying the training mean has ${formatNumber(baselines.mean?.mse)}. The paired 95 % interval of the difference`,
    ci95 ? `is ${formatNumber(ci95[0])} to ${formatNumber(ci95[1])}` : "cannot be told",
    ci95 && ci95[1] < 0
      ? "and lies below zero: the posters do tell something."
      : "and does not lie below zero: this is no proof of skill.",
    `Intervals meant to hold ${formatPercent(intervals.level, 0)} of films hold ${formatPercent(intervals.coverage)}.`,
  ].join(" ");
}
