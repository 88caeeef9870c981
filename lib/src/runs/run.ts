import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type Config, readConfig } from "../config";
import { UsageError, UserError } from "../errors";
import { type Difficulty, difficultySchema } from "../evaluation/difficulty";
import type { Reference } from "../evaluation/reference";
import { projectRoot, readJson, writeFileAtomic, writeJson } from "../system/files";
import type { EpochMetrics } from "../training/trainer";

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
