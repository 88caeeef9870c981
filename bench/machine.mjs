// The machine under the benchmarks: two cores for each program, and what others do on them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { disturbance } from "./statistics.mjs";

const THREADS = "2";

/** What both sides run under: two threads for TensorFlow, libuv (sharp), OpenMP (PyTorch) and polars. */
export const ENVIRONMENT = {
  TF_NUM_INTRAOP_THREADS: THREADS,
  TF_NUM_INTEROP_THREADS: THREADS,
  UV_THREADPOOL_SIZE: THREADS,
  OMP_NUM_THREADS: THREADS,
  POLARS_MAX_THREADS: THREADS,
  // no __pycache__ beside the programs
  PYTHONDONTWRITEBYTECODE: "1",
};

/** A command that runs on two cores only, where the system can bind it: both runtimes have threads beyond the fixed ones. */
export function onTwoCores(command) {
  const cores = allowedCores();
  const bind = ["taskset", "-c", cores.slice(0, 2).join(",")];
  return cores.length > 2 && spawnSync(bind[0], ["--version"]).status === 0 ? [...bind, ...command] : command;
}

/** The numbers of the cores that this process may use; none where the system does not say. */
function allowedCores() {
  if (process.platform !== "linux") return [];
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [from, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** Milliseconds that all cores have spent since the start, and idle ones among them. */
export function coreTimes() {
  const times = cpus().map(({ times }) => times);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return { total: sum(times.flatMap(Object.values)), idle: sum(times.map(({ idle }) => idle)) };
}

/** Waits until others use less than a tenth of the cores, at most so many seconds. */
export async function waitForQuiet(seconds = 60) {
  for (let waited = 0; waited < seconds; waited++) {
    const before = coreTimes();
    await sleep(1000);
    if (disturbance(before, coreTimes(), 0) < 0.1) return;
  }
}

/** One line for the report. */
export function describeMachine() {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0].model.trim()}, ${availableParallelism()} cores, ${memory} GiB, Node ${process.versions.node}`;
}
