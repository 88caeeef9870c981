import { log10Revenue } from "../catalogue/clean";
import { UserError } from "../errors";
import {
  type BootstrapOptions,
  bootstrap,
  type Interval,
  lossDifference,
  meanOf,
  medianOf,
  type Statistic,
  wholeSample,
} from "./bootstrap";
import { type Coverage, coverageOf, type IntervalSummary, intervalSummary } from "./conformal";
import { type BracketName, type Brackets, bracketOf, type Reference } from "./reference";

/** A film and what was predicted for it; a row of `predictions.csv`. All amounts in dollars. */
export interface Judged {
  id: number;
  title: string;
  /** The side it fell on, or what else it was judged as. */
  split: string;
  actual: number;
  predicted: number;
  /** The ends of the interval; null where the model has none. */
  low: number | null;
  high: number | null;
}

/** What of a film its metrics need. */
export type Scored = Pick<Judged, "title" | "actual" | "predicted">;

/** Telling films above the training median from the others; a ratio is null where it would divide by zero. */
export interface MedianSplit {
  /** Dollars. */
  threshold: number;
  accuracy: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
}

export type MetricName = "mse" | "mae" | "r2" | "within25" | "within50" | "medianError" | "accuracy";

/** How good predictions are; errors in log10 dollars, fractions not per cent. */
export interface Metrics {
  n: number;
  mse: number;
  mae: number;
  /** 1 − Σ(y − ŷ)² / Σ(y − training mean)²; null where every film lies on that mean. */
  r2: number | null;
  /** The fraction of films with |predicted − actual| ≤ 25 % of actual dollars. */
  within25: number;
  within50: number;
  /** The median of |predicted − actual| / actual dollars. */
  medianError: number;
  medianSplit: MedianSplit;
  /** 95 % bootstrap intervals over films. */
  ci95: Record<MetricName, Interval | null>;
}

/** The content of `evaluation.json`. */
export interface Evaluation {
  n: number;
  trainMeanLog10: number;
  model: Metrics;
  baselines: Record<string, Metrics>;
  /** The model's mean squared error less each baseline's: below 0, the model is better. */
  differences: Record<string, { mse: number; ci95: Interval | null }>;
  intervals: IntervalSummary;
  /** How the intervals hold by actual revenue; null for a bracket without films that have one. */
  coverageByBracket: Record<BracketName, Coverage | null>;
  brackets: Brackets;
  /** The model's metrics by actual revenue; null for a bracket without films. */
  byBracket: Record<BracketName, Metrics | null>;
}

/** How good these predictions are, with bootstrap intervals. Throws a `UserError` for no films, or amounts not above 0. */
export function metrics(
  judged: readonly Scored[],
  reference: Pick<Reference, "trainMeanLog10" | "trainMedian">,
  options: Omit<BootstrapOptions, "level"> = {},
): Metrics {
  refuseUnusable(judged);
  const statistics = statisticsOf(judged, reference);
  const everyFilm = wholeSample(judged.length);
  const value = (name: MetricName) => statistics[name](everyFilm);
  const r2 = value("r2");
  return {
    n: judged.length,
    mse: value("mse"),
    mae: value("mae"),
    r2: Number.isFinite(r2) ? r2 : null,
    within25: value("within25"),
    within50: value("within50"),
    medianError: value("medianError"),
    medianSplit: medianSplit(judged, reference.trainMedian),
    ci95: bootstrap(judged.length, statistics, { ...options, level: 0.95 }),
  };
}

/** Judges the model and its baselines on the same films: the object written to `evaluation.json`. */
export function evaluationOf(
  judged: readonly Judged[],
  reference: Reference,
  {
    level,
    baselines = {},
    ...options
  }: {
    /** The coverage that the intervals promise. */
    level: number;
    /** Further baselines beside the training mean and median: log10 dollars, one for each film judged. */
    baselines?: Record<string, ArrayLike<number>>;
  } & Omit<BootstrapOptions, "level">,
): Evaluation {
  const model = metrics(judged, reference, options);
  const rivals = rivalsOf(judged, reference, baselines);
  const byRival = <T>(judge: (films: Scored[]) => T) =>
    Object.fromEntries(Object.entries(rivals).map(([name, films]) => [name, judge(films)]));
  return {
    n: judged.length,
    trainMeanLog10: reference.trainMeanLog10,
    model,
    baselines: byRival((films) => metrics(films, reference, options)),
    differences: byRival((films) => mseDifference(judged, films, options)),
    intervals: intervalSummary(judged, level),
    brackets: reference.brackets,
    byBracket: byBracket(judged, reference, (films) => (films.length > 0 ? metrics(films, reference, options) : null)),
    coverageByBracket: byBracket(judged, reference, coverageOf),
  };
}

