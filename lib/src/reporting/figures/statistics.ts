import { mean } from "../../evaluation/quantiles";

/** The population's standard deviation (divided by n): its square is the MSE of predicting the mean. */
export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/** A copy in ascending order. */
export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** Equal bins whose edges are multiples of a width. */
export interface Bins {
  /** The lower edge of each bin. */
  starts: number[];
  counts: number[];
}

/** How many values fall in each bin [k·width, (k + 1)·width), from the first that is met to the last. */
export function binCounts(values: readonly number[], width: number): Bins {
  // a value a rounding error below an edge belongs to the bin that begins there: 7.3 / 0.1 is 72.99…
  const indices = values.map((value) => Math.floor(value / width + 1e-9));
  if (indices.length === 0) return { starts: [], counts: [] };
  const first = indices.reduce((low, index) => Math.min(low, index));
  const last = indices.reduce((high, index) => Math.max(high, index));
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const index of indices) counts[index - first]!++;
  return { starts: counts.map((_, i) => Number(((first + i) * width).toPrecision(12))), counts };
}

/** A bin width of 1, 2 or 5 times a power of ten that cuts a span into at most so many bins. */
export function roundWidth(span: number, bins: number): number {
  const least = span > 0 ? span / bins : 1;
  const decade = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((step) => step * decade).find((width) => width >= least * 0.999999)!;
}

/** The largest vertical gap between two empirical distributions: the two-sample Kolmogorov–Smirnov statistic. */
export function largestGap(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [ascending(one), ascending(other)];
  let [i, j, gap] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    gap = Math.max(gap, Math.abs(i / a.length - j / b.length));
  }
  return gap;
}

/** The gap that two samples of one population pass in 5% of draws: √(−ln(.05/2)/2) · √((n + m)/(n·m)) (Smirnov 1948). */
export function gapByChance(n: number, m: number): number {
  return Math.sqrt(-Math.log(0.025) / 2) * Math.sqrt((n + m) / (n * m));
}
