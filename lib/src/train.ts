import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Looked } from "./catalogue/dedupe";
import { type Config, readConfig, settingsOf } from "./config";
import { UserError } from "./errors";
import { type FittedBaselines, fitBaselines } from "./evaluation/baselines";
import { revenuesOf } from "./evaluation/describe";
import { type Difficulty, difficultyOf } from "./evaluation/difficulty";
import { mean } from "./evaluation/quantiles";
import { referenceOf } from "./evaluation/reference";
import { architectureNamed, readWeights } from "./model/backbone";
import { backbonesOf } from "./model/backbones";
import { type Prepared, prepare, summarise, type WorkOptions } from "./prepare";
import { readerFiles } from "./reading/reader";
import { learnDifficulty } from "./runs/difficulty";
import { ensembleHash } from "./runs/ensemble";
import { learn } from "./runs/learn";
import { type LearnOptions, log10Targets } from "./runs/learn-network";
import { type Manifest, newManifest, readManifest } from "./runs/manifest";
import { colourMatrix, predictLog10Dollars } from "./runs/predictor";
import { type Calibration, type Run, readMetrics, runNamed, startRun } from "./runs/run";
import { sha256, sweepTemporaries, writeJson } from "./system/files";
import { withLock } from "./system/lock";
import type { EpochMetrics } from "./training/trainer";

export type { SamplePrediction } from "./runs/learn-network";

export interface TrainOptions extends LearnOptions {
  /** Goes on from the run's last checkpoint; a run that is not there is begun. */
  resume?: boolean;
  /** Hears what happened that was not asked for, as an older run being set aside. */
  onNote?: (note: string) => void;
}

/** A training that is over; its losses are those of the configuration, on log10 dollars. */
export interface Trained {
  run: Run;
  /** None where a kernel was solved at once. */
  epochs: EpochMetrics[];
  /** Why it ended, as "solved". */
  ended: string;
  /** Validation loss of always predicting the training mean: what the model must beat. */
  baseline: number;
}

/** Prepares the data and trains a model; leaves a run folder that `evaluate` and `predict` use. */
export async function train(name: string, config: Config, options: TrainOptions = {}): Promise<Trained> {
  const run = runNamed(name);
  await mkdir(dirname(run.folder), { recursive: true });
  return withLock(`${run.folder}.lock`, `The run "${name}"`, () => trainLocked(run, config, options));
}

async function trainLocked(run: Run, config: Config, options: TrainOptions): Promise<Trained> {
  for (const folder of [run.folder, join(run.folder, "notebooks")]) await sweepTemporaries(folder);
  const goesOn = options.resume === true && existsSync(run.file("config.json"));
  if (goesOn) await refuseOtherConfig(run, config);
  const watch = stopwatch();
  const prepared = await prepare(config, options);
  watch.lap("prepare");
  const weights = await weightsHash(config, options);
  const manifest = await newManifest(config, { data: summarise(prepared), weights });
  if (goesOn) manifest.startedAt = await startOfSame(run, manifest);
  else noteSetAside((await startRun(run, config)).setAside, options);
  await writeJson(run.file("manifest.json"), { ...manifest, timings: watch.laps });
  const ended = await learn(run, config, prepared, { ...options, lap: watch.lap });
  const calibration = await calibrate(run, config, prepared, options);
  await writeJson(run.file("baselines.json"), await baselinesOf(config, prepared.splits.train));
  // last of all: a run with this file is trained
  await writeJson(run.file("calibration.json"), calibration);
  watch.lap("calibration");
  await writeJson(run.file("manifest.json"), { ...manifest, timings: watch.laps, ended });
  return { run, epochs: await readMetrics(run), ended, baseline: calibration.baseline };
}

