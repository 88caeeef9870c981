import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { reasonOf, throwIfInterrupted, UsageError, UserError } from "../errors";
import type { WorkOptions } from "../prepare";
import { ProgressMeter } from "../progress";
import { projectRoot } from "../system/files";

/** The Ray that this was tried with. */
const RAY = '"ray[client]==2.60.0"';

/** A `movie-revenue` command for the cluster. */
export interface RayTask {
  id: number;
  /** Its words; `{in}` and `{out}` stand for folders on the node that runs it. */
  args: string[];
  /** Files that it finds in `{in}`: name → path on this machine. */
  inputs: Record<string, string>;
  /** The folder on this machine for what it leaves in `{out}`, its folder of runs. */
  outputs: string;
}

export interface RayOptions extends WorkOptions {
  /** `ray`, the running cluster or else one of this machine, or `ray://HOST:PORT`. */
  on: string;
  /** What the tasks are together, as "features on Ray", and what each is, in the plural. */
  task: string;
  unit: string;
  /** What remains after an interruption, as a sentence. */
  kept: string;
  /** Cores that Ray sets aside for each task. */
  cpus?: number;
}

/** How a task ended: the command's exit code, and the end of what it wrote to stderr. */
export interface RayResult {
  id: number;
  code: number;
  complaint: string;
}

/** Refuses what `--on` does not take. */
export function checkOn(on: string | undefined): string | undefined {
  if (on === undefined || on === "ray" || /^ray:\/\/[\w.-]+:\d+$/.test(on)) return on;
  throw new UsageError(`--on takes ray or ray://HOST:PORT, not "${on}".`);
}

/**
 * Runs commands on a Ray cluster, which schedules them and tries again what is lost with a worker or a node; their
 * results, in the order in which they ended. The project must be set up on every node, at the same path.
 */
export async function* runOnRay(
  tasks: readonly RayTask[],
  { on, task, unit, kept, cpus = 1, onProgress, signal }: RayOptions,
): AsyncGenerator<RayResult> {
  const root = projectRoot();
  const driver = spawn(pythonWithRay(), [join(root, "lib/ray/run.py")], { stdio: ["pipe", "pipe", "pipe"], signal });
  const complaint = lastLines(driver.stderr);
  // a driver that ends early, or on our signal, tells why by its exit
  driver.stdin.on("error", () => {});
  const ended = once(driver, "close").catch((thrown) => [reasonOf(thrown)]);
  const command = [process.execPath, join(root, "lib/bin/movie-revenue.cjs")];
  driver.stdin.end(JSON.stringify({ address: on === "ray" ? null : on, command, cpus, tasks }));
  const meter = new ProgressMeter(task, unit, onProgress, tasks.length);
  let done = 0;
  for await (const line of createInterface({ input: driver.stdout })) {
    meter.advance(1);
    done++;
    yield JSON.parse(line) as RayResult;
  }
  await ended;
  throwIfInterrupted(signal, kept);
  if (done === tasks.length) return;
  const cluster = on === "ray" ? "Ray" : `The Ray cluster at ${on}`;
  throw new UserError(`${cluster} gave up (${complaint() || "it ended early"}): start it again.`);
}

/** A Python that has Ray; a `UserError` that says how to install it where none has. */
function pythonWithRay(): string {
  const python = process.env.MOVIE_REVENUE_RAY_PYTHON || "python3";
  if (spawnSync(python, ["-c", "import ray"]).status === 0) return python;
  throw new UserError(
    `Ray is not installed for ${python}: \`pip install ${RAY}\`, or name a Python that has it by MOVIE_REVENUE_RAY_PYTHON.`,
  );
}

/** The last line that was written there so far. */
function lastLines(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (chunk) => {
    text = `${text}${chunk}`.slice(-4000);
  });
  return () => reasonOf(text.trim().split("\n").at(-1) ?? "");
}
