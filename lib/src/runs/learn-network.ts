import * as tf from "@tensorflow/tfjs";
import { log10Revenue } from "../catalogue/clean";
import type { Film } from "../catalogue/film";
import type { Config } from "../config";
import { loadEngine } from "../engine";
import { architectureNamed, readWeights } from "../model/backbone";
import type { FeatureRows } from "../model/feature-rows";
import { posterTensor } from "../model/features";
import { scaledRows, scaleOfRows } from "../model/fused/poster-scale";
import { firstOutputs, initialiseHead, predictLog10, unscaledHead } from "../model/head";
import { headShapeOf } from "../model/head-shape";
import { poolMap } from "../model/pooling";
import { type Weights, writeSafetensors } from "../model/safetensors";
import { type Prepared, pixelCache, type WorkOptions } from "../prepare";
import { recordEpochs } from "../tracking/record";
import { type Auxiliary, auxiliaryOf } from "../training/auxiliary";
import { balanceWeights } from "../training/balance";
import { loadLast, saveLast } from "../training/checkpoint";
import { explainingFailures } from "../training/failures";
import { rowsOf } from "../training/loop";
import { type LossOptions, lossOf } from "../training/losses";
import { trainNetwork } from "../training/network-trainer";
import { joinNetwork, splitNetwork } from "../training/network-weights";
import { ordinalBins } from "../training/ordinal";
import type { Schedule } from "../training/schedule";
import {
  type EpochMetrics,
  type Examples,
  type TrainerEvents,
  type TrainerOptions,
  trainHead,
} from "../training/trainer";
import { type Run, readMetrics } from "./run";

/** What is learnt, from what, and where it is kept. */
export interface Learning {
  run: Run;
  config: Config;
  prepared: Prepared;
  /** Of the training films: log10 dollars, after their teacher. */
  targets: Float32Array;
}

/** A validation film and what the model of this epoch makes of it, in dollars. */
export interface SamplePrediction {
  title: string;
  actual: number;
  predicted: number;
}

export interface LearnOptions extends WorkOptions {
  /** Hears of every epoch; `samples` comes every `training.sampleEvery` epochs. */
  onEpoch?: (metrics: EpochMetrics, samples?: SamplePrediction[]) => void;
}

/** Features of the training and validation posters. */
export interface PosterFeatures {
  train: FeatureRows;
  validation: FeatureRows;
}

/** How many films are predicted every `training.sampleEvery` epochs. */
const SAMPLES = 5;

/** Log10 dollars of films. */
export function log10Targets(films: readonly Film[]): Float32Array {
  return Float32Array.from(films, ({ revenue }) => log10Revenue(revenue));
}

/** Trains a head on features of a frozen backbone. */
export async function learnHead(learning: Learning, posters: PosterFeatures, options: LearnOptions): Promise<string> {
  const { config, prepared, targets } = learning;
  const scale = config.model.standardise ? await scaleOfRows(posters.train) : null;
  const featuresOf = (part: FeatureRows) => (scale ? scaledRows(part, scale) : part);
  const auxiliary = auxiliaryFor(config, prepared);
  const train: Examples = {
    ...{ features: featuresOf(posters.train), targets, auxiliary, weights: weightsOf(config, targets) },
  };
  const validation: Examples = {
    ...{ features: featuresOf(posters.validation), targets: log10Targets(prepared.splits.validation) },
  };
  const loss = lossFor(config, targets);
  const { outputs, predict } = lossOf(loss);
  const state = await loadLast(learning.run.file("last.safetensors"));
  const start = state ?? newHead(config, { targets, loss, auxiliary });
  const events = keeping(learning, options, {
    loss,
    kept(weights) {
      const head = firstOutputs(weights, outputs);
      return scale ? unscaledHead(head, scale) : head;
    },
    predict: async (weights, films) => {
      const { columns } = validation.features;
      const first = await validation.features.read(rowsOf(films));
      return predictLog10(firstOutputs(weights, outputs), first, { columns, read: predict });
    },
  });
  return explainingFailures({ films: prepared.splits.train, training: config.training }, () =>
    trainHead({ train, validation }, start, trainerOptions(learning, loss), events),
  );
}

/** Trains a backbone, as much of it as `training.freeze` leaves free, and its head, from the posters' pixels. */
export async function learnNetwork(learning: Learning, options: LearnOptions): Promise<string> {
  const { config, prepared, targets } = learning;
  const { model, training } = config;
  const pooling = model.pooling === "attention" ? "attention" : "mean";
  const architecture = architectureNamed(model.backbone);
  await loadEngine();
  const loss = lossFor(config, targets);
  const { outputs, predict } = lossOf(loss);
  const auxiliary = auxiliaryFor(config, prepared);
  const pixels = await pixelCache(model);
  const { train, validation } = prepared.splits;
  const posters = (films: Prepared["films"]) => films.map(({ sha256 }) => sha256);
  try {
    const state = await loadLast(learning.run.file("last.safetensors"));
    const start = state ?? {
      ...joinNetwork(architecture, {
        backbone: (await readWeights(architecture, { ...model, seed: training.seed, ...options })).tensors,
        head: newHead(config, { targets, loss, auxiliary }),
      }),
    };
    const data = {
      ...{ architecture, pixels, scaling: model.scaling },
      train: { posters: posters(train), targets, auxiliary, weights: weightsOf(config, targets) },
      validation: { posters: posters(validation), targets: log10Targets(validation) },
    };
    const events = keeping(learning, options, {
      loss,
      kept: (weights) => firstOutputs(weights, outputs),
      predict: async (weights, films) => {
        const { backbone, head } = splitNetwork(firstOutputs(weights, outputs));
        const frozen = architecture.freeze(backbone);
        const pixelsOf = await posterTensor(data.validation.posters.slice(0, films), pixels, model.scaling);
        const features = tf.tidy(() => poolMap(frozen.featureMap(pixelsOf), pooling).dataSync<"float32">());
        tf.dispose(pixelsOf);
        frozen.dispose();
        return predictLog10(head, Float32Array.from(features), { columns: features.length / films, read: predict });
      },
    });
    const { backboneRate, freezeNorm, accumulate, augment } = training;
    const freeze = training.freeze as "none" | `until:${string}`;
    const own = { freeze, backboneRate, freezeNorm, accumulate, augment: varies(augment) ? augment : undefined };
    return await explainingFailures({ films: train, training }, () =>
      trainNetwork(data, start, { ...trainerOptions(learning, loss), ...own }, events),
    );
  } finally {
    await pixels.close();
  }
}

