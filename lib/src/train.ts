import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { log10Revenue } from "./catalogue/clean";
import type { Looked } from "./catalogue/dedupe";
import { type Config, readConfig } from "./config";
import { UserError } from "./errors";
import { revenuesOf } from "./evaluation/describe";
import { mean } from "./evaluation/quantiles";
import { referenceOf } from "./evaluation/reference";
import { writeJson } from "./files";
import { withLock } from "./lock";
import { type Backbone, loadBackbone } from "./model/backbone";
import { extractFeatures } from "./model/features";
import { initialiseHead, predictLog10 } from "./model/head";
import { readSafetensors, type Weights, writeSafetensors } from "./model/safetensors";
import { cacheFolder, type Prepared, pixelCache, prepare, summarise, type WorkOptions } from "./prepare";
import {
  type Calibration,
  type Manifest,
  newManifest,
  type Run,
  readManifest,
  readMetrics,
  runNamed,
  startRun,
  writeMetrics,
} from "./run";
import { loadLast, saveLast } from "./training/checkpoint";
import { type EpochMetrics, type Examples, trainHead } from "./training/trainer";

/** A validation film and what the model of this epoch makes of it, in dollars. */
export interface SamplePrediction {
  title: string;
  actual: number;
  predicted: number;
}

export interface TrainOptions extends WorkOptions {
  /** Goes on from the run's last checkpoint; a run that is not there is begun. */
  resume?: boolean;
  /** Hears of every epoch; `samples` comes every `training.sampleEvery` epochs. */
  onEpoch?: (metrics: EpochMetrics, samples?: SamplePrediction[]) => void;
  /** Hears what happened that was not asked for, as an older run being set aside. */
  onNote?: (note: string) => void;
}

export interface Trained {
  run: Run;
  epochs: EpochMetrics[];
  ended: string;
  /** Validation loss of always predicting the training mean: what the model must beat. */
  baseline: number;
}

/** Prepares the data, extracts features and trains the head; leaves a run folder that `evaluate` and `predict` use. */
export async function train(name: string, config: Config, options: TrainOptions = {}): Promise<Trained> {
  const run = runNamed(name);
  await mkdir(dirname(run.folder), { recursive: true });
  return withLock(`${run.folder}.lock`, `The run "${name}"`, () => trainLocked(run, config, options));
}

async function trainLocked(run: Run, config: Config, options: TrainOptions): Promise<Trained> {
  const goesOn = options.resume === true && existsSync(run.file("config.json"));
  if (goesOn) await refuseOtherConfig(run, config);
  const watch = stopwatch();
  const prepared = await prepare(config, options);
  watch.lap("prepare");
  const backbone = await loadBackbone(config.model);
  try {
    const examples = await examplesOf(prepared, backbone, options);
    watch.lap("features");
    const manifest = await newManifest(config, { data: summarise(prepared), weights: backbone.weights });
    if (goesOn) await refuseOtherData(run, manifest);
    else noteSetAside((await startRun(run, config)).setAside, options);
    await writeJson(run.file("manifest.json"), { ...manifest, timings: watch.laps });
    const ended = await trainRun(run, config, { prepared, examples }, options);
    watch.lap("training");
    const calibration = await calibrate(run, prepared, examples);
    await writeJson(run.file("calibration.json"), calibration);
    await writeJson(run.file("manifest.json"), { ...manifest, timings: watch.laps, ended });
    return { run, epochs: await readMetrics(run), ended, baseline: calibration.baseline };
  } finally {
    backbone.dispose();
  }
}

function meanBaselineLoss({ train, validation }: { train: Examples; validation: Examples }): number {
  const trainMean = mean(train.targets);
  return mean(validation.targets.map((target) => (target - trainMean) ** 2));
}

/** Features and log10 dollars of the training and validation films. */
async function examplesOf(
  { splits }: Prepared,
  backbone: Backbone,
  options: WorkOptions,
): Promise<{ train: Examples; validation: Examples }> {
  const pixels = await pixelCache();
  try {
    const films = [...splits.train, ...splits.validation];
    const posters = films.map(({ sha256 }) => sha256);
    const features = await extractFeatures(posters, backbone, pixels, { cache: cacheFolder(), ...options });
    const cut = splits.train.length;
    const { dimensions } = backbone;
    const examples = (part: Looked[], from: number): Examples => ({
      features: features.subarray(from * dimensions, (from + part.length) * dimensions),
      dimensions,
      targets: Float32Array.from(part, ({ revenue }) => log10Revenue(revenue)),
    });
    return { train: examples(splits.train, 0), validation: examples(splits.validation, cut) };
  } finally {
    await pixels.close();
  }
}

