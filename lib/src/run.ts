import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type Config, readConfig } from "./config";
import { loadEngine } from "./engine";
import { UsageError, UserError } from "./errors";
import { type Difficulty, difficultySchema } from "./evaluation/difficulty";
import type { Reference } from "./evaluation/reference";
import { projectRoot, readJson, sha256, writeFileAtomic, writeJson } from "./files";
import type { PrepareSummary } from "./prepare";
import type { EpochMetrics } from "./training/trainer";

/** A run's folder and the files in it; README of the format: checkpoints/README.md. */
export interface Run {
  name: string;
  folder: string;
  /** The path of a file in the folder. */
  file(name: RunFile): string;
}

const RUN_FILES = [
  "config.json",
  "manifest.json",
  "calibration.json",
  "baselines.json",
  "metrics.jsonl",
  "events.out.tfevents.movie-revenue",
  "best.safetensors",
  "last.safetensors",
  "evaluation.json",
  "analysis.json",
  "predictions.csv",
  "README.md",
  "report.html",
] as const;

export type RunFile = (typeof RUN_FILES)[number];

/** What a trained run knows of its films: enough to judge and predict without their data. */
export interface Calibration {
  /** Ids by split: a film that was trained on is never judged. */
  splits: { train: number[]; validation: number[]; test: number[] };
  /** Ids of films on no side, whose poster a film of a later side shows: they are not judged either. */
  sharedPosters: number[];
  reference: Reference;
  /** Absolute errors in log10 dollars on the validation films, ascending: the intervals come from them. */
  residuals: number[];
  /** Of scaled intervals: how hard films are, and the validation films' errors as multiples of that, ascending. */
  scaled?: { difficulty: Difficulty; multiples: number[] };
  /** Validation loss of always predicting the training mean: what the model must beat while it trains. */
  baseline: number;
}

/** Where runs are kept: `MOVIE_REVENUE_RUNS`, or the project's `checkpoints`. */
export function runsFolder(): string {
  return resolve(process.env.MOVIE_REVENUE_RUNS || join(projectRoot(), "checkpoints"));
}

/** The run of that name, there or not; a name that could leave the folder is a `UsageError`. */
export function runNamed(name: string): Run {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) {
    throw new UsageError(`"${name}" cannot name a run: use letters, digits, dots, dashes and underscores.`);
  }
  const folder = join(runsFolder(), name);
  return { name, folder, file: (file) => join(folder, file) };
}

/** A run that can judge and predict. */
export interface TrainedRun extends Run {
  config: Config;
  calibration: Calibration;
}

/** The trained run of that name; a `UserError` says how to train it, or which runs there are. */
export async function trainedRun(name: string): Promise<TrainedRun> {
  const run = runNamed(name);
  if (!existsSync(run.file("calibration.json")) || !existsSync(run.file("best.safetensors"))) {
    const finished = (await runNames()).filter((other) => existsSync(runNamed(other).file("calibration.json")));
    const others = finished.length > 0 ? `, or take one of ${finished.join(", ")}` : "";
    const how = existsSync(run.folder)
      ? "is not trained to the end: train it with --resume"
      : "does not exist: train it first";
    throw new UserError(`The run "${name}" ${how} (movie-revenue train --run ${name})${others}.`);
  }
  const config = await readConfig(run.file("config.json"));
  return { ...run, config, calibration: await readCalibration(run) };
}

