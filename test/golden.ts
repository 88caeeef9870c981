import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What another program computed: a file of test/golden, made by the script of the same folder. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(goldenPath(name), "utf8")) as T;
}

export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`golden/${name}`, import.meta.url));
}

/** The numbers of `pattern` in golden/model_torch.py. */
export function pattern(size: number, period: number, scale: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (((i * 7919) % period) - Math.floor(period / 2)) * (scale / 64));
}

/** The largest difference between two lists of equal length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers beside ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
