import { UserError } from "../errors";
import { checkColumns, checkTargets, type Matrix } from "./matrix";
import { cholesky, gram, solveCholesky, solveTridiagonal, tridiagonalise } from "./symmetric";

/** A linear model as JSON, on the features as they are given (any standardising is undone in the weights). */
export interface RidgeModel {
  /** The penalty that was chosen. */
  penalty: number;
  weights: number[];
  intercept: number;
  /** The generalised cross-validation error of each penalty, where there were several. */
  scores: { penalty: number; gcv: number }[];
}

export interface RidgeOptions {
  /** Above 0. Of several, that with the least generalised cross-validation error is taken, the largest of equals. */
  penalties?: readonly number[];
  /** Divides each feature by its standard deviation first, so that the penalty treats all alike. */
  standardise?: boolean;
}

/** Powers of ten from 1 to 10⁶, two a decade. */
export const PENALTIES: readonly number[] = Array.from({ length: 13 }, (_, i) => 10 ** (i / 2));

/** Features less their mean, as rows whose products are wanted: of features [d, n] where d ≤ n (primal), else of films [n, d]. */
interface Centred {
  data: Float64Array;
  primal: boolean;
  means: Float64Array;
  /** The factor that each feature was multiplied by; 0 of a constant one. */
  scales: Float64Array;
}

/**
 * Ridge regression with an intercept that is not penalised: least ‖y − Xw − b‖² + penalty·‖w‖², in float64.
 * One penalty is solved by Cholesky; several by one tridiagonalisation, which gives their GCV error too (Golub, Heath &
 * Wahba 1979; the intercept counts as one degree of freedom).
 */
export function fitRidge(
  features: Matrix,
  targets: ArrayLike<number>,
  { penalties = PENALTIES, standardise = false }: RidgeOptions = {},
): RidgeModel {
  checkTargets(features, targets);
  if (penalties.length === 0 || !penalties.every((penalty) => penalty > 0 && penalty < Infinity)) {
    throw new UserError(`The penalties of a ridge regression must be above 0, not ${penalties.join(", ") || "none"}.`);
  }
  const centred = centre(features, standardise);
  const mean = Float64Array.from(targets).reduce((sum, target) => sum + target, 0) / features.rows;
  const y = Float64Array.from(targets, (target) => target - mean);
  const { solution, ...chosen } = solve(
    centred,
    features,
    y,
    [...penalties].sort((a, b) => b - a),
  );
  const scaled = centred.primal ? solution : products(centred.data, solution, features.columns);
  const weights = [...scaled.map((weight, column) => weight * centred.scales[column]!)];
  const intercept = mean - weights.reduce((sum, weight, column) => sum + weight * centred.means[column]!, 0);
  return { weights, intercept, ...chosen };
}

/** The model's prediction for each row. */
export function predictRidge(
  { weights, intercept }: Omit<RidgeModel, "penalty" | "scores">,
  features: Matrix,
): Float64Array {
  checkColumns(features, weights.length);
  const { rows, columns, data } = features;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = intercept;
    for (let column = 0; column < columns; column++) sum += weights[column]! * data[row * columns + column]!;
    return sum;
  });
}

function centre({ rows, columns, data }: Matrix, standardise: boolean): Centred {
  const { means, deviations } = moments({ rows, columns, data });
  const scales = deviations.map((deviation) => (deviation === 0 ? 0 : standardise ? 1 / deviation : 1));
  const primal = columns <= rows;
  const centred = new Float64Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      centred[primal ? column * rows + row : at] = (data[at]! - means[column]!) * scales[column]!;
    }
  }
  return { data: centred, primal, means, scales };
}

/** Each column's mean and standard deviation; the latter is exactly 0 of a constant column. A gap is a `UserError`. */
function moments({ rows, columns, data }: Matrix): { means: Float64Array; deviations: Float64Array } {
  const means = new Float64Array(columns);
  const deviations = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) means[at % columns] = means[at % columns]! + data[at]! / rows;
  const gap = means.findIndex((mean) => !Number.isFinite(mean));
  if (gap >= 0)
    throw new UserError(`Feature ${gap} has a value that is missing or infinite: ridge regression needs numbers.`);
  for (let column = 0; column < columns; column++) {
    let [sum, constant] = [0, true];
    for (let at = column; at < data.length; at += columns) {
      sum += (data[at]! - means[column]!) ** 2;
      constant &&= data[at] === data[column];
    }
    deviations[column] = constant ? 0 : Math.sqrt(sum / rows);
  }
  return { means, deviations };
}

interface Solved {
  /** The scaled weights (primal), or what they are as a sum over the films (dual). */
  solution: Float64Array;
  penalty: number;
  scores: RidgeModel["scores"];
}

/** The solution for the best of the penalties, which fall. */
function solve({ data, primal }: Centred, { rows, columns }: Matrix, y: Float64Array, penalties: number[]): Solved {
  const size = primal ? columns : rows;
  const a = gram(data, size, primal ? rows : columns);
  const b = primal
    ? Float64Array.from({ length: columns }, (_, i) => dot(data.subarray(i * rows, (i + 1) * rows), y))
    : y;
  if (penalties.length === 1) {
    const penalty = penalties[0]!;
    for (let i = 0; i < size; i++) a[i * (size + 1)] = a[i * (size + 1)]! + penalty;
    return { solution: solveCholesky(cholesky(a, size), size, b), penalty, scores: [] };
  }
  const factors = tridiagonalise(a, size);
  const turned = factors.turn(b);
  const tried = penalties.map((penalty) => {
    const { x, inverseTrace } = solveTridiagonal(factors, penalty, turned);
    const squares = primal ? dot(y, y) - dot(x, turned) - penalty * dot(x, x) : penalty ** 2 * dot(x, x);
    const freedom = size - penalty * inverseTrace;
    return { penalty, x, gcv: (rows * squares) / (rows - 1 - freedom) ** 2 };
  });
  // a single film fits anything: its errors are 0/0, and the largest penalty stays
  const best = tried.reduce((a, b) => (b.gcv < a.gcv ? b : a));
  const scores = tried.map(({ penalty, gcv }) => ({ penalty, gcv })).reverse();
  return { solution: factors.turnBack(best.x), penalty: best.penalty, scores };
}

/** Σ of rows × weights: Xᵀ·a. */
function products(data: Float64Array, weights: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  weights.forEach((weight, row) => {
    for (let column = 0; column < columns; column++)
      sums[column] = sums[column]! + weight * data[row * columns + column]!;
  });
  return sums;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
