import { UserError } from "../errors";
import type { Interval } from "./bootstrap";
import { median } from "./quantiles";

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
 * absolute residual of films that the model was not trained on (split conformal: Lei et al. 2018, JASA 113, algorithm 2).
 * Null where n is too small. Out-of-fold residuals of the training films may take their place: then it is close, not sure.
 */
export function conformalWidth(residuals: ArrayLike<number>, level: number): number | null {
  return smallest(Float64Array.from(residuals, Math.abs), level);
}

/**
 * How many times a film's own difficulty its interval reaches to each side: `conformalWidth` of |residual| / difficulty
 * (normalised residuals: Papadopoulos et al. 2002; Lei et al. 2018, section 5.2). A difficulty is any estimate of the
 * size of a film's error that its own revenue did not go into, above 0: the spread of an ensemble, say.
 */
export function scaledWidth(residuals: ArrayLike<number>, difficulty: ArrayLike<number>, level: number): number | null {
  requireEqualLengths(residuals, difficulty, "difficulties");
  const scaled = Float64Array.from(residuals, (residual, film) => {
    const scale = difficulty[film]!;
    if (scale > 0 && Number.isFinite(scale)) return residual / scale;
    throw new UserError(`The difficulty of film ${film} is ${scale}: intervals can be scaled by numbers above 0 only.`);
  });
  return conformalWidth(scaled, level);
}

/**
 * A width for each group, so that each is covered at the level by itself (Mondrian: Vovk et al. 2005, section 4.5), and
 * one of all films for a group that is new or, as its null says, too small. A group is known before the revenue is.
 */
export function mondrianWidths(
  residuals: ArrayLike<number>,
  groups: readonly string[],
  level: number,
): { all: number | null; byGroup: Map<string, number | null> } {
  requireEqualLengths(residuals, groups, "groups");
  const members = new Map<string, number[]>();
  groups.forEach((group, film) => {
    const list = members.get(group);
    if (list) list.push(residuals[film]!);
    else members.set(group, [residuals[film]!]);
  });
  const byGroup = new Map([...members].map(([group, list]) => [group, conformalWidth(list, level)] as const));
  return { all: conformalWidth(residuals, level), byGroup };
}

/**
 * The CV+ interval of a new film in log10 dollars, null where the films are too few: `foldLog10` holds what each fold's
 * model, trained without that fold, predicts for it; film i of the training set lies in `folds[i]` and was missed there
 * by `residuals[i]`. Covers with probability ≥ 2·level − 1 − √(2/n), in practice about `level` (Barber, Candès, Ramdas &
 * Tibshirani 2021, Ann. Statist. 49, section 3, theorem 4).
 */
export function cvPlusInterval(
  foldLog10: ArrayLike<number>,
  { residuals, folds }: { residuals: ArrayLike<number>; folds: ArrayLike<number> },
  level: number,
): Interval | null {
  requireEqualLengths(residuals, folds, "folds");
  const around = (sign: 1 | -1) =>
    Float64Array.from(
      residuals,
      (residual, film) => Math.abs(residual) + sign * (foldLog10[folds[film]!] ?? Number.NaN),
    );
  const [below, above] = [smallest(around(-1), level), smallest(around(1), level)];
  return below === null || above === null ? null : [-below, above];
}

/** The ⌈(n + 1)·level⌉-th smallest of n values, null where there is none; sorts them in place. */
function smallest(values: Float64Array, level: number): number | null {
  if (!values.every(Number.isFinite)) {
    throw new UserError("An error of the model is not a number, so it has no interval: lower the learning rate.");
  }
  // a product meant to be whole, as 100 · 0.55, may come out a hair above it
  const rank = Math.ceil((values.length + 1) * level - 1e-9);
  return rank >= 1 && rank <= values.length ? values.sort()[rank - 1]! : null;
}

function requireEqualLengths(residuals: ArrayLike<number>, others: ArrayLike<unknown>, what: string): void {
  if (residuals.length === others.length) return;
  throw new UserError(`There are ${residuals.length} residuals and ${others.length} ${what}: give one for each film.`);
}

/** The interval around a prediction in dollars that reaches `width` log10 dollars to each side. */
export function intervalAround(
  predicted: number,
  width: number | null,
): { low: number; high: number } | { low: null; high: null } {
  if (width === null) return { low: null, high: null };
  return { low: predicted / 10 ** width, high: predicted * 10 ** width };
}

/** How often intervals held the actual revenue, and how wide they are. */
export interface Coverage {
  /** Films that have an interval. */
  n: number;
  /** The fraction inside, ends included. */
  coverage: number;
  ci95: Interval;
  medianWidthLog10: number;
}

/** The coverage of the films that have an interval; null where none has. */
export function coverageOf(judged: readonly Bounded[]): Coverage | null {
  const bounded = judged.filter((film): film is Bounded & { low: number; high: number } => {
    return film.low !== null && film.high !== null;
  });
  if (bounded.length === 0) return null;
  const inside = bounded.filter(({ actual, low, high }) => low <= actual && actual <= high).length;
  return {
    n: bounded.length,
    coverage: inside / bounded.length,
    ci95: wilsonInterval(inside, bounded.length),
    medianWidthLog10: median(bounded.map(({ low, high }) => Math.log10(high / low))),
  };
}

/** How often and how tightly intervals held the actual revenue, over the films that have one. */
export function intervalSummary(judged: readonly Bounded[], level: number): IntervalSummary {
  const { coverage, medianWidthLog10 } = coverageOf(judged) ?? { coverage: null, medianWidthLog10: null };
  return { level, coverage, medianWidthLog10 };
}

/** The 95 % score interval of a fraction `hits` of n (Wilson 1927, JASA 22): within 0 and 1, and no point even there. */
export function wilsonInterval(hits: number, n: number): Interval {
  const z2 = 1.959963984540054 ** 2;
  const centre = (hits + z2 / 2) / (n + z2);
  const reach = Math.sqrt(z2 * ((hits * (n - hits)) / n + z2 / 4)) / (n + z2);
  return [Math.max(0, centre - reach), Math.min(1, centre + reach)];
}
