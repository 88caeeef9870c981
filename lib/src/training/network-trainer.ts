import * as tf from "@tensorflow/tfjs";
import { throwIfInterrupted, UserError } from "../errors";
import { toTorch } from "../model/layout";
import type { Architecture } from "../model/network";
import type { Weights } from "../model/safetensors";
import { type Augmentation, DEFAULT_AUGMENTATION } from "../posters/augment";
import type { Scaling } from "../posters/normalise";
import type { PixelCache } from "../posters/pixels";
import { samplerOf } from "./balance";
import { type PosterBatch, posterBatches } from "./batches";
import type { TrainingState } from "./checkpoint";
import { type Freeze, frozenStages } from "./freeze";
import { type LearntState, learntFrom, stateFrom } from "./learnt";
import { batchesOf, type Learner, type TrainerEvents, trainByEpochs } from "./loop";
import { lossOf } from "./losses";
import { networkStep, type PosterTargets, predictPosters, type TrainableNetwork } from "./network-step";
import { checkNetwork, type Frozen, partition, reunite } from "./network-weights";
import { type Objective, objectiveOf, type Wanted } from "./objective";
import { runningStatistics } from "./running-statistics";
import { mapValues } from "./slots";
import type { TrainerOptions } from "./trainer";

/** Posters by the SHA-256 of their bytes, as the pixel cache knows them, and what they shall predict. */
export interface PosterExamples extends Wanted {
  posters: readonly string[];
}

export interface NetworkData {
  architecture: Architecture;
  pixels: PixelCache;
  scaling: Scaling;
  train: PosterExamples;
  validation: PosterExamples;
}

export interface NetworkOptions extends TrainerOptions {
  /** What does not learn; nothing unless given. */
  freeze?: Freeze;
  /** Learning rate of the backbone as a factor of the head's; 1 unless given. */
  backboneRate?: number;
  /**
   * Batch norms use their running statistics, which do not change; their scales and offsets learn all the same. So it is in
   * frozen stages anyway.
   */
  freezeNorm?: boolean;
  /**
   * Parts of a batch that go through the network one after the other, for less memory; 1 unless given. Their gradients add
   * up to the batch's, but batch norms see the parts: unless frozen they normalise by each part, and their running
   * statistics move once for each, as PyTorch's do.
   */
  accumulate?: number;
  /** How training posters are varied; not at all unless given, and by the defaults where an option is missing. */
  augment?: Partial<Augmentation>;
}

/**
 * Trains a backbone and its head together, from weights in PyTorch's layout (`joinNetwork` puts them together) or from a
 * kept state; returns why it ended. Averaging covers parameters alone, and running statistics are those of the training as
 * it stands: so PyTorch's `AveragedModel` does it, where timm's `ModelEma` averages statistics too.
 */
export async function trainNetwork(
  data: NetworkData,
  start: Weights | TrainingState,
  options: NetworkOptions,
  events: TrainerEvents = {},
): Promise<"finished" | "stopped early"> {
  const state = stateFrom(start, options.learningRate);
  checkNetwork(data.architecture, state.weights);
  const frozen = frozenBy(data.architecture, options);
  refuseWasm(frozen, data.architecture);
  const learner = networkLearner(data, { state, frozen }, options);
  return trainByEpochs(learner, { ...options, sampler: samplerOf(data.train.targets, options), state }, events);
}

function frozenBy(architecture: Architecture, { freeze = "none", freezeNorm = false }: NetworkOptions): Frozen {
  return { frozen: frozenStages(architecture, freeze), freezeNorm };
}

function refuseWasm({ frozen }: Frozen, { stages, name }: Architecture): void {
  if (tf.getBackend() !== "wasm" || frozen.size === stages.length) return;
  throw new UserError(
    `The wasm engine cannot train ${name}, only its head: run \`node scripts/setup.mjs --again\` for the native engine, ` +
      "or set training.freeze=backbone.",
  );
}

function networkLearner(
  { architecture, pixels, scaling, train, validation }: NetworkData,
  { state, frozen }: { state: TrainingState; frozen: Frozen },
  options: NetworkOptions,
): Learner<PosterBatch> {
  const { accumulate = 1, backboneRate = 1, augment, seed, batchSize } = options;
  const objective = objectiveOf(lossOf(options.loss ?? { name: "mse" }), train.auxiliary);
  const { network, ...held } = networkFrom(architecture, { state, frozen }, options);
  const varied = augment && { ...DEFAULT_AUGMENTATION, ...augment };
  const training = posterBatches(train.posters, { pixels, scaling, augment: varied, seed });
  const judged = { ...validation, batches: posterBatches(validation.posters, { pixels, scaling }) };
  const partSize = Math.ceil(batchSize / accumulate);
  return {
    ...held,
    prepare: training.read,
    step: networkStep(network, { ...train, batches: training }, { ...options, objective, backboneRate, partSize }),
    validate: (signal) => meanSquaredError(network, judged, { objective, batchSize, signal }),
  };
}

/** The network in the engine, how to read it back, and how to let it go. */
function networkFrom(
  architecture: Architecture,
  { state: { weights, average, averageScale, optimizer }, frozen }: { state: TrainingState; frozen: Frozen },
  options: NetworkOptions,
): { network: TrainableNetwork; state(): LearntState; dispose(): void } {
  const parts = partition(weights, architecture, frozen);
  const averaged = average === weights ? parts : partition(average, architecture, frozen);
  const [first, second] = [optimizer.first, optimizer.second].map((moments) =>
    partition(moments, architecture, frozen),
  );
  const learnt = learntFrom(
    {
      weights: parts.learns,
      average: averaged.learns,
      averageScale,
      optimizer: { ...optimizer, first: first!.learns, second: second!.learns },
    },
    options,
  );
  const statistics = runningStatistics(parts.moves, architecture.momentum);
  const constants = mapValues(parts.stays, ({ data, shape }) => tf.keep(tf.tensor(data, shape)));
  return {
    network: { architecture, learnt, statistics, constants, ...frozen },
    state() {
      const now = learnt.state();
      const moved = statistics.weights();
      const whole = (learns: Weights) => reunite(weights, { ...learns, ...moved });
      const { first, second } = now.optimizer;
      const all = whole(now.weights);
      return {
        weights: all,
        average: now.average === now.weights ? all : whole(now.average),
        averageScale: now.averageScale,
        optimizer: { ...now.optimizer, first: toTorch(first), second: toTorch(second) },
      };
    },
    dispose() {
      learnt.dispose();
      statistics.dispose();
      tf.dispose(constants);
    },
  };
}

/** Mean squared error of log10 dollars, by batches, without gradients. */
async function meanSquaredError(
  network: TrainableNetwork,
  { batches, targets }: PosterTargets,
  { objective, batchSize, signal }: { objective: Objective; batchSize: number; signal?: AbortSignal },
): Promise<number> {
  let sum = 0;
  for (const rows of batchesOf(
    Uint32Array.from(targets, (_, i) => i),
    batchSize,
  )) {
    throwIfInterrupted(signal);
    const batch = await batches.read(rows);
    const error = tf.tidy(() => {
      const predicted = predictPosters(network, batches.tensor(batch), objective);
      const wanted = tf.tensor1d(Float32Array.from(rows, (row) => targets[row]!));
      return tf.sum(tf.squaredDifference(predicted, wanted));
    });
    sum += error.dataSync()[0]!;
    error.dispose();
  }
  return sum / targets.length;
}
