import { UserError } from "../errors";

/** Columns of a product that stay in the processor's cache. */
const DEPTH = 512;
/** Columns of a Cholesky factor that are made at a time. */
const BLOCK = 64;

/** A symmetric matrix [n, n], row by row, of which only the lower triangle is read. */
export type Symmetric = Float64Array;

/** The products of every two rows of a matrix [n, length]: the lower triangle of A·Aᵀ. */
export function gram(a: Float64Array, n: number, length: number): Symmetric {
  const products = new Float64Array(n * n);
  for (let from = 0; from < length; from += DEPTH) {
    const to = Math.min(length, from + DEPTH);
    for (let i = 0; i < n; i += 2) {
      for (let j = 0; j <= i; j += 2) addProducts(products, n, a, length, { i, j, from, to, sign: 1 });
    }
  }
  return products;
}

/** Adds to four entries the products of rows i, i + 1 and j, j + 1 of `a`: four sums keep the processor busy. */
function addProducts(
  target: Float64Array,
  n: number,
  a: Float64Array,
  length: number,
  { i, j, from, to, sign }: { i: number; j: number; from: number; to: number; sign: 1 | -1 },
): void {
  // the last row of an odd number is its own neighbour
  const nextI = i + 1 < n ? length : 0;
  const nextJ = j + 1 < n ? length : 0;
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  for (let p = i * length + from, q = j * length + from; p < i * length + to; p++, q++) {
    const x = a[p]!;
    const y = a[p + nextI]!;
    const u = a[q]!;
    const v = a[q + nextJ]!;
    s00 += x * u;
    s01 += x * v;
    s10 += y * u;
    s11 += y * v;
  }
  const at = i * n + j;
  target[at] = target[at]! + sign * s00;
  if (nextJ) target[at + 1] = target[at + 1]! + sign * s01;
  if (nextI) target[at + n] = target[at + n]! + sign * s10;
  if (nextI && nextJ) target[at + n + 1] = target[at + n + 1]! + sign * s11;
}

/** Replaces the lower triangle by Cholesky's L, A = L·Lᵀ, in blocks (Golub & Van Loan 2013, 4.2.6). */
export function cholesky(a: Symmetric, n: number): Float64Array {
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(n, start + BLOCK);
    for (let i = start; i < n; i += 2) {
      for (let j = start; j < Math.min(end, i + 1); j += 2)
        addProducts(a, n, a, n, { i, j, from: 0, to: start, sign: -1 });
    }
    for (let i = start; i < n; i++) finishRow(a, n, i, start, Math.min(end, i + 1));
  }
  return a;
}

/** Makes L's entries of one row in a block, from what is left after the earlier blocks. */
function finishRow(a: Float64Array, n: number, i: number, start: number, end: number): void {
  for (let j = start; j < end; j++) {
    let rest = a[i * n + j]!;
    for (let k = start; k < j; k++) rest -= a[i * n + k]! * a[j * n + k]!;
    if (i === j && !(rest > 0)) {
      throw new UserError("The features are so nearly equal that they cannot be told apart: give a larger penalty.");
    }
    a[i * n + j] = i === j ? Math.sqrt(rest) : rest / a[j * n + j]!;
  }
}

/** The solution x of L·Lᵀ·x = b. */
export function solveCholesky(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let rest = x[i]!;
    for (let k = 0; k < i; k++) rest -= l[i * n + k]! * x[k]!;
    x[i] = rest / l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / l[i * n + i]!;
    x[i] = value;
    for (let k = 0; k < i; k++) x[k] = x[k]! - l[i * n + k]! * value;
  }
  return x;
}

/** A = Q·T·Qᵀ with T tridiagonal: one factorisation that solves (A + λI)·x = b for any number of λ. */
export interface Tridiagonal {
  /** T's diagonal, and what stands beside it. */
  diagonal: Float64Array;
  beside: Float64Array;
  /** Qᵀ·b, or Q·b. */
  turn(b: Float64Array): Float64Array;
  turnBack(b: Float64Array): Float64Array;
}

