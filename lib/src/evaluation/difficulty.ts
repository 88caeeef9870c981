import { z } from "zod";
import { type Film, knownFacts } from "../catalogue/film";
import type { Table } from "../model/matrix";
import { fitTrees, predictTrees, type TreesModel, type TreesOptions } from "../model/trees";
import { treesSchema } from "../model/trees/schema";
import { median } from "./quantiles";

/** How large the error of a prediction is likely to be, learnt from films that the predicting models had not seen. */
export interface Difficulty {
  /** Whether it depends on which facts of a film are known, and not on the prediction alone. */
  facts: boolean;
  /** No film is easier than this: log10 dollars. */
  least: number;
  trees: TreesModel;
}

/** A film, and what is predicted for it in log10 dollars. */
export interface Forecast {
  film: Film;
  log10: number;
}

export const difficultySchema = z.object({ facts: z.boolean(), least: z.number().positive(), trees: treesSchema });

/** Few and shallow: absolute errors are mostly noise. Chosen by ten-fold cross-validation of real films, flat around here. */
const TREES: TreesOptions = { trees: 100, learningRate: 0.05, maxLeaves: 4, minLeaf: 60, rowShare: 0.7 };
const LEAST_SHARE = 0.25;
/** What rounds off an error of 0 everywhere, in log10 dollars. */
const TINY = 1e-6;

/** Learns the size of errors, in log10 dollars, of out-of-fold forecasts (Lei et al. 2018, section 5.2: the MAD model). */
export function fitDifficulty(
  forecasts: readonly Forecast[],
  errors: ArrayLike<number>,
  { facts }: { facts: boolean },
): Difficulty {
  const sizes = Float64Array.from(errors, Math.abs);
  const trees = fitTrees(tableOf(forecasts, facts), sizes, TREES);
  return { facts, least: Math.max(LEAST_SHARE * median(sizes), TINY), trees };
}

/** The expected absolute error of each forecast, log10 dollars, above 0. */
export function difficultyOf({ facts, least, trees }: Difficulty, forecasts: readonly Forecast[]): Float64Array {
  return predictTrees(trees, tableOf(forecasts, facts)).map((size) => Math.max(size, least));
}

function tableOf(forecasts: readonly Forecast[], facts: boolean): Table {
  const rows = forecasts.map(({ film, log10 }) => [
    log10,
    ...(facts ? Object.values(knownFacts(film)).map(Number) : []),
  ]);
  const known = facts ? Object.keys(knownFacts(forecasts[0]!.film)) : [];
  const names = ["prediction", ...known.map((name) => `${name} known`)];
  return { rows: rows.length, columns: names.length, data: Float64Array.from(rows.flat()), names };
}
