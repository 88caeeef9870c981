import { UserError } from "../../errors";
import type { Table } from "../matrix";

/** A bin is a byte, and the last one is kept for what is missing. */
export const MAX_BINS = 255;

/** A table with each value replaced by the number of its bin. */
export interface Binned {
  rows: number;
  columns: number;
  /** Column by column, [columns, rows]. A column's bins are 0 … thresholds.length; the next number is for what is missing. */
  bins: Uint8Array;
  /** Of each column, rising: a value is in bin i where thresholds[i − 1] < value ≤ thresholds[i]. */
  thresholds: Float64Array[];
  /** Whether a column has missing values. */
  missing: boolean[];
}

/** Sorts each column's values into at most `maxBins` bins that hold about equally many; an infinite value is a `UserError`. */
export function binned(table: Table, maxBins = MAX_BINS): Binned {
  const { rows, columns } = table;
  const bins = new Uint8Array(columns * rows);
  const thresholds: Float64Array[] = [];
  const missing: boolean[] = [];
  for (let column = 0; column < columns; column++) {
    const values = columnOf(table, column);
    const ends = binThresholds(values, maxBins);
    thresholds.push(ends);
    missing.push(values.some(Number.isNaN));
    for (let row = 0; row < rows; row++) bins[column * rows + row] = binOf(values[row]!, ends);
  }
  return { rows, columns, bins, thresholds, missing };
}

function columnOf({ rows, columns, data, names }: Table, column: number): Float64Array {
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = data[row * columns + column]!;
    if (Math.abs(value) === Infinity) {
      throw new UserError(
        `The feature ${names[column]} of row ${row} is infinite: give a number, or NaN where unknown.`,
      );
    }
    values[row] = value;
  }
  return values;
}

/**
 * The upper ends of the bins but the last: midpoints between distinct values where they are few, else percentiles.
 * Source: scikit-learn's `_find_binning_thresholds`, float by float.
 */
export function binThresholds(values: Float64Array, maxBins: number): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  if (distinct.length <= maxBins) return distinct.slice(1).map((value, i) => (distinct[i]! + value) / 2);
  const percentiles = Float64Array.from({ length: maxBins - 1 }, (_, i) =>
    percentile(sorted, (i + 1) * (100 / maxBins)),
  );
  return percentiles.filter((value, i) => i === 0 || value !== percentiles[i - 1]);
}

/** `numpy.percentile(sorted, percent, method="averaged_inverted_cdf")`. */
function percentile(sorted: Float64Array, percent: number): number {
  const position = sorted.length * (percent / 100) - 1;
  const below = Math.floor(position);
  const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
  if (position !== below || below < 0) return next;
  return next - (next - sorted[below]!) / 2;
}

function binOf(value: number, thresholds: Float64Array): number {
  if (Number.isNaN(value)) return thresholds.length + 1;
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= thresholds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
