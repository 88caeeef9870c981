/** What a program printed, and the share of the cores that others used while it ran. */
export interface Run {
  rate: number;
  unit: string;
  residentMiB: number;
  others: number;
}
export interface Sides<T> {
  ours: T;
  peer: T;
}
export interface Row extends Sides<number> {
  name: string;
  peerName: string;
  ratio: number;
  unit: string;
  residentMiB: number;
  peerResidentMiB: number;
  range: Sides<[min: number, max: number]>;
  others: number;
  runs: Sides<Run[]>;
}
export interface CoreTimes {
  total: number;
  idle: number;
}
export function median(values: readonly number[]): number;
export function rowOf(benchmark: { name: string; peerName: string }, runs: Sides<Run[]>): Row;
export function disagreement(
  ours: Record<string, number>,
  peer: Record<string, number>,
  tolerance?: Record<string, number>,
): string | null;
export function disturbance(before: CoreTimes, after: CoreTimes, ownMs: number): number;
