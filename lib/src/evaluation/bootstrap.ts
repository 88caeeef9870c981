import { Random } from "../random";
import { mean, quantile } from "./quantiles";

/** The two ends of an interval. */
export type Interval = [low: number, high: number];

/** A number computed from some films, given by their positions, repeats included; NaN where it is undefined. */
export type Statistic = (sample: Uint32Array) => number;

export interface BootstrapOptions {
  /** How often the films are drawn again. */
  samples?: number;
  seed?: number;
  /** The share of resamples inside the interval. */
  level?: number;
}

/**
 * Percentile intervals of statistics over `n` films, all from the same resamples (Efron & Tibshirani 1993, ch. 13).
 * A resample in which a statistic is undefined is left out; null where it always is.
 */
export function bootstrap<K extends string>(
  n: number,
  statistics: Record<K, Statistic>,
  { samples = 2000, seed = 42, level = 0.95 }: BootstrapOptions = {},
): Record<K, Interval | null> {
  const random = new Random(seed);
  const entries = Object.entries<Statistic>(statistics).map(([name, statistic]) => ({
    ...{ name, statistic, values: new Float64Array(samples) },
  }));
  for (let i = 0; i < samples; i++) {
    const sample = random.indices(n, n);
    for (const { statistic, values } of entries) values[i] = statistic(sample);
  }
  return Object.fromEntries(entries.map(({ name, values }) => [name, middle(values, level)])) as Record<
    K,
    Interval | null
  >;
}

function middle(values: Float64Array, level: number): Interval | null {
  const defined = values.filter(Number.isFinite);
  if (defined.length === 0) return null;
  return [quantile(defined, (1 - level) / 2), quantile(defined, (1 + level) / 2)];
}

/** Every film once: the sample that gives a statistic's own value. */
export function wholeSample(n: number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, i) => i);
}

/** The mean of a value known for each film. */
export function meanOf(values: Float64Array): Statistic {
  return (sample) => {
    let sum = 0;
    for (let i = 0; i < sample.length; i++) sum += values[sample[i]!]!;
    return sum / sample.length;
  };
}

/** The median of a value known for each film: sorted once, then each resample is only counted. */
export function medianOf(values: Float64Array): Statistic {
  const order = wholeSample(values.length).sort((a, b) => values[a]! - values[b]!);
  const rank = new Uint32Array(values.length);
  order.forEach((film, position) => {
    rank[film] = position;
  });
  return (sample) => {
    const counts = new Uint32Array(values.length);
    for (let i = 0; i < sample.length; i++) counts[rank[sample[i]!]!]!++;
    const nth = (position: number) => values[order[rankAt(counts, position)]!]!;
    return (nth((sample.length - 1) >> 1) + nth(sample.length >> 1)) / 2;
  };
}

/** The rank of the value at a position of the sorted resample. */
function rankAt(counts: Uint32Array, position: number): number {
  let rank = 0;
  for (let seen = counts[0]!; seen <= position; seen += counts[rank]!) rank++;
  return rank;
}

/**
 * How much larger the model's loss is than a baseline's, film by film (paired: both are judged on the same films), with
 * its interval. Negative and an interval below 0: the model beats the baseline.
 */
export function lossDifference(
  model: Float64Array,
  baseline: Float64Array,
  options: BootstrapOptions = {},
): { difference: number; ci95: Interval | null } {
  const differences = model.map((loss, film) => loss - baseline[film]!);
  const { difference } = bootstrap(model.length, { difference: meanOf(differences) }, { ...options, level: 0.95 });
  return { difference: mean(differences), ci95: difference };
}
