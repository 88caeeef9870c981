import { appendFile, readFile } from "node:fs/promises";
import { readConfig, settingsOf } from "../config";
import type { Evaluation } from "../evaluation/metrics";
import { readManifest } from "../runs/manifest";
import { type Run, readMetrics, writeMetrics } from "../runs/run";
import { writeError, writeFileAtomic } from "../system/files";
import type { EpochMetrics } from "../training/trainer";
import { formatEvents, type Scalars } from "./tensorboard";

/** Writes what each epoch brought, as `metrics.jsonl` and for TensorBoard. */
export async function recordEpochs(run: Run, epochs: readonly EpochMetrics[]): Promise<void> {
  await writeMetrics(run, epochs);
  await writeEvents(run, epochs);
}

/** Adds the test errors to what TensorBoard shows of a run. */
export async function recordEvaluation(run: Run, evaluation: Evaluation): Promise<void> {
  await writeEvents(run, await readMetrics(run), evaluation);
}

async function writeEvents(run: Run, epochs: readonly EpochMetrics[], evaluation?: Evaluation): Promise<void> {
  const manifest = await readManifest(run);
  // a run without a manifest has no beginning
  if (!manifest) return;
  const startedAt = Date.parse(manifest.startedAt) / 1000;
  const scalars = timedEpochs(epochs, startedAt);
  const last = scalars.at(-1);
  if (evaluation && last) scalars.push({ ...last, values: testScalars(evaluation) });
  const hparams = settingsOf(await readConfig(run.file("config.json")));
  await bringUpTo(run.file("events.out.tfevents.movie-revenue"), formatEvents({ startedAt, hparams, scalars }));
}

/** Epochs at the seconds at which they ended, as if the run had never rested. */
export function timedEpochs(epochs: readonly EpochMetrics[], startedAt: number): Scalars[] {
  let time = startedAt;
  return epochs.map(({ epoch, ...values }) => {
    time += values.seconds;
    return { step: epoch, time, values };
  });
}

/** The model's errors on the test films, by tag. */
export function testScalars({ model }: Evaluation): Record<string, number> {
  const { mse, mae, r2, within25, within50, medianSplit } = model;
  const values = { mse, mae, r2, within25, within50, median_split: medianSplit.accuracy };
  const known = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(known.map(([name, value]) => [`test_${name}`, value]));
}

/** Appends what a file lacks, for TensorBoard goes on reading the file that it has open; one that says other things is replaced. */
async function bringUpTo(path: string, content: Uint8Array): Promise<void> {
  const before = await readFile(path).catch(() => Buffer.alloc(0));
  if (!before.equals(content.subarray(0, before.byteLength))) return writeFileAtomic(path, content);
  try {
    await appendFile(path, content.subarray(before.byteLength));
  } catch (thrown) {
    throw writeError(path, thrown);
  }
}
