import { UserError } from "../errors";
import { Random } from "../random";
import { checkColumns, checkTargets } from "./matrix";
import type { RidgeModel } from "./ridge";

/** A matrix [rows, columns] of which only the entries that are not 0 are kept: row i's are starts[i] … starts[i + 1] − 1. */
export interface SparseMatrix {
  rows: number;
  columns: number;
  starts: Uint32Array;
  /** The column of each entry. */
  indices: Uint32Array;
  values: Float64Array;
}

export interface SparseRidgeOptions {
  /** Above 0. Of several, that with the least k-fold error is taken, the largest of equals. */
  penalties?: readonly number[];
  folds?: number;
  /** Draws the folds. */
  seed?: number;
}

/** What `fitSparseRidge` finds: a ridge model with the k-fold error of each penalty, where there were several. */
export type SparseRidgeModel = Omit<RidgeModel, "scores"> & { scores: { penalty: number; mse: number }[] };

/** A sparse matrix of rows, each a map from column to value. */
export function sparseOf(rows: readonly ReadonlyMap<number, number>[], columns: number): SparseMatrix {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.size;
  });
  const entries = rows.flatMap((row) => [...row].sort(([a], [b]) => a - b));
  return {
    ...{ rows: rows.length, columns, starts },
    indices: Uint32Array.from(entries, ([column]) => column),
    values: Float64Array.from(entries, ([, value]) => value),
  };
}

/** The rows at some positions, in that order. */
export function takeSparseRows(
  { columns, starts, indices, values }: SparseMatrix,
  positions: ArrayLike<number>,
): SparseMatrix {
  const rows = Array.from(positions, (row) => {
    const entries = new Map<number, number>();
    for (let at = starts[row]!; at < starts[row + 1]!; at++) entries.set(indices[at]!, values[at]!);
    return entries;
  });
  return sparseOf(rows, columns);
}

/**
 * Ridge regression of sparse features, the same model as `fitRidge`'s: by conjugate gradients on the normal equations
 * of the centred features (Hestenes & Stiefel 1952), which are never written down. The penalty is chosen by k-fold.
 */
export function fitSparseRidge(
  features: SparseMatrix,
  targets: ArrayLike<number>,
  { penalties = [0.3, 1, 3, 10, 30, 100], folds = 5, seed = 42 }: SparseRidgeOptions = {},
): SparseRidgeModel {
  checkTargets(features, targets);
  if (penalties.length === 0 || !penalties.every((penalty) => penalty > 0 && penalty < Infinity)) {
    throw new UserError(`The penalties of a ridge regression must be above 0, not ${penalties.join(", ") || "none"}.`);
  }
  const rising = [...penalties].sort((a, b) => a - b);
  const scores = rising.length > 1 ? foldErrors(features, targets, rising, { folds, seed }) : [];
  const best = scores.reduce<{ penalty: number; mse: number } | null>((a, b) => (a && a.mse < b.mse ? a : b), null);
  const penalty = best?.penalty ?? rising[0]!;
  return { penalty, ...solve(features, targets, penalty), scores };
}

/** The model's prediction for each row. */
export function predictSparseRidge(
  { weights, intercept }: Pick<SparseRidgeModel, "weights" | "intercept">,
  features: SparseMatrix,
): Float64Array {
  checkColumns(features, weights.length);
  return multiply(features, Float64Array.from(weights)).map((value) => value + intercept);
}

/** The mean squared error of each penalty on films left out, over all folds. */
function foldErrors(
  features: SparseMatrix,
  targets: ArrayLike<number>,
  penalties: readonly number[],
  { folds, seed }: { folds: number; seed: number },
): SparseRidgeModel["scores"] {
  const order = new Random(seed).permutation(features.rows);
  const parts = Array.from({ length: Math.min(folds, features.rows) }, (_, fold) => {
    const [inside, outside] = [order.filter((_, i) => i % folds !== fold), order.filter((_, i) => i % folds === fold)];
    const of = (rows: Uint32Array) => ({
      x: takeSparseRows(features, rows),
      y: Float64Array.from(rows, (row) => targets[row]!),
    });
    return { train: of(inside), test: of(outside) };
  }).filter(({ train }) => train.y.length > 0);
  return penalties.map((penalty) => {
    let squares = 0;
    for (const { train, test } of parts) {
      const predicted = predictSparseRidge(solve(train.x, train.y, penalty), test.x);
      predicted.forEach((value, i) => {
        squares += (value - test.y[i]!) ** 2;
      });
    }
    return { penalty, mse: squares / features.rows };
  });
}

/** Stops where the residual has fallen to this share of what it was. */
const TOLERANCE = 1e-13;

function solve(x: SparseMatrix, targets: ArrayLike<number>, penalty: number): { weights: number[]; intercept: number } {
  const mean = Float64Array.from(targets).reduce((sum, target) => sum + target, 0) / x.rows;
  const means = multiplyTransposed(x, new Float64Array(x.rows).fill(1 / x.rows));
  const y = Float64Array.from(targets, (target) => target - mean);
  const weights = new Float64Array(x.columns);
  // the centred y sums to 0, so the means of x drop out
  const residual = multiplyTransposed(x, y);
  const direction = residual.slice();
  let squares = dot(residual, residual);
  const enough = squares * TOLERANCE ** 2;
  for (let step = 0; step < 10 * (x.columns + 10) && squares > enough; step++) {
    const turned = normal(x, means, direction, penalty);
    const length = squares / dot(direction, turned);
    addScaled(weights, direction, length);
    addScaled(residual, turned, -length);
    const before = squares;
    squares = dot(residual, residual);
    for (let i = 0; i < direction.length; i++) direction[i] = residual[i]! + (squares / before) * direction[i]!;
  }
  return { weights: [...weights], intercept: mean - dot(weights, means) };
}

/** (XcᵀXc + penalty·I)·v of the centred features Xc = X − 1·meansᵀ. */
function normal(x: SparseMatrix, means: Float64Array, v: Float64Array, penalty: number): Float64Array {
  const shift = dot(means, v);
  const product = multiply(x, v).map((value) => value - shift);
  const turned = multiplyTransposed(x, product);
  addScaled(turned, v, penalty);
  return turned;
}

function multiply({ rows, starts, indices, values }: SparseMatrix, v: Float64Array): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[at]! * v[indices[at]!]!;
    result[row] = sum;
  }
  return result;
}

function multiplyTransposed({ rows, columns, starts, indices, values }: SparseMatrix, v: Float64Array): Float64Array {
  const result = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      const column = indices[at]!;
      result[column] = result[column]! + values[at]! * v[row]!;
    }
  }
  return result;
}

function addScaled(target: Float64Array, v: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * v[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