/** Trains from the run's last checkpoint, or from the seed, keeping best and last after every epoch. */
async function trainRun(
  run: Run,
  config: Config,
  { prepared, examples }: { prepared: Prepared; examples: { train: Examples; validation: Examples } },
  { onEpoch, onProgress, signal }: TrainOptions,
): Promise<string> {
  const shape = { inputs: examples.train.dimensions, hidden: config.model.hidden };
  const last = await loadLast(run.file("last.safetensors"));
  const targetMean = mean(examples.train.targets);
  const start = last ?? initialiseHead(shape, { seed: config.training.seed, targetMean });
  // a kill between two files of one epoch leaves a line that the resumed epoch writes again
  const history = (await readMetrics(run)).filter(({ epoch }) => epoch <= (last?.epoch ?? 0));
  return trainHead(
    examples,
    start,
    { ...config.training, ...config.model },
    {
      onProgress,
      signal,
      onEpoch: async (metrics, state) => {
        const now = state();
        if (now.best.epoch === metrics.epoch) await saveBest(run, now.average, metrics);
        history.push(metrics);
        await writeMetrics(run, history);
        await saveLast(run.file("last.safetensors"), now);
        const { sampleEvery } = config.training;
        const due = sampleEvery > 0 && metrics.epoch % sampleEvery === 0;
        onEpoch?.(
          metrics,
          due ? samplePredictions(now.average, prepared.splits.validation, examples.validation) : undefined,
        );
      },
    },
  );
}

async function saveBest(run: Run, weights: Weights, { epoch, val_loss }: EpochMetrics): Promise<void> {
  await writeSafetensors(run.file("best.safetensors"), weights, { epoch: String(epoch), val_loss: String(val_loss) });
}

/** How many films `samplePredictions` shows. */
const SAMPLES = 5;

function samplePredictions(weights: Weights, films: Looked[], { features, dimensions }: Examples): SamplePrediction[] {
  const shown = films.slice(0, SAMPLES);
  const predicted = predictLog10(weights, features.subarray(0, shown.length * dimensions));
  return shown.map(({ title, revenue }, i) => ({ title, actual: revenue ?? 0, predicted: 10 ** predicted[i]! }));
}

/** The best model's errors on the validation films, and what is remembered of the training films. */
async function calibrate(
  run: Run,
  { splits }: Prepared,
  { train, validation }: { train: Examples; validation: Examples },
): Promise<Calibration> {
  const { tensors } = await readSafetensors(run.file("best.safetensors"));
  const predicted = predictLog10(tensors, validation.features);
  const ids = (films: Looked[]) => films.map(({ id }) => id);
  return {
    splits: { train: ids(splits.train), validation: ids(splits.validation), test: ids(splits.test) },
    reference: referenceOf(revenuesOf(splits.train)),
    baseline: meanBaselineLoss({ train, validation }),
    residuals: [...predicted].map((value, i) => Math.abs(value - validation.targets[i]!)).sort((a, b) => a - b),
  };
}

/** A resumed run must be the same run; only `training.maxEpochs` may grow. */
async function refuseOtherConfig(run: Run, config: Config): Promise<void> {
  const before = await readConfig(run.file("config.json"));
  const comparable = ({ training, ...rest }: Config) => flatten({ ...rest, training: { ...training, maxEpochs: 0 } });
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

async function refuseOtherData(run: Run, { data, weights }: Manifest): Promise<void> {
  const before = await readManifest(run);
  if (!before) return;
  if (before.data.fingerprint !== data.fingerprint || before.weights !== weights) {
    throw new UserError(
      `The films or the backbone's weights changed since the run "${run.name}" was begun: choose another --run.`,
    );
  }
}

function flatten(tree: object, prefix = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([key, value]) =>
      typeof value === "object" && !Array.isArray(value)
        ? flatten(value, `${prefix}${key}.`)
        : { [prefix + key]: JSON.stringify(value) },
    ),
  );
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
