import type { Matrix } from "./matrix";

/** Features of posters, [rows, columns], in memory or in the cache on disk. */
export interface FeatureRows {
  readonly rows: number;
  readonly columns: number;
  /** All of them, row by row, where they are in memory. */
  readonly data?: Float32Array;
  /** The features of some rows, one after the other, in memory that is the caller's. */
  read(rows: Uint32Array): Promise<Float32Array>;
}

/** Rows that are looked at together where all are looked at once: 5 MB of 1,280 features. */
const BLOCK = 1024;

/** Features in memory. */
export function heldRows({ rows, columns, data }: Matrix & { data: Float32Array }): FeatureRows {
  return {
    ...{ rows, columns, data },
    read: async (wanted) => gather(data, columns, wanted),
  };
}

/** The features of the same posters by several networks, those of one after those of the other; read whenever asked for. */
export function rowsBeside(parts: readonly FeatureRows[]): FeatureRows {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  return {
    ...{ rows: first!.rows, columns },
    async read(wanted) {
      const found = new Float32Array(wanted.length * columns);
      let start = 0;
      for (const part of parts) {
        const own = await part.read(wanted);
        for (let row = 0; row < wanted.length; row++) {
          found.set(own.subarray(row * part.columns, (row + 1) * part.columns), row * columns + start);
        }
        start += part.columns;
      }
      return found;
    },
  };
}

/** Some rows of values [n, columns], one after the other, in new memory or at the beginning of `found`. */
export function gather(
  values: Float32Array,
  columns: number,
  rows: Uint32Array,
  found = new Float32Array(rows.length * columns),
): Float32Array {
  rows.forEach((row, i) => {
    found.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return found;
}

/** Those from row `from` to before `to`. */
export function rowsBetween(features: FeatureRows, from: number, to: number): FeatureRows {
  const { columns, data } = features;
  const rows = to - from;
  if (data) return heldRows({ rows, columns, data: data.subarray(from * columns, to * columns) });
  return { rows, columns, read: (wanted) => features.read(wanted.map((row) => from + row)) };
}

/** All rows in their order, some at a time: what they are, and their features. */
export async function* blocksOf(features: FeatureRows): AsyncGenerator<{ rows: Uint32Array; data: Float32Array }> {
  for (let from = 0; from < features.rows; from += BLOCK) {
    const count = Math.min(BLOCK, features.rows - from);
    const rows = Uint32Array.from({ length: count }, (_, i) => from + i);
    yield { rows, data: await features.read(rows) };
  }
}

/** All rows in memory: those that are there already are not copied. */
export async function matrixOfRows(features: FeatureRows): Promise<Matrix & { data: Float32Array }> {
  const { rows, columns } = features;
  if (features.data) return { rows, columns, data: features.data };
  const data = new Float32Array(rows * columns);
  for await (const block of blocksOf(features)) data.set(block.data, block.rows[0]! * columns);
  return { rows, columns, data };
}
