import { UserError } from "../errors";
import { addCovariance, checkNumbers, isSparse, type KernelTerm, type RbfTerm, weightedRbf } from "./covariance";
import { inverseDiagonal } from "./inverse-diagonal";
import { checkColumns, checkTargets, type Matrix } from "./matrix";
import type { SparseMatrix } from "./sparse";
import { cholesky, solveCholesky } from "./symmetric";

export type { KernelTerm, LinearTerm, RbfTerm } from "./covariance";

/** Kernel ridge regression: all that a prediction needs. */
export interface KernelRidgeModel {
  /** The training mean, which the process varies around. */
  mean: number;
  /** (K + noise·I)⁻¹·(y − mean), one for each training film. */
  coefficients: Float64Array | Float32Array;
  /** In the order of the terms given; a linear one needs no film any more, only its weights. */
  terms: FittedTerm[];
}

export type FittedTerm = RbfTerm | { kind: "linear"; weights: Float64Array | Float32Array };

export interface KernelRidgeOptions {
  /** The variance of the noise, in units of the kernel: the penalty of the ridge. Above 0. */
  noise?: number;
  /** Asks for the leave-one-out predictions too, which take some four times as long. */
  leaveOneOut?: boolean;
}

/** So many films need some 7 GB for the covariances, and about ten minutes. */
const MAX_FILMS = 20_000;

/**
 * Kernel ridge regression in float64: the posterior mean of a Gaussian process whose covariance is the sum of the terms
 * (Rasmussen & Williams 2006, equations 2.23 and 2.25), around the training mean. `leaveOneOut` holds, where asked for, what
 * each training film would get without itself (equation 5.12; mean and features as with it).
 */
export function fitKernelRidge(
  terms: readonly KernelTerm[],
  targets: ArrayLike<number>,
  { noise = 1, leaveOneOut = false }: KernelRidgeOptions = {},
): KernelRidgeModel & { leaveOneOut: Float64Array | null } {
  const n = targets.length;
  checkTerms(terms, targets, noise);
  const mean = Float64Array.from(targets).reduce((sum, target) => sum + target, 0) / n;
  const covariance = new Float64Array(n * n);
  for (const term of terms) addCovariance(covariance, term);
  for (let i = 0; i < n; i++) covariance[i * (n + 1)] = covariance[i * (n + 1)]! + noise;
  const factor = cholesky(covariance, n);
  const coefficients = solveCholesky(
    factor,
    n,
    Float64Array.from(targets, (target) => target - mean),
  );
  const inverse = leaveOneOut ? inverseDiagonal(factor, n) : undefined;
  return {
    ...{ mean, coefficients },
    terms: terms.map((term) => fittedTerm(term, coefficients)),
    leaveOneOut: inverse?.map((own, i) => targets[i]! - coefficients[i]! / own) ?? null,
  };
}

/** The prediction for each film, from its rows of every term, in the order of the terms at the fitting. */
export function predictKernelRidge(
  { mean, coefficients, terms }: KernelRidgeModel,
  rows: readonly (Matrix | SparseMatrix)[],
): Float64Array {
  if (rows.length !== terms.length) {
    throw new UserError(`The model has ${terms.length} terms, not ${rows.length}: give the rows of each.`);
  }
  const predictions = new Float64Array(rows[0]?.rows ?? 0).fill(mean);
  terms.forEach((term, i) => {
    const own = rows[i]!;
    checkColumns(own, term.kind === "rbf" ? term.rows.columns : term.weights.length);
    if (!isSparse(own)) checkNumbers(own, `Term ${i}`);
    for (let film = 0; film < predictions.length; film++) {
      predictions[film] = predictions[film]! + termOf(term, coefficients, own, film);
    }
  });
  return predictions;
}

/** What one term adds to the prediction of one film. */
function termOf(
  term: FittedTerm,
  coefficients: KernelRidgeModel["coefficients"],
  rows: Matrix | SparseMatrix,
  film: number,
): number {
  let sum = 0;
  if (isSparse(rows)) {
    if (term.kind === "rbf") throw new UserError("This term was fitted on dense rows: give dense ones.");
    for (let at = rows.starts[film]!; at < rows.starts[film + 1]!; at++) {
      sum += term.weights[rows.indices[at]!]! * rows.values[at]!;
    }
    return sum;
  }
  const row = rows.data.subarray(film * rows.columns, (film + 1) * rows.columns);
  if (term.kind === "rbf") return weightedRbf(term, coefficients, row);
  for (let column = 0; column < row.length; column++) sum += term.weights[column]! * row[column]!;
  return sum;
}

/** A linear term as one weight for each feature: weight·Xᵀ·coefficients. */
function fittedTerm(term: KernelTerm, coefficients: Float64Array): FittedTerm {
  if (term.kind === "rbf") return term;
  const { rows, weight } = term;
  const weights = new Float64Array(rows.columns);
  const add = (column: number, film: number, value: number): void => {
    weights[column] = weights[column]! + weight * coefficients[film]! * value;
  };
  for (let film = 0; film < rows.rows; film++) {
    if (isSparse(rows)) {
      for (let at = rows.starts[film]!; at < rows.starts[film + 1]!; at++)
        add(rows.indices[at]!, film, rows.values[at]!);
    } else {
      for (let column = 0; column < rows.columns; column++) add(column, film, rows.data[film * rows.columns + column]!);
    }
  }
  return { kind: "linear", weights };
}

/** A `UserError` where there are more training films than can be paired. */
export function checkPairs(films: number): void {
  if (films <= MAX_FILMS) return;
  const [count, most] = [films, MAX_FILMS].map((number) => number.toLocaleString("en-US"));
  throw new UserError(
    `Kernels compare all pairs of films: ${count} would need ${((8 * films ** 2) / 1e9).toFixed(1)} GB for the pairs alone, and ${most} are the most. Set model.kind=network, or data.maxFilms=${MAX_FILMS}.`,
  );
}

function checkTerms(terms: readonly KernelTerm[], targets: ArrayLike<number>, noise: number): void {
  if (!(noise > 0 && noise < Infinity)) {
    throw new UserError(`The noise of a kernel ridge regression must be above 0, not ${noise}.`);
  }
  checkPairs(targets.length);
  if (terms.length === 0) throw new UserError("A kernel ridge regression needs a kernel: give a term.");
  terms.forEach((term, i) => {
    checkTargets(term.rows, targets);
    if (!(term.weight > 0) || (term.kind === "rbf" && !(term.gamma > 0)))
      throw new UserError(`The weight and gamma of term ${i} must be above 0.`);
    if (!isSparse(term.rows)) checkNumbers(term.rows, `Term ${i}`);
  });
}
