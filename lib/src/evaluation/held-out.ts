import { type BootstrapOptions, bootstrap, type Interval, meanOf, wholeSample } from "./bootstrap";
import { finiteOrNull } from "./calibration";
import { logDollars, residualsOf, squaresOf } from "./log-dollars";

/** A film of cross-validation, and what a model that never saw it makes of it. */
export interface HeldOut {
  id: number;
  title: string;
  fold: number;
  /** Dollars. */
  actual: number;
  predicted: number;
  /** The mean log10 dollars of the films that the fold's model learnt from. */
  trainMeanLog10: number;
}

/** How good cross-validated predictions are; errors in log10 dollars, R² against the mean of each fold's training films. */
export interface HeldOutScore {
  n: number;
  mse: number;
  /** Null where every film lies on that mean. */
  r2: number | null;
  /** 95 % bootstrap intervals over films. */
  ci95: Record<"mse" | "r2", Interval | null>;
}

/** Scores films that were held out, with bootstrap intervals. Throws a `UserError` for amounts that are not above 0. */
export function scoreHeldOut(films: readonly HeldOut[], options: Omit<BootstrapOptions, "level"> = {}): HeldOutScore {
  const log10 = logDollars(films);
  const mse = meanOf(squaresOf(residualsOf(log10)));
  const spread = meanOf(log10.actual.map((value, film) => (value - films[film]!.trainMeanLog10) ** 2));
  const statistics = { mse, r2: (sample: Uint32Array) => 1 - mse(sample) / spread(sample) };
  const everyFilm = wholeSample(films.length);
  return {
    ...{ n: films.length, mse: mse(everyFilm), r2: finiteOrNull(statistics.r2(everyFilm)) },
    ci95: bootstrap(films.length, statistics, { ...options, level: 0.95 }),
  };
}
