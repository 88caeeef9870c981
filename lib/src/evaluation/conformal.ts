import { mean, median } from "./quantiles";

/** An actual revenue and the ends of its interval, in dollars; null where the model has no interval. */
export interface Bounded {
  actual: number;
  low: number | null;
  high: number | null;
}

/** What `evaluation.json` says of the intervals; null where no film has one. */
export interface IntervalSummary {
  /** The coverage that was asked for, a fraction. */
  level: number;
  /** The fraction of films inside their interval. */
  coverage: number | null;
  medianWidthLog10: number | null;
}

/**
 * The half-width in log10 dollars that covers a new film with probability ≥ `level`: the ⌈(n + 1)·level⌉-th smallest
 * absolute validation residual (split conformal: Lei et al. 2018, JASA 113, algorithm 2). Null where n is too small.
 */
export function conformalWidth(residuals: ArrayLike<number>, level: number): number | null {
  const sorted = Float64Array.from(residuals, Math.abs).sort();
  // a product meant to be whole, as 100 · 0.55, may come out a hair above it
  const rank = Math.ceil((sorted.length + 1) * level - 1e-9);
  return rank >= 1 && rank <= sorted.length ? (sorted[rank - 1] as number) : null;
}

/** The interval around a prediction in dollars that reaches `width` log10 dollars to each side. */
export function intervalAround(
  predicted: number,
  width: number | null,
): { low: number; high: number } | { low: null; high: null } {
  if (width === null) return { low: null, high: null };
  return { low: predicted / 10 ** width, high: predicted * 10 ** width };
}

/** How often and how tightly intervals held the actual revenue, over the films that have one. */
export function intervalSummary(judged: readonly Bounded[], level: number): IntervalSummary {
  const bounded = judged.filter((film): film is Bounded & { low: number; high: number } => {
    return film.low !== null && film.high !== null;
  });
  if (bounded.length === 0) return { level, coverage: null, medianWidthLog10: null };
  return {
    level,
    coverage: mean(bounded.map(({ actual, low, high }) => (low <= actual && actual <= high ? 1 : 0))),
    medianWidthLog10: median(bounded.map(({ low, high }) => Math.log10(high / low))),
  };
}