/** The SHA-256 of what a run begins with: its backbone, or all that look at and read posters, or the members of an ensemble. */
export async function weightsHash({ model, training }: Config, options: WorkOptions): Promise<string> {
  if (model.kind === "ensemble") return ensembleHash(model.members);
  const hashes: string[] = [];
  for (const { backbone, weights } of backbonesOf(model)) {
    const wanted = { weights, seed: training.seed, ...options };
    hashes.push((await readWeights(architectureNamed(backbone), wanted)).hash);
  }
  if (model.kernel.writing > 0) hashes.push((await readerFiles()).hash);
  return hashes.length === 1 ? hashes[0]! : sha256(Buffer.from(hashes.join()));
}

/** The best model's errors on the validation films, and what is remembered of all films. */
async function calibrate(run: Run, config: Config, prepared: Prepared, options: WorkOptions): Promise<Calibration> {
  const { train, validation, test } = prepared.splits;
  const predicted = await predictLog10Dollars({ ...run, config }, validation, options);
  const [before, actual] = [log10Targets(train), log10Targets(validation)];
  const ids = (films: readonly Looked[]) => films.map(({ id }) => id);
  const residuals = Float64Array.from(predicted, (value, i) => Math.abs(value - actual[i]!));
  const scaled =
    config.evaluation.intervals === "scaled"
      ? scaledBy(await learnDifficulty(run, config, prepared, options), { validation, predicted, residuals })
      : undefined;
  return {
    splits: { train: ids(train), validation: ids(validation), test: ids(test) },
    sharedPosters: ids(prepared.sharedPosters),
    reference: referenceOf(revenuesOf(train)),
    baseline: mean(actual.map((value) => (value - mean(before)) ** 2)),
    residuals: [...residuals.toSorted()],
    ...(scaled && { scaled }),
  };
}

function scaledBy(
  difficulty: Difficulty,
  {
    validation,
    predicted,
    residuals,
  }: { validation: readonly Looked[]; predicted: ArrayLike<number>; residuals: Float64Array },
): Calibration["scaled"] {
  const forecasts = validation.map((film, i) => ({ film, log10: predicted[i]! }));
  const sizes = difficultyOf(difficulty, forecasts);
  return { difficulty, multiples: [...residuals.map((size, i) => size / sizes[i]!).sort()] };
}

/** The forecasts that the model must beat, fitted on its training films. */
async function baselinesOf(config: Config, films: readonly Looked[]): Promise<FittedBaselines> {
  return fitBaselines({ films, colours: await colourMatrix(config, films) });
}

/** A resumed run must be the same run; only `training.maxEpochs` may grow. */
async function refuseOtherConfig(run: Run, config: Config): Promise<void> {
  const before = await readConfig(run.file("config.json"));
  const comparable = ({ training, ...rest }: Config) => {
    const settings = settingsOf({ ...rest, training: { ...training, maxEpochs: 0 } });
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)]));
  };
  const [old, now] = [comparable(before), comparable(config)];
  const different = Object.keys(now).find((key) => now[key] !== old[key]);
  if (different) {
    throw new UserError(
      `The run "${run.name}" was begun with ${different} = ${old[different]}, not ${now[different]}: ` +
        `resume it with its own settings, or choose another --run.`,
    );
  }
  await writeJson(run.file("config.json"), config);
}

/** When the run that goes on was begun; one begun on other films or weights is a `UserError`. */
async function startOfSame(run: Run, { data, weights, startedAt }: Manifest): Promise<string> {
  const before = await readManifest(run);
  if (!before) return startedAt;
  if (before.data.fingerprint !== data.fingerprint || before.weights !== weights) {
    throw new UserError(
      `The films or the backbone's weights changed since the run "${run.name}" was begun: choose another --run.`,
    );
  }
  return before.startedAt;
}

function noteSetAside(setAside: string | undefined, { onNote }: TrainOptions): void {
  if (setAside) onNote?.(`An earlier run of that name was set aside in ${setAside}.`);
}

/** Seconds between laps, rounded to tenths. */
function stopwatch(): { laps: Record<string, number>; lap(name: string): void } {
  const laps: Record<string, number> = {};
  let before = performance.now();
  return {
    laps,
    lap(name) {
      const now = performance.now();
      laps[name] = Math.round((now - before) / 100) / 10;
      before = now;
    },
  };
}
