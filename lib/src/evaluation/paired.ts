import { UserError } from "../errors";
import { type BootstrapOptions, bootstrap, type Interval, meanOf, wholeSample } from "./bootstrap";
import { finiteOrNull } from "./calibration";
import { logDollars, residualsOf, squaresOf } from "./log-dollars";
import type { Reference } from "./reference";

/** A difference and its 95 % interval, paired: both predictors are judged on the same resampled films. */
export interface Difference {
  difference: number | null;
  ci95: Interval | null;
}

/** What one predictor is beside another: below 0 in `mse`, or above 0 in `r2`, the first is better. */
export interface PairedDifference {
  n: number;
  mse: Difference;
  r2: Difference;
}

/** A film judged by a predictor, as `predictions.csv` has it. */
export interface JudgedById {
  id: number;
  title: string;
  /** Dollars. */
  actual: number;
  predicted: number;
}

/**
 * MSE and R² (against the training mean) of the first predictor less those of the second, over the films that both
 * judged, matched by id. Throws a `UserError` where they share no film, or know other revenue for one.
 */
export function pairedDifference(
  first: readonly JudgedById[],
  second: readonly JudgedById[],
  { trainMeanLog10 }: Pick<Reference, "trainMeanLog10">,
  options: Omit<BootstrapOptions, "level"> = {},
): PairedDifference {
  const pairs = sharedFilms(first, second);
  const one = logDollars(pairs.map(([film]) => film));
  const other = logDollars(pairs.map(([, film]) => film));
  const otherLosses = squaresOf(residualsOf(other));
  const lessMse = meanOf(squaresOf(residualsOf(one)).map((loss, film) => loss - otherLosses[film]!));
  const spread = meanOf(one.actual.map((value) => (value - trainMeanLog10) ** 2));
  const statistics = { mse: lessMse, r2: (sample: Uint32Array) => -lessMse(sample) / spread(sample) };
  const ci95 = bootstrap(pairs.length, statistics, { ...options, level: 0.95 });
  const difference = (key: "mse" | "r2"): Difference => {
    return { difference: finiteOrNull(statistics[key](wholeSample(pairs.length))), ci95: ci95[key] };
  };
  return { n: pairs.length, mse: difference("mse"), r2: difference("r2") };
}

function sharedFilms(first: readonly JudgedById[], second: readonly JudgedById[]): [JudgedById, JudgedById][] {
  const byId = new Map(second.map((film) => [film.id, film]));
  const pairs = first.flatMap((film): [JudgedById, JudgedById][] => {
    const other = byId.get(film.id);
    return other ? [[film, other]] : [];
  });
  if (pairs.length === 0)
    throw new UserError("The two predictors judged no film in common: judge both on the same films.");
  const odd = pairs.find(([film, other]) => film.actual !== other.actual);
  if (!odd) return pairs;
  throw new UserError(
    `The film ${JSON.stringify(odd[0].title)} (id ${odd[0].id}) earned ${odd[0].actual} dollars for one predictor and ` +
      `${odd[1].actual} for the other: judge both on the same data.`,
  );
}
