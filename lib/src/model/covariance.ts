import { UserError } from "../errors";
import type { Matrix } from "./matrix";
import type { SparseMatrix } from "./sparse";
import { gram, type Symmetric } from "./symmetric";

/** weight·exp(−gamma·‖x − y‖²) of two films' rows x and y. */
export interface RbfTerm {
  kind: "rbf";
  weight: number;
  gamma: number;
  rows: Matrix;
}

/** weight·x·y of two films' rows x and y. */
export interface LinearTerm {
  kind: "linear";
  weight: number;
  rows: Matrix | SparseMatrix;
}

/** One summand of a kernel, with the films' rows that it compares. */
export type KernelTerm = RbfTerm | LinearTerm;

export function isSparse(rows: Matrix | SparseMatrix): rows is SparseMatrix {
  return "starts" in rows;
}

/** Adds a term's value for every two of its rows to the lower triangle of a matrix [rows, rows]. */
export function addCovariance(target: Symmetric, term: KernelTerm): void {
  if (!isSparse(term.rows)) addDense(target, term, term.rows);
  else addSparse(target, term.weight, term.rows);
}

/** Throws a `UserError` where a row holds what is no number. */
export function checkNumbers({ data, columns }: Matrix, what: string): void {
  const gap = data.findIndex((value) => !Number.isFinite(value));
  if (gap < 0) return;
  const [row, column] = [Math.floor(gap / columns), gap % columns];
  throw new UserError(`${what}, row ${row}, column ${column} is ${data[gap]}: a kernel needs finite numbers.`);
}

function addDense(target: Symmetric, term: KernelTerm, { rows, columns, data }: Matrix): void {
  const products = gram(data instanceof Float64Array ? data : Float64Array.from(data), rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      const product = products[i * rows + j]!;
      const own = term.kind === "rbf" ? products[i * (rows + 1)]! + products[j * (rows + 1)]! : 0;
      const value = term.kind === "rbf" ? Math.exp(-term.gamma * Math.max(0, own - 2 * product)) : product;
      target[i * rows + j] = target[i * rows + j]! + term.weight * value;
    }
  }
}

function addSparse(target: Symmetric, weight: number, { rows, columns, starts, indices, values }: SparseMatrix): void {
  const own = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) own[indices[at]!] = weight * values[at]!;
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let at = starts[j]!; at < starts[j + 1]!; at++) sum += own[indices[at]!]! * values[at]!;
      target[i * rows + j] = target[i * rows + j]! + sum;
    }
    for (let at = starts[i]!; at < starts[i + 1]!; at++) own[indices[at]!] = 0;
  }
}

/** Rows that are compared at a time, so that each number of the other row is read once for all of them. */
const ROWS = 4;

/** Σ of a term's values between one row and each of the rows fitted, times their coefficients. */
export function weightedRbf(
  { weight, gamma, rows: { rows, columns, data } }: RbfTerm,
  coefficients: ArrayLike<number>,
  other: Matrix["data"],
): number {
  const distances = new Float64Array(ROWS);
  let sum = 0;
  for (let start = 0; start < rows; start += ROWS) {
    const count = Math.min(ROWS, rows - start);
    squaredDistances(distances, data, start * columns, count, other);
    for (let i = 0; i < count; i++) sum += coefficients[start + i]! * Math.exp(-gamma * distances[i]!);
  }
  return weight * sum;
}

function squaredDistances(
  distances: Float64Array,
  data: Matrix["data"],
  from: number,
  count: number,
  other: Matrix["data"],
): void {
  const columns = other.length;
  // where fewer rows are left, the last one stands for those that are missing
  const [p1, p2, p3] = [1, 2, 3].map((i) => from + Math.min(i, count - 1) * columns) as [number, number, number];
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < columns; k++) {
    const value = other[k]!;
    const d0 = data[from + k]! - value;
    const d1 = data[p1 + k]! - value;
    const d2 = data[p2 + k]! - value;
    const d3 = data[p3 + k]! - value;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  distances[0] = s0;
  distances[1] = s1;
  distances[2] = s2;
  distances[3] = s3;
}
