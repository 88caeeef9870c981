import { log10Revenue } from "../../catalogue/clean";
import type { Film } from "../../catalogue/film";
import { UserError } from "../../errors";
import { fitKernelRidge, type KernelRidgeModel, predictKernelRidge } from "../kernel-ridge";
import type { Matrix } from "../matrix";
import { fitTrees, predictTrees, type TreesModel, type TreesOptions } from "../trees";
import { type FusedData, type FusedInputs, type FusedParts, inputsOf, numbersOf } from "./inputs";

export interface FusedOptions extends FusedParts {
  /** How many times the trees are grown, each from another draw. */
  seeds?: number;
}

/** The fitted model: everything that a prediction needs. */
export interface Fused extends FusedInputs {
  trees: TreesModel[];
  kernel: KernelRidgeModel;
}

/** Chosen by 5-fold cross-validation of real films, flat around here. */
const TREES: TreesOptions = {
  trees: 500,
  learningRate: 0.02,
  maxLeaves: 12,
  minLeaf: 20,
  l2: 5,
  rowShare: 0.7,
  columnShare: 0.5,
};
/** The variance of the noise; the weights of the kernel's terms are beside it. */
const NOISE = 1;

/**
 * Fits the fused model on training films: the mean of gradient-boosted trees over the facts, and of kernel
 * ridge regression (a Gaussian process) over facts, text and poster. Posters are used where given. A training
 * film without revenue is a `UserError`.
 */
export function fitFused({ films, posters }: FusedData, { seeds = 3, ...parts }: FusedOptions = {}): Fused {
  const y = Float64Array.from(films, log10OfTraining);
  if (y.length === 0) throw new UserError("There are no training films to learn from: add films.");
  if (!(Number.isInteger(seeds) && seeds >= 1))
    throw new UserError(`seeds must be a whole number from 1, not ${seeds}.`);
  checkPosters(films, posters);
  const fitted = inputsOf({ films, posters }, parts);
  const { table, terms } = numbersOf(fitted, { films, posters });
  const trees = Array.from({ length: seeds }, (_, seed) => fitTrees(table, y, { ...TREES, seed }));
  return { ...fitted, trees, kernel: compact(fitKernelRidge(terms, y, { noise: NOISE })) };
}

/** Log10 dollars, one for each film; the same whatever films are beside it. */
export function predictFused(fused: Fused, data: FusedData): Float64Array {
  const { trees, kernel } = predictFusedParts(fused, data);
  return trees.map((value, film) => (value + kernel[film]!) / 2);
}

/** What each of the two models that are averaged predicts, log10 dollars. */
export function predictFusedParts(
  fused: Fused,
  { films, posters }: FusedData,
): { trees: Float64Array; kernel: Float64Array } {
  if (fused.poster && !posters) {
    throw new UserError(
      "The model was fitted with posters, and the films have none: give the features of their posters.",
    );
  }
  checkPosters(films, posters);
  const { table, terms } = numbersOf(fused, { films, posters });
  const trees = new Float64Array(films.length);
  for (const model of fused.trees) {
    predictTrees(model, table).forEach((value, film) => {
      trees[film] = trees[film]! + value / fused.trees.length;
    });
  }
  const rows = terms.map((term) => term.rows);
  return { trees, kernel: predictKernelRidge(fused.kernel, rows) };
}

/** The model in float32, as its file keeps it, so that it predicts the same before and after. */
function compact({ mean, coefficients, terms }: KernelRidgeModel): KernelRidgeModel {
  return {
    ...{ mean, coefficients: Float32Array.from(coefficients) },
    terms: terms.map((term) => (term.kind === "linear" ? { ...term, weights: Float32Array.from(term.weights) } : term)),
  };
}

function checkPosters(films: readonly Film[], posters: Matrix | undefined): void {
  if (posters === undefined) return;
  const { rows, columns, data } = posters;
  if (rows !== films.length) {
    throw new UserError(`There are ${rows} posters for ${films.length} films: give one row each.`);
  }
  const gap = data.findIndex((value) => !Number.isFinite(value));
  if (gap < 0) return;
  const { title } = films[Math.floor(gap / columns)]!;
  throw new UserError(`The poster of ${JSON.stringify(title)} has a feature that is ${data[gap]}: make it again.`);
}

function log10OfTraining({ title, revenue }: Film): number {
  if (revenue !== null && revenue > 0) return log10Revenue(revenue);
  throw new UserError(`The training film ${JSON.stringify(title)} has no revenue: leave it out.`);
}