/** What each baseline predicts for the films judged. */
function rivalsOf(
  judged: readonly Judged[],
  { trainMeanLog10, trainMedian }: Reference,
  baselines: Record<string, ArrayLike<number>>,
): Record<string, Scored[]> {
  const predicting = (dollars: (film: number) => number) =>
    judged.map(({ title, actual }, film) => ({ title, actual, predicted: dollars(film) }));
  const rivals = { mean: predicting(() => 10 ** trainMeanLog10), median: predicting(() => trainMedian) };
  const others = Object.entries(baselines).map(([name, log10]) => {
    if (log10.length !== judged.length) {
      throw new UserError(`The baseline ${name} predicts ${log10.length} films where ${judged.length} are judged.`);
    }
    return [name, predicting((film) => 10 ** (log10[film] as number))] as const;
  });
  return { ...rivals, ...Object.fromEntries(others) };
}

function mseDifference(
  model: readonly Scored[],
  baseline: readonly Scored[],
  options: BootstrapOptions,
): { mse: number; ci95: Interval | null } {
  const { difference, ci95 } = lossDifference(squaredErrors(model), squaredErrors(baseline), options);
  return { mse: difference, ci95 };
}

function byBracket<T>(
  judged: readonly Judged[],
  { brackets }: Reference,
  judge: (films: Judged[]) => T,
): Record<BracketName, T> {
  const within = (name: BracketName) => judge(judged.filter(({ actual }) => bracketOf(actual, brackets) === name));
  return { low: within("low"), medium: within("medium"), high: within("high") };
}

function statisticsOf(
  films: readonly Scored[],
  { trainMeanLog10, trainMedian }: Pick<Reference, "trainMeanLog10" | "trainMedian">,
): Record<MetricName, Statistic> {
  const perFilm = (term: (film: Scored) => number) => Float64Array.from(films, term);
  const relativeErrors = perFilm(({ actual, predicted }) => Math.abs(predicted - actual) / actual);
  const within = (share: number) =>
    meanOf(perFilm(({ actual, predicted }) => Number(Math.abs(predicted - actual) <= share * actual)));
  const mse = meanOf(squaredErrors(films));
  const spread = meanOf(perFilm(({ actual }) => (log10Revenue(actual) - trainMeanLog10) ** 2));
  return {
    mse,
    mae: meanOf(squaredErrors(films).map(Math.sqrt)),
    r2: (sample) => 1 - mse(sample) / spread(sample),
    within25: within(0.25),
    within50: within(0.5),
    medianError: medianOf(relativeErrors),
    accuracy: meanOf(perFilm(({ actual, predicted }) => Number(actual > trainMedian === predicted > trainMedian))),
  };
}

function squaredErrors(films: readonly Scored[]): Float64Array {
  return Float64Array.from(films, ({ actual, predicted }) => (Math.log10(predicted) - Math.log10(actual)) ** 2);
}

function medianSplit(films: readonly Scored[], threshold: number): MedianSplit {
  const count = (above: boolean, predictedAbove: boolean) =>
    films.filter((film) => film.actual > threshold === above && film.predicted > threshold === predictedAbove).length;
  const [hits, misses, alarms] = [count(true, true), count(true, false), count(false, true)];
  const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  return {
    threshold,
    accuracy: (films.length - misses - alarms) / films.length,
    precision: ratio(hits, hits + alarms),
    recall: ratio(hits, hits + misses),
    f1: ratio(2 * hits, 2 * hits + misses + alarms),
  };
}

function refuseUnusable(films: readonly Scored[]): void {
  if (films.length === 0) throw new UserError("There are no films to judge: add films, or loosen the filter.");
  const usable = (dollars: number) => dollars > 0 && Number.isFinite(dollars);
  for (const { title, actual, predicted } of films) {
    const name = JSON.stringify(title);
    if (!usable(actual))
      throw new UserError(`The film ${name} cannot be judged without a known revenue: leave it out.`);
    if (!usable(predicted)) {
      throw new UserError(
        `The film ${name} is predicted to earn ${predicted} dollars: the training diverged, so lower its learning rate.`,
      );
    }
  }
}
