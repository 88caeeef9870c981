import type { Film } from "../catalogue/film";
import { UserError } from "../errors";
import { mean, median } from "./quantiles";

/** A forecast that any model must beat. */
export interface Baseline {
  name: string;
  /** Log10 dollars, one for each film. */
  predict(films: readonly Film[]): Float64Array;
}

/** The same log10 dollars for every film. */
export function constantBaseline(name: string, log10Dollars: number): Baseline {
  return { name, predict: (films) => new Float64Array(films.length).fill(log10Dollars) };
}

/** The training films' mean, in log10 dollars: the constant with the least squared error. */
export function meanBaseline(trainLog10: ArrayLike<number>): Baseline {
  return constantBaseline("mean", mean(refuseEmpty(trainLog10)));
}

/** The training films' median, in log10 dollars: the constant with the least absolute error. */
export function medianBaseline(trainLog10: ArrayLike<number>): Baseline {
  return constantBaseline("median", median(refuseEmpty(trainLog10)));
}

function refuseEmpty(trainLog10: ArrayLike<number>): ArrayLike<number> {
  if (trainLog10.length === 0) throw new UserError("There are no training films to make a baseline from: add films.");
  return trainLog10;
}
