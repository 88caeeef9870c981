/** Rows of the inverse that are made at a time. */
const BLOCK = 32;

/**
 * The diagonal of A⁻¹ = L⁻ᵀ·L⁻¹ from the Cholesky factor L of A [n, n], whose lower triangle alone is read: the sums of
 * squares of the columns of L⁻¹, which is made by forward substitution.
 */
export function inverseDiagonal(l: Float64Array, n: number): Float64Array {
  // the transpose of L⁻¹, so that every sum runs along two rows
  const columns = new Float64Array(n * n);
  const diagonal = new Float64Array(n);
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(n, start + BLOCK);
    for (let j = 0; j < end; j++) {
      for (let i = Math.max(start, j); i < end; i++) {
        const value = i === j ? 1 / l[i * n + i]! : -sumOfProducts(l, i * n, columns, j * n, j, i) / l[i * n + i]!;
        columns[j * n + i] = value;
        diagonal[j] = diagonal[j]! + value * value;
      }
    }
  }
  return diagonal;
}

/** Σ of a[p + k]·b[q + k] for k from `from` to `to` − 1, in four sums that keep the processor busy. */
function sumOfProducts(a: Float64Array, p: number, b: Float64Array, q: number, from: number, to: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = from;
  for (; k + 3 < to; k += 4) {
    s0 += a[p + k]! * b[q + k]!;
    s1 += a[p + k + 1]! * b[q + k + 1]!;
    s2 += a[p + k + 2]! * b[q + k + 2]!;
    s3 += a[p + k + 3]! * b[q + k + 3]!;
  }
  for (; k < to; k++) s0 += a[p + k]! * b[q + k]!;
  return s0 + s1 + (s2 + s3);
}
