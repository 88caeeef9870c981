import { UserError } from "../errors";

/** Numbers row by row, [rows, columns]. */
export interface Matrix {
  rows: number;
  columns: number;
  data: Float64Array | Float32Array;
}

/** A matrix whose columns have names; NaN is a missing value. */
export interface Table extends Matrix {
  names: string[];
}

/** The rows at some positions, in that order. */
export function takeRows<T extends Matrix>(matrix: T, positions: ArrayLike<number>): T {
  const { columns, data } = matrix;
  const taken = data.slice(0, 0).constructor as { new (length: number): T["data"] };
  const result = new taken(positions.length * columns);
  for (let i = 0; i < positions.length; i++) {
    const row = positions[i]!;
    result.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return { ...matrix, rows: positions.length, data: result };
}

/** The matrix of rows of equal length. */
export function matrixOf(rows: readonly ArrayLike<number>[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    if (row.length !== columns)
      throw new RangeError(`Row ${i} has ${row.length} numbers where others have ${columns}.`);
    data.set(row, i * columns);
  });
  return { rows: rows.length, columns, data };
}

/** Throws a `UserError` unless there is one finite target for each row, and at least one. */
export function checkTargets({ rows }: { rows: number }, targets: ArrayLike<number>): void {
  if (targets.length !== rows)
    throw new UserError(`There are ${targets.length} targets for ${rows} rows: give one each.`);
  if (rows === 0) throw new UserError("There are no rows to learn from: add films.");
  for (let row = 0; row < rows; row++) {
    if (!Number.isFinite(targets[row])) throw new UserError(`The target of row ${row} is ${targets[row]}: drop it.`);
  }
}

/** Throws a `UserError` where a model of so many columns is given another number of them. */
export function checkColumns({ columns }: { columns: number }, expected: number): void {
  if (columns === expected) return;
  throw new UserError(
    `The model was fitted on ${expected} features, not ${columns}: make the features as in training.`,
  );
}
