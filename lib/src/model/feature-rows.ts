import type { Matrix } from "./matrix";

/** Features of posters, [rows, columns], in memory or in the cache on disk. */
export interface FeatureRows {
  readonly rows: number;
  readonly columns: number;
  /** The features of some rows, one after the other, in memory that is the caller's. */
  read(rows: Uint32Array): Promise<Float32Array>;
}

/** Rows that are looked at together where all are looked at once: 5 MB of 1,280 features. */
const BLOCK = 1024;

/** Features in memory. */
export function heldRows({ rows, columns, data }: Matrix & { data: Float32Array }): FeatureRows {
  return {
    ...{ rows, columns },
    async read(wanted) {
      const found = new Float32Array(wanted.length * columns);
      wanted.forEach((row, i) => {
        found.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
      });
      return found;
    },
  };
}

/** Those from row `from` to before `to`. */
export function rowsBetween(features: FeatureRows, from: number, to: number): FeatureRows {
  const { columns } = features;
  return { rows: to - from, columns, read: (rows) => features.read(rows.map((row) => from + row)) };
}

/** The same features, each row changed in place as it is read. */
export function changedRows(features: FeatureRows, change: (data: Float32Array) => void): FeatureRows {
  const { rows, columns } = features;
  return {
    ...{ rows, columns },
    async read(wanted) {
      const data = await features.read(wanted);
      change(data);
      return data;
    },
  };
}

/** All rows in their order, some at a time: what they are, and their features. */
export async function* blocksOf(features: FeatureRows): AsyncGenerator<{ rows: Uint32Array; data: Float32Array }> {
  for (let from = 0; from < features.rows; from += BLOCK) {
    const count = Math.min(BLOCK, features.rows - from);
    const rows = Uint32Array.from({ length: count }, (_, i) => from + i);
    yield { rows, data: await features.read(rows) };
  }
}

/** All rows in memory. */
export async function matrixOfRows(features: FeatureRows): Promise<Matrix & { data: Float32Array }> {
  const { rows, columns } = features;
  const data = new Float32Array(rows * columns);
  for await (const block of blocksOf(features)) data.set(block.data, block.rows[0]! * columns);
  return { rows, columns, data };
}
