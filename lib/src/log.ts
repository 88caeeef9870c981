import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { settingsOf } from "./config";
import { UserError } from "./errors";
import type { Evaluation } from "./evaluation/metrics";
import { readManifest } from "./runs/manifest";
import { readMetrics, type TrainedRun, trainedRun } from "./runs/run";
import { readJson } from "./system/files";
import { logToMlflow, type MlflowOptions, type MlflowRun } from "./tracking/mlflow";
import { testScalars, timedEpochs } from "./tracking/record";
import type { EpochMetrics } from "./training/trainer";

/** What of a run folder goes to MLflow as files. */
const ARTIFACTS = ["config.json", "manifest.json", "evaluation.json", "README.md", "report.html"] as const;

/** Logs a trained run to an MLflow server: settings, every epoch, test errors, card and report. Logging it again adds nothing twice. */
export async function logRun(name: string, options: MlflowOptions): Promise<{ experiment: string; run: string }> {
  return logToMlflow(await mlflowRun(await trainedRun(name)), options);
}

async function mlflowRun(run: TrainedRun): Promise<MlflowRun> {
  const manifest = await readManifest(run);
  if (!manifest) throw new UserError(`The run "${run.name}" has no manifest.json: train it again to log it.`);
  const startedAt = Date.parse(manifest.startedAt) / 1000;
  const scalars = timedEpochs(await readMetrics(run), startedAt);
  const last = scalars.at(-1);
  if (last && existsSync(run.file("evaluation.json"))) {
    scalars.push({ ...last, values: testScalars((await readJson(run.file("evaluation.json"))) as Evaluation) });
  }
  const settings = Object.entries(settingsOf(run.config)).map(([key, value]) => {
    return [key, typeof value === "string" ? value : JSON.stringify(value)];
  });
  const { version, git, data, engine } = manifest;
  return {
    ...{ name: run.name, identity: `${run.name} ${manifest.startedAt}`, startedAt, scalars },
    params: Object.fromEntries(settings),
    tags: {
      ...{ "movie-revenue.version": version, "movie-revenue.data": data.fingerprint },
      ...{ "movie-revenue.engine": `${engine.name} ${engine.version}`, "mlflow.source.git.commit": git ?? "unknown" },
    },
    artifacts: await artifactsOf(run),
  };
}

async function artifactsOf(run: TrainedRun): Promise<Record<string, Uint8Array>> {
  const there = ARTIFACTS.filter((name) => existsSync(run.file(name)));
  return Object.fromEntries(await Promise.all(there.map(async (name) => [name, await readFile(run.file(name))])));
}

/** `metrics.jsonl` as CSV (RFC 4180): a line of names, and one for each epoch. */
export function formatEpochs(epochs: readonly EpochMetrics[]): string {
  const names = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch)))] as (keyof EpochMetrics)[];
  const lines = epochs.map((epoch) => names.map((name) => epoch[name] ?? "").join(","));
  return [names.join(","), ...lines, ""].join("\r\n");
}
