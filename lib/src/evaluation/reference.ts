import { log10Revenue } from "../catalogue/clean";
import { UserError } from "../errors";
import { mean, median, quantile } from "./quantiles";

/** Upper ends, in dollars, of the brackets low and medium. */
export interface Brackets {
  lowMax: number;
  mediumMax: number;
}

export type BracketName = "low" | "medium" | "high";

/** What a run remembers of its training films, as JSON, for judging any others later. */
export interface Reference {
  trainMeanLog10: number;
  /** Dollars. */
  trainMedian: number;
  brackets: Brackets;
}

/** The training films' mean, median and terciles, from their revenue in dollars. */
export function referenceOf(trainRevenue: readonly number[]): Reference {
  if (trainRevenue.length === 0) throw new UserError("There are no training films to compare with: add films.");
  return {
    trainMeanLog10: mean(trainRevenue.map(log10Revenue)),
    trainMedian: median(trainRevenue),
    brackets: brackets(trainRevenue),
  };
}

/** The terciles of the training films' revenue, as `numpy.quantile(revenue, [1/3, 2/3])`. */
export function brackets(trainRevenue: readonly number[]): Brackets {
  return { lowMax: quantile(trainRevenue, 1 / 3), mediumMax: quantile(trainRevenue, 2 / 3) };
}

/** The bracket of a revenue in dollars; an upper end belongs to its bracket. */
export function bracketOf(revenue: number, { lowMax, mediumMax }: Brackets): BracketName {
  if (revenue <= lowMax) return "low";
  return revenue <= mediumMax ? "medium" : "high";
}