/** Householder's reduction (Golub & Van Loan 2013, algorithm 8.3.1). The matrix is overwritten. */
export function tridiagonalise(a: Symmetric, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(Math.max(0, n - 1));
  const scales = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = a[k * n + k]!;
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k]!;
    const reflection = reflect(v, k + 1);
    beside[k] = reflection.length;
    scales[k] = reflection.scale;
    if (reflection.scale !== 0) reduce(a, n, k + 1, v, w, reflection.scale);
    // the upper triangle is free: it keeps the reflections
    a.set(v.subarray(k + 1), k * n + k + 1);
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1]!;
  const apply = (b: Float64Array, k: number): void => {
    const reflection = a.subarray(k * n, (k + 1) * n);
    let product = 0;
    for (let i = k + 1; i < n; i++) product += reflection[i]! * b[i]!;
    for (let i = k + 1; i < n; i++) b[i] = b[i]! - scales[k]! * product * reflection[i]!;
  };
  return {
    ...{ diagonal, beside },
    turn(b) {
      const turned = b.slice();
      for (let k = 0; k < n - 1; k++) apply(turned, k);
      return turned;
    },
    turnBack(b) {
      const turned = b.slice();
      for (let k = n - 2; k >= 0; k--) apply(turned, k);
      return turned;
    },
  };
}

/** Makes of x = v[from …] the v of the reflection I − scale·v·vᵀ that takes x to (length, 0, 0 …). */
function reflect(v: Float64Array, from: number): { length: number; scale: number } {
  let rest = 0;
  for (let i = from + 1; i < v.length; i++) rest += v[i]! * v[i]!;
  const first = v[from]!;
  if (rest === 0) return { length: first, scale: 0 };
  const length = -Math.sign(first || 1) * Math.sqrt(first * first + rest);
  v[from] = first - length;
  return { length, scale: 2 / (v[from]! * v[from]! + rest) };
}

/** A ← (I − scale·v·vᵀ)·A·(I − scale·v·vᵀ) on the lower triangle of rows `from` and on. */
function reduce(a: Float64Array, n: number, from: number, v: Float64Array, w: Float64Array, scale: number): void {
  w.fill(0, from);
  for (let i = from; i < n; i++) {
    const own = v[i]!;
    let sum = 0;
    for (let j = from, at = i * n + from; j < i; j++, at++) {
      const entry = a[at]!;
      sum += entry * v[j]!;
      w[j] = w[j]! + entry * own;
    }
    w[i] = w[i]! + sum + a[i * n + i]! * own;
  }
  let product = 0;
  for (let i = from; i < n; i++) product += scale * w[i]! * v[i]!;
  for (let i = from; i < n; i++) w[i] = scale * (w[i]! - (product / 2) * v[i]!);
  for (let i = from; i < n; i++) {
    const x = v[i]!;
    const y = w[i]!;
    for (let j = from, at = i * n + from; j <= i; j++, at++) a[at] = a[at]! - x * w[j]! - y * v[j]!;
  }
}

/** The solution x of (T + λI)·x = b, and the trace of (T + λI)⁻¹; λ > 0 and T has no negative eigenvalue. */
export function solveTridiagonal(
  { diagonal, beside }: Tridiagonal,
  lambda: number,
  b: Float64Array,
): { x: Float64Array; inverseTrace: number } {
  const n = diagonal.length;
  const x = b.slice();
  const down = diagonal.map((value) => value + lambda);
  const up = down.slice();
  for (let i = 1; i < n; i++) {
    const factor = beside[i - 1]! / down[i - 1]!;
    down[i] = down[i]! - factor * beside[i - 1]!;
    x[i] = x[i]! - factor * x[i - 1]!;
  }
  let inverseTrace = 0;
  for (let i = n - 1; i >= 0; i--) {
    if (i < n - 1) up[i] = up[i]! - (beside[i]! * beside[i]!) / up[i + 1]!;
    x[i] = (x[i]! - (i < n - 1 ? beside[i]! * x[i + 1]! : 0)) / down[i]!;
    // a diagonal entry of the inverse, from the pivots of both directions (Meurant 1992, theorem 2.3)
    inverseTrace += 1 / (down[i]! + up[i]! - diagonal[i]! - lambda);
  }
  return { x, inverseTrace };
}
