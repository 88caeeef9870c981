// What the programs in Node share: --help, timing, memory, and the one line of JSON that run.mjs reads.
import { readFileSync } from "node:fs";

/** Prints what `measure` returns for the arguments of the command line, or the help. */
export async function main(help, measure) {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return console.log(help);
  const result = await measure(...args);
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ ...result, residentMiB: residentMiB(), cpuSeconds: (user + system) / 1e6 }));
}

/** Most memory that this process has held. Not by getrusage on Linux: there it begins with what the parent held. */
function residentMiB() {
  if (process.platform !== "linux") return Math.round(process.resourceUsage().maxRSS / 1024);
  return Math.round(Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024);
}

/** How much is done in a second, where each round of work does `amount`. */
export async function rateOf(work, amount, rounds = 1) {
  const start = performance.now();
  for (let round = 0; round < rounds; round++) await work();
  return (rounds * amount) / ((performance.now() - start) / 1000);
}

/** A byte for each number from 0, without a pattern: the same in shared formulas of both sides (Knuth's multiplicative hash). */
export function noise(size) {
  return Uint8Array.from({ length: size }, (_, i) => Math.imul(i, 2654435761) >>> 24);
}
