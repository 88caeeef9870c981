export interface Summary {
  min: number;
  median: number;
  max: number;
}
export interface CoreTimes {
  total: number;
  idle: number;
}
export function median(values: readonly number[]): number;
export function summary(rates: readonly number[]): Summary;
export function compare(
  ours: readonly number[],
  peer: readonly number[],
): { ours: Summary; peer: Summary; ratio: number };
export function disagreement(
  ours: Record<string, number>,
  peer: Record<string, number>,
  tolerance?: Record<string, number>,
): string | null;
export function disturbance(before: CoreTimes, after: CoreTimes, ownMs: number): number;
