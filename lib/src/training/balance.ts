import { Random } from "../random";

/** The stream of random numbers that orders the films of each epoch. */
const ORDER = 3;

/** How films of rare revenues are made to count as much as those of common ones. */
export interface Balance {
  /** Bins of equal width in log10 dollars, from the lowest target to the highest. */
  bins: number;
  /** 1 makes every bin count alike, .5 goes half of the way (in logarithms), 0 changes nothing. */
  power: number;
}

/** A weight for each film, (films in its bin)^−power, 1 on average; targets are log10 dollars. */
export function balanceWeights(targets: ArrayLike<number>, { bins, power }: Balance): Float32Array {
  const binOf = binning(targets, bins);
  const counts = new Float64Array(bins);
  for (let i = 0; i < targets.length; i++) counts[binOf(targets[i]!)]!++;
  const raw = Float64Array.from(targets, (target) => counts[binOf(target)]! ** -power);
  const mean = raw.reduce((sum, weight) => sum + weight, 0) / raw.length;
  return Float32Array.from(raw, (weight) => weight / mean);
}

/** The bin of a target; the highest target is in the last. */
function binning(targets: ArrayLike<number>, bins: number): (target: number) => number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < targets.length; i++) {
    low = Math.min(low, targets[i]!);
    high = Math.max(high, targets[i]!);
  }
  return (target) => (high > low ? Math.min(bins - 1, Math.floor(((target - low) / (high - low)) * bins)) : 0);
}

/** Easy films first (Bengio et al. 2009): those nearest the mean of the targets. */
export interface Curriculum {
  /** The share of films that the first epoch sees. */
  start: number;
  /** Epochs until all are seen; the share grows in a line. */
  epochs: number;
}

/** Which films an epoch, counted from 1, trains on. */
export interface Sampler {
  count(epoch: number): number;
  /** Positions among the training examples, in the order in which they are seen. */
  rows(epoch: number): Uint32Array;
}

export interface SamplerOptions {
  seed: number;
  /** Films are drawn with replacement, by the probabilities of their weights; without, each comes once. */
  balance?: Balance;
  curriculum?: Curriculum;
}

/** The films of each epoch, in an order that depends on seed and epoch alone; targets are log10 dollars. */
export function samplerOf(targets: ArrayLike<number>, { seed, balance, curriculum }: SamplerOptions): Sampler {
  const easiest = curriculum ? byEase(targets) : undefined;
  const weights = balance ? balanceWeights(targets, balance) : undefined;
  const count = (epoch: number) => Math.ceil(targets.length * shareAt(curriculum, epoch));
  return {
    count,
    rows(epoch) {
      const random = new Random([seed, ORDER, epoch]);
      const n = count(epoch);
      const filmOf = (i: number) => (n < targets.length ? easiest![i]! : i);
      if (!weights) return random.permutation(n).map(filmOf);
      const pool = Uint32Array.from({ length: n }, (_, i) => filmOf(i));
      return drawn(pool, weights, random);
    },
  };
}

function shareAt(curriculum: Curriculum | undefined, epoch: number): number {
  if (!curriculum || epoch > curriculum.epochs) return 1;
  const { start, epochs } = curriculum;
  return start + ((1 - start) * (epoch - 1)) / epochs;
}

/** Positions by the distance of their targets from the mean, the nearest first. */
function byEase(targets: ArrayLike<number>): Uint32Array {
  let sum = 0;
  for (let i = 0; i < targets.length; i++) sum += targets[i]!;
  const distance = Float64Array.from(targets, (target) => Math.abs(target - sum / targets.length));
  return Uint32Array.from(targets, (_, i) => i).sort((a, b) => distance[a]! - distance[b]! || a - b);
}

/** As many draws from the pool as it has films. */
function drawn(pool: Uint32Array, weights: Float32Array, random: Random): Uint32Array {
  const ends = new Float64Array(pool.length);
  let total = 0;
  for (const [i, film] of pool.entries()) {
    total += weights[film]!;
    ends[i] = total;
  }
  return Uint32Array.from(pool, () => pool[firstAbove(ends, random.double() * total)]!);
}

/** The first position whose value is above `value`, of rising values. */
function firstAbove(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
