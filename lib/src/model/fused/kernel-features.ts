import type { Matrix, Table } from "../matrix";

/** One number that the kernel compares, made from one column of what is known of films. */
interface Feature {
  /** The columns that it is made from, one at a time. */
  column: RegExp;
  /** How fast films that differ in it grow unlike, and how much revenue leans on it: 0 for not at all. */
  near: number;
  trend: number;
  of?: (value: number) => number;
  /** Given as standard deviations from the training mean, at most three of them. */
  standardise?: boolean;
}

const DAYS = 365.25;
const wave = (turns: number, shape: (angle: number) => number) => (day: number) =>
  shape((2 * Math.PI * turns * day) / DAYS);
const half = (length: number): number => Math.log1p(length) / 2;

/**
 * The scales have the greatest marginal likelihood (Rasmussen & Williams 2006, section 5.4.1) on four fifths of the real
 * films, one for all genres and one for all languages, rounded; the fifth left out gained by them too, about half as much.
 */
const FEATURES: readonly Feature[] = [
  { column: /^log10 budget$/, near: 1.1, trend: 0.7, standardise: true },
  { column: /^budget known$/, near: 1.5, trend: 0.7, of: (known) => 1 - known },
  { column: /^year$/, near: 0.9, trend: 0, standardise: true },
  { column: /^runtime$/, near: 0.3, trend: 0.2, of: Math.log, standardise: true },
  { column: /^day of year$/, near: 0.2, trend: 0, of: wave(1, Math.cos) },
  { column: /^day of year$/, near: 0.2, trend: 0, of: wave(1, Math.sin) },
  { column: /^day of year$/, near: 0.3, trend: 0.1, of: wave(2, Math.cos) },
  { column: /^day of year$/, near: 0.3, trend: 0.1, of: wave(2, Math.sin) },
  { column: /^weekday$/, near: 0.2, trend: 0.2, of: (day) => Number(day === 5) },
  { column: /^weekday$/, near: 0, trend: 0.1, of: (day) => Number(day === 3) },
  { column: /^weekday$/, near: 0.7, trend: 0, of: (day) => Number(Number.isNaN(day)) },
  { column: /^genre /, near: 0.8, trend: 0.3 },
  { column: /^genres$/, near: 0.25, trend: 0 },
  { column: /^language /, near: 2.7, trend: 0.1 },
  { column: /^language other$/, near: 0, trend: 0.2, of: (other) => Number(Number.isNaN(other)) },
  { column: /^title has a number$/, near: 0.1, trend: 0.2 },
  { column: /^title has a colon$/, near: 0.1, trend: 0 },
  { column: /^title words$/, near: 0.1, trend: 0, of: Math.log1p },
  { column: /^tagline known$/, near: 1.2, trend: 0.6 },
  { column: /^tagline length$/, near: 0, trend: 0.3, of: half },
  { column: /^overview length$/, near: 0.1, trend: 0, of: half },
  { column: /^earlier mean$/, near: 0.1, trend: 0.35, standardise: true },
  { column: /^earlier latest$/, near: 0.3, trend: 0.1, standardise: true },
  { column: /^earlier films$/, near: 0.1, trend: 0.2, of: (films) => Number(films > 0) },
];

/** The farthest that a standardised value counts: a typing error in a runtime must not outweigh all else. */
const FARTHEST = 3;

/** Mean and standard deviation of a column, of what is made from it. */
export interface Moments {
  name: string;
  mean: number;
  deviation: number;
}

/** The moments of the columns that are standardised, of the training films whose value is known. */
export function momentsOf(table: Table): Moments[] {
  return plan(table).flatMap(({ name, column, feature }) => {
    if (!feature.standardise) return [];
    const values = columnOf(table, column, feature).filter(Number.isFinite);
    const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return [{ name, mean, deviation: Math.sqrt(squares / (values.length || 1)) }];
  });
}

/** What the kernel compares, [films, features] of float32: in its exponent, and in its trend. Unknown is 0, in the middle. */
export function kernelFeatures(table: Table, moments: readonly Moments[]): { near: Matrix; trend: Matrix } {
  return { near: scaledBy("near", table, moments), trend: scaledBy("trend", table, moments) };
}

function scaledBy(scale: "near" | "trend", table: Table, moments: readonly Moments[]): Matrix {
  const planned = plan(table).filter(({ feature }) => feature[scale] > 0);
  const data = new Float32Array(table.rows * planned.length);
  planned.forEach(({ name, column, feature }, at) => {
    const { mean, deviation } = (feature.standardise && moments.find((own) => own.name === name)) || NONE;
    columnOf(table, column, feature).forEach((value, row) => {
      // constant in training: it tells nothing
      const away = deviation > 0 && Number.isFinite(value) ? (value - mean) / deviation : 0;
      const bounded = feature.standardise ? Math.max(-FARTHEST, Math.min(FARTHEST, away)) : away;
      data[row * planned.length + at] = feature[scale] * bounded;
    });
  });
  return { rows: table.rows, columns: planned.length, data };
}

const NONE = { mean: 0, deviation: 1 };

/** Which feature is made of which column, in the order of the features. */
function plan({ names }: Table): { name: string; column: number; feature: Feature }[] {
  return FEATURES.flatMap((feature) =>
    names.flatMap((name, column) => (feature.column.test(name) ? [{ name, column, feature }] : [])),
  );
}

function columnOf({ rows, columns, data }: Table, column: number, { of = (value) => value }: Feature): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => of(data[row * columns + column]!));
}