async function runNames(): Promise<string[]> {
  if (!existsSync(runsFolder())) return [];
  const entries = await readdir(runsFolder(), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

const ids = z.array(z.number().int());
const calibrationSchema = z.object({
  splits: z.object({ train: ids, validation: ids, test: ids }),
  sharedPosters: ids.default([]),
  reference: z.object({
    trainMeanLog10: z.number(),
    trainMedian: z.number(),
    brackets: z.object({ lowMax: z.number(), mediumMax: z.number() }),
  }),
  residuals: z.array(z.number().nonnegative()),
  scaled: z.object({ difficulty: difficultySchema, multiples: z.array(z.number().nonnegative()) }).optional(),
  baseline: z.number().nonnegative(),
});

async function readCalibration(run: Run): Promise<Calibration> {
  const path = run.file("calibration.json");
  const parsed = calibrationSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new UserError(`${path} is damaged: train the run again.`);
  return parsed.data;
}

/**
 * Makes the folder of a new run; one of the same name is set aside as `NAME.previous`, in place of an earlier one.
 * A folder where no epoch was finished is used again, so that a failed start never costs the run that was set aside.
 */
export async function startRun(run: Run, config: Config): Promise<{ setAside?: string }> {
  let setAside: string | undefined;
  if (existsSync(run.file("best.safetensors"))) {
    setAside = `${run.folder}.previous`;
    await rm(setAside, { recursive: true, force: true });
    await rename(run.folder, setAside);
  }
  for (const file of RUN_FILES) await rm(run.file(file), { force: true });
  await mkdir(run.folder, { recursive: true });
  await writeJson(run.file("config.json"), config);
  return { setAside };
}

/** What a run was made with, beside its numbers. */
export interface Manifest {
  version: string;
  node: string;
  engine: { name: string; version: string; gpu: boolean; reason?: string };
  /** Commit of the checkout, with "-dirty" where files differ from it; null outside git. */
  git: string | null;
  /** SHA-256 over the compiled library: what the commit does not tell where files differ from it. */
  library?: string;
  /** Threads that one operation may use. */
  threads?: number;
  /** SHA-256 of each notebook as it lies in the checkout. */
  notebooks: Record<string, string>;
  data: PrepareSummary;
  seeds: { split: number; training: number; evaluation: number };
  /** SHA-256 of the backbone's weights. */
  weights: string;
  startedAt: string;
  /** Seconds by stage. */
  timings: Record<string, number>;
  /** Why training ended. */
  ended?: string;
}

const manifestSchema = z.looseObject({
  data: z.looseObject({ fingerprint: z.string(), source: z.string(), invalid: z.array(z.unknown()) }),
  engine: z.looseObject({ name: z.string() }),
  weights: z.string(),
});

/** The manifest of a run, or null where there is none yet; a damaged one is a `UserError`. */
export async function readManifest(run: Run): Promise<Manifest | null> {
  const path = run.file("manifest.json");
  if (!existsSync(path)) return null;
  const parsed = manifestSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new UserError(`${path} is damaged: train the run again under another name.`);
  return parsed.data as unknown as Manifest;
}

/** The manifest of a run that begins now. */
export async function newManifest(
  config: Config,
  { data, weights }: Pick<Manifest, "data" | "weights">,
): Promise<Manifest> {
  const { version } = (await readJson(join(__dirname, "../package.json"))) as { version: string };
  return {
    version,
    node: process.versions.node,
    engine: await loadEngine(),
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism(),
    git: gitCommit(),
    library: await libraryHash(),
    notebooks: await notebookHashes(),
    data,
    seeds: { split: config.split.seed, training: config.training.seed, evaluation: config.evaluation.seed },
    weights,
    startedAt: new Date().toISOString(),
    timings: {},
  };
}

function gitCommit(): string | null {
  try {
    const arguments_ = ["describe", "--always", "--dirty", "--abbrev=40"];
    return execFileSync("git", arguments_, { cwd: projectRoot(), encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return null;
  }
}

async function libraryHash(): Promise<string> {
  const files = (await readdir(__dirname, { recursive: true })).filter((name) => name.endsWith(".js")).sort();
  const hashes = await Promise.all(files.map(async (name) => [name, sha256(await readFile(join(__dirname, name)))]));
  return sha256(JSON.stringify(hashes));
}

async function notebookHashes(): Promise<Record<string, string>> {
  const folder = join(projectRoot(), "notebooks");
  if (!existsSync(folder)) return {};
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ipynb")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, sha256(await readFile(join(folder, name)))])),
  );
}

/** The lines of `metrics.jsonl`, one an epoch; none where training has not begun. */
export async function readMetrics(run: Run): Promise<EpochMetrics[]> {
  if (!existsSync(run.file("metrics.jsonl"))) return [];
  const lines = (await readFile(run.file("metrics.jsonl"), "utf8")).split("\n").filter(Boolean);
  try {
    return lines.map((line) => JSON.parse(line) as EpochMetrics);
  } catch {
    throw new UserError(`${run.file("metrics.jsonl")} is damaged: correct it, or train the run again.`);
  }
}

export async function writeMetrics(run: Run, epochs: readonly EpochMetrics[]): Promise<void> {
  await writeFileAtomic(run.file("metrics.jsonl"), epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join(""));
}
