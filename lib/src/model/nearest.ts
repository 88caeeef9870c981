import { posterScaleOf, scaledPosters } from "./fused/poster-scale";
import type { Matrix } from "./matrix";

/** A row, and the cosine of the angle to it: 1 in the same direction, 0 at a right angle. */
export interface Near {
  row: number;
  similarity: number;
}

/**
 * For each query the rows most like it, the likest first: by the cosine of features [n, features] that are brought to
 * mean 0 and deviation 1 over the rows, for otherwise all posters look alike.
 */
export function nearestRows(queries: Matrix, rows: Matrix, { count }: { count: number }): Near[][] {
  const scale = posterScaleOf(rows);
  const [from, among] = [directions(scaledPosters(queries, scale)), directions(scaledPosters(rows, scale))];
  return Array.from({ length: queries.rows }, (_, query) =>
    Array.from({ length: rows.rows }, (_, row) => ({ row, similarity: dot(from, query, among, row) }))
      .sort((a, b) => b.similarity - a.similarity || a.row - b.row)
      .slice(0, count),
  );
}

/** Rows of length 1; one of zeros stays. */
function directions({ rows, columns, data }: Matrix): Matrix {
  const unit = Float32Array.from(data);
  for (let row = 0; row < rows; row++) {
    const own = unit.subarray(row * columns, (row + 1) * columns);
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    for (let at = 0; length > 0 && at < columns; at++) own[at] = own[at]! / length;
  }
  return { rows, columns, data: unit };
}

function dot(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0;
  for (let at = 0; at < a.columns; at++) sum += a.data[i * a.columns + at]! * b.data[j * b.columns + at]!;
  return sum;
}
