export interface Film {
  id: number;
  title: string;
  fold: number;
  /** Dollars. */
  actual: number;
  predicted: number;
}
export function acrossFolds(
  films: readonly Pick<Film, "fold">[],
  rows: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
  options?: { penalties?: readonly number[] },
): Float64Array;
export interface Corrected extends Film {
  uncorrected: number;
}
export function correctedBy(rows: readonly ArrayLike<number>[], films: readonly Film[]): Corrected[];
export function worthOf(corrected: readonly Corrected[]): Record<string, string>;
