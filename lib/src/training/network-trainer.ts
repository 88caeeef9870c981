import * as tf from "@tensorflow/tfjs";
import { throwIfInterrupted, UserError } from "../errors";
import { toTorch } from "../model/layout";
import type { Architecture } from "../model/network";
import type { Weights } from "../model/safetensors";
import { type Augmentation, DEFAULT_AUGMENTATION } from "../posters/augment";
import type { Scaling } from "../posters/normalise";
import type { PixelCache } from "../posters/pixels";
import { samplerOf } from "./balance";
import { type PosterBatch, type PosterBatches, posterBatches } from "./batches";
import type { TrainingState } from "./checkpoint";
import { type Freeze, frozenStages } from "./freeze";
import { frozenMaps, splitAfter } from "./frozen-maps";
import type { Learner } from "./learner";
import { type LearntState, learntFrom, stateFrom } from "./learnt";
import { batchesOf, rowsOf, type TrainerEvents, trainByEpochs } from "./loop";
import { lossOf } from "./losses";
import { networkStep, type PosterTargets, predictPosters, type TrainableNetwork } from "./network-step";
import { checkNetwork, type Frozen, partition, reunite, splitNetwork } from "./network-weights";
import { type Objective, objectiveOf, type Wanted } from "./objective";
import { runningStatistics } from "./running-statistics";
import { mapValues } from "./slots";
import { sumOfSquaredErrors } from "./squared-error";
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
  const learner = await networkLearner(data, { state, frozen }, options, events);
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

async function networkLearner(
  data: NetworkData,
  { state, frozen }: { state: TrainingState; frozen: Frozen },
  options: NetworkOptions,
  events: TrainerEvents,
): Promise<Learner<PosterBatch>> {
  const { accumulate = 1, backboneRate = 1, batchSize } = options;
  const { train, validation } = data;
  const objective = objectiveOf(lossOf(options.loss ?? { name: "mse" }), train.auxiliary);
  const { network: whole, ...held } = networkFrom(data.architecture, { state, frozen }, options);
  try {
    const shown = await shownTo(frozen.frozen, data, { ...options, weights: state.weights }, events);
    const network = { ...whole, architecture: shown.architecture };
    const judged = { ...validation, batches: shown.validation };
    const partSize = Math.ceil(batchSize / accumulate);
    return {
      ...held,
      prepare: shown.train.read,
      step: networkStep(network, { ...train, batches: shown.train }, { ...options, objective, backboneRate, partSize }),
      validate: (signal) => meanSquaredError(network, judged, { objective, batchSize, signal }),
    };
  } catch (thrown) {
    held.dispose();
    throw thrown;
  }
}

/** What goes through the stages at every step: all of them, or those that learn. */
interface Shown {
  architecture: Architecture;
  train: PosterBatches;
  validation: PosterBatches;
}

/** Posters that are not varied are the same to frozen stages in every epoch. */
async function shownTo(
  frozen: ReadonlySet<string>,
  { architecture, pixels, scaling, train, validation }: NetworkData,
  { weights, augment, seed, batchSize }: NetworkOptions & { weights: Weights },
  { onProgress, signal }: TrainerEvents,
): Promise<Shown> {
  const varied = augment && { ...DEFAULT_AUGMENTATION, ...augment };
  const shown = {
    architecture,
    train: posterBatches(train.posters, { pixels, scaling, augment: varied, seed }),
    validation: posterBatches(validation.posters, { pixels, scaling }),
  };
  if (varied || frozen.size === 0 || frozen.size === architecture.stages.length) return shown;
  const [first, rest] = splitAfter(architecture, frozen.size);
  const sets = [
    { posters: train.posters, batches: shown.train },
    { posters: validation.posters, batches: shown.validation },
  ];
  const backbone = splitNetwork(weights).backbone;
  const maps = await frozenMaps(first, sets, { weights: backbone, batchSize, onProgress, signal });
  return maps ? { architecture: rest, train: maps[0]!, validation: maps[1]! } : shown;
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
  for (const rows of batchesOf(rowsOf(targets.length), batchSize)) {
    throwIfInterrupted(signal);
    const batch = await batches.read(rows);
    sum += sumOfSquaredErrors(targets, rows, () => predictPosters(network, batches.tensor(batch), objective));
  }
  return sum / targets.length;
}