function varies({ crop, mirror, ...rest }: Config["training"]["augment"]): boolean {
  return crop < 1 || mirror || Object.values(rest).some((share) => share > 0);
}

function newHead(
  { model, training }: Config,
  { targets, loss, auxiliary }: Pick<Examples, "targets" | "auxiliary"> & { loss: LossOptions },
): Weights {
  const { outputs, start } = lossOf(loss);
  const shape = { ...headShapeOf(model), outputs: outputs + (auxiliary?.names.length ?? 0) };
  return initialiseHead(shape, { seed: training.seed, start: start(targets) });
}

/** What the training films' posters shall tell beside revenue. */
function auxiliaryFor({ training }: Config, { splits }: Prepared): Auxiliary | undefined {
  return training.auxiliary > 0 ? auxiliaryOf(splits.train, training.auxiliary) : undefined;
}

/** The loss with what it takes from the training films. */
function lossFor({ training }: Config, targets: Float32Array): LossOptions {
  const { name, delta, levels, bins } = training.loss;
  switch (name) {
    case "huber":
      return { name, delta };
    case "quantile":
      return { name, levels };
    case "ordinal":
      return { name, ...ordinalBins(targets, bins) };
    default:
      return { name };
  }
}

function weightsOf({ training: { balance } }: Config, targets: Float32Array): Float32Array | undefined {
  return balance.by === "weights" ? balanceWeights(targets, balance) : undefined;
}

function trainerOptions({ config, targets }: Learning, loss: LossOptions): TrainerOptions {
  const { model, training } = config;
  const { balance, curriculum, schedule } = training;
  return {
    ...training,
    ...{ hidden: model.hidden, dropout: model.dropout, loss },
    schedule: scheduleFor(training, schedule, Math.ceil(targets.length / training.batchSize)),
    balance: balance.by === "sampler" ? balance : undefined,
    curriculum: curriculum.start < 1 ? curriculum : undefined,
  };
}

function scheduleFor(
  { plateau, maxEpochs }: Config["training"],
  { name, warmup }: Config["training"]["schedule"],
  stepsPerEpoch: number,
): Schedule {
  if (name === "plateau") return { name, ...plateau };
  if (name === "constant") return { name };
  return { name, warmup: Math.round(warmup * stepsPerEpoch), steps: maxEpochs * stepsPerEpoch };
}

/** What to do when training is interrupted, and after every epoch: best, metrics and last are kept in the run folder, and a few films are predicted. */
function keeping(
  { run, config, prepared }: Learning,
  { onEpoch, onProgress, signal }: LearnOptions,
  {
    loss,
    kept = (weights) => weights,
    predict,
  }: {
    loss: LossOptions;
    /** What of the weights `best.safetensors` holds; all unless given. */
    kept?: (weights: Weights) => Weights;
    /** Log10 dollars of the first validation films. */
    predict: (weights: Weights, films: number) => Promise<Float32Array>;
  },
): TrainerEvents {
  const { sampleEvery } = config.training;
  const shown = prepared.splits.validation.slice(0, SAMPLES);
  return {
    ...{ onProgress, signal },
    onInterrupt: (state) => saveLast(run.file("last.safetensors"), state()),
    async onEpoch(metrics, state) {
      const { epoch, val_loss } = metrics;
      const now = state();
      if (now.best.epoch === epoch) {
        const facts = { epoch: String(epoch), val_loss: String(val_loss), loss: JSON.stringify(loss) };
        await writeSafetensors(run.file("best.safetensors"), kept(now.average), facts);
      }
      // a kill between two files of one epoch leaves a line that the resumed epoch writes again
      const earlier = (await readMetrics(run)).filter((line) => line.epoch < epoch);
      await recordEpochs(run, [...earlier, metrics]);
      await saveLast(run.file("last.safetensors"), now);
      if (!onEpoch) return;
      const due = sampleEvery > 0 && epoch % sampleEvery === 0;
      const predicted = due ? await predict(now.average, shown.length) : [];
      const samples = shown.map(({ title, revenue }, i) => ({
        title,
        actual: revenue ?? 0,
        predicted: 10 ** predicted[i]!,
      }));
      onEpoch(metrics, due ? samples : undefined);
    },
  };
}
