import type { BootstrapOptions } from "./bootstrap";
import { type Metrics, metrics } from "./metrics";
import { mean } from "./quantiles";
import type { Reference } from "./reference";

/** What was predicted for a poster file; all amounts in dollars. */
export interface Prediction {
  file: string;
  title: string;
  predicted: number;
  /** The ends of the interval; null where the model has none. */
  low: number | null;
  high: number | null;
  /** null, or 0, where it is unknown. */
  actual: number | null;
}

/** A prediction with its places, from 1, among all predictions and among the films whose revenue is known. */
export interface RankedPrediction extends Prediction {
  predictedRank: number;
  actualRank: number | null;
  /** (predicted − actual) / actual. */
  error: number | null;
}

/** How well the films whose revenue is known were ranked and predicted. */
export interface RankingSummary {
  /** Films whose revenue is known. */
  n: number;
  /** Spearman's rank correlation of predicted and actual; null below two films, or where all are equal. */
  spearman: number | null;
  /** null without such films, or without a reference to judge them by. */
  metrics: Metrics | null;
}

/** Predictions from the highest to the lowest, with ranks and errors; ties stand in the order of title and file. */
export function rankPredictions(
  predictions: readonly Prediction[],
  { reference, ...options }: { reference?: Reference } & Omit<BootstrapOptions, "level"> = {},
): { ranked: RankedPrediction[]; summary: RankingSummary } {
  const films = predictions.map((film) => ({ ...film, actual: film.actual || null }));
  const known = films.filter((film): film is typeof film & { actual: number } => film.actual !== null);
  const actualOrder = [...known].sort((a, b) => b.actual - a.actual || byName(a, b));
  const actualRanks = new Map<Prediction, number>(actualOrder.map((film, place) => [film, place + 1]));
  const ranked = [...films]
    .sort((a, b) => b.predicted - a.predicted || byName(a, b))
    .map((film, place) => ({
      ...film,
      predictedRank: place + 1,
      actualRank: actualRanks.get(film) ?? null,
      error: film.actual === null ? null : (film.predicted - film.actual) / film.actual,
    }));
  const summary = {
    n: known.length,
    spearman: spearman(
      known.map(({ predicted }) => predicted),
      known.map(({ actual }) => actual),
    ),
    metrics: reference && known.length > 0 ? metrics(known, reference, options) : null,
  };
  return { ranked, summary };
}

/** A film that was badly predicted; dollars. */
export interface Miss {
  id: number;
  title: string;
  year: number | null;
  actual: number;
  predicted: number;
  /** The larger of predicted / actual and actual / predicted. */
  factor: number;
  tooHigh: boolean;
  /** Whether the interval held the actual revenue; null where there is none. */
  insideInterval: boolean | null;
}

/** The films predicted worst, by how many times too high or too low, the worst first; ties stand by id. */
export function largestMisses(
  films: readonly (Omit<Prediction, "file" | "actual"> & { id: number; actual: number; year?: number | null })[],
  count = 20,
): Miss[] {
  const misses = films.map(({ id, title, year = null, actual, predicted, low, high }): Miss => {
    const factor = Math.max(predicted / actual, actual / predicted);
    const insideInterval = low === null || high === null ? null : low <= actual && actual <= high;
    return { id, title, year, actual, predicted, factor, tooHigh: predicted > actual, insideInterval };
  });
  return misses.sort((a, b) => b.factor - a.factor || a.id - b.id).slice(0, count);
}

/** Spearman's rank correlation, ties at their average rank; null where it is undefined. */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  const [ranksA, ranksB] = [averageRanks(a), averageRanks(b)];
  const [meanA, meanB] = [mean(ranksA), mean(ranksB)];
  let [both, alone, other] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [ranksA[i]! - meanA, ranksB[i]! - meanB];
    both += da * db;
    alone += da * da;
    other += db * db;
  }
  return alone > 0 && other > 0 ? both / Math.sqrt(alone * other) : null;
}

/** The place of each value from the smallest, 1, on; equal values share the mean of their places. */
export function averageRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
  }
  return ranks;
}

function byName(a: Prediction, b: Prediction): number {
  const [first, second] = a.title === b.title ? [a.file, b.file] : [a.title, b.title];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}
