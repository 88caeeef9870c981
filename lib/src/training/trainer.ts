import * as tf from "@tensorflow/tfjs";
import { throwIfInterrupted } from "../errors";
import { blocksOf } from "../model/feature-rows";
import { headOutputs } from "../model/head";
import type { Weights } from "../model/safetensors";
import type { Average } from "./average";
import { type SamplerOptions, samplerOf } from "./balance";
import type { TrainingState } from "./checkpoint";
import { type Examples, type HeadBatch, headStep } from "./head-step";
import type { Learner } from "./learner";
import { type LearntOptions, learntFrom, stateFrom } from "./learnt";
import { type LoopOptions, type TrainerEvents, trainByEpochs } from "./loop";
import { type LossOptions, lossOf } from "./losses";
import { type Objective, objectiveOf } from "./objective";
import { sumOfSquaredErrors } from "./squared-error";

export type { Examples } from "./head-step";
export type { EpochMetrics, TrainerEvents } from "./loop";

/** How a head is trained, alone or with its backbone. `seed` decides the order of films, dropout and augmentation. */
export interface TrainerOptions extends LoopOptions, LearntOptions, SamplerOptions {
  learningRate: number;
  hidden: readonly number[];
  dropout: readonly number[];
  /** Mean squared error unless given; the head needs as many outputs as the loss has, and one for each auxiliary target. */
  loss?: LossOptions;
  /** The largest joint norm of the gradients; 0, as unless given, does not clip. */
  clip?: number;
  /** Strength of an L1 penalty on all parameters that learn; 0 unless given. */
  l1?: number;
}

/** Trains the head on features that do not change, from weights or from a kept state; returns why it ended. */
export async function trainHead(
  { train, validation }: { train: Examples; validation: Examples },
  start: Weights | TrainingState,
  options: TrainerOptions,
  events: TrainerEvents = {},
): Promise<"finished" | "stopped early"> {
  const state = stateFrom(start, options.learningRate);
  const learner = headLearner({ train, validation }, state, options);
  return trainByEpochs(learner, { ...options, sampler: samplerOf(train.targets, options), state }, events);
}

function headLearner(
  { train, validation }: { train: Examples; validation: Examples },
  state: TrainingState,
  options: TrainerOptions,
): Learner<HeadBatch> {
  const objective = objectiveOf(lossOf(options.loss ?? { name: "mse" }), train.auxiliary);
  const { optimizer, average, ...learnt } = learntFrom(state, options);
  return {
    ...learnt,
    prepare: async (rows) => ({ rows, features: await train.features.read(rows) }),
    step: headStep({ optimizer, average }, train, { ...options, objective }),
    validate: (signal) => meanSquaredError(average, validation, { objective, signal }),
  };
}

async function meanSquaredError(
  average: Average,
  { features, targets }: Examples,
  { objective, signal }: { objective: Objective; signal?: AbortSignal },
): Promise<number> {
  let sum = 0;
  for await (const { rows, data } of blocksOf(features)) {
    // of the first block the last step has asked
    if (rows[0] !== 0) throwIfInterrupted(signal);
    sum += sumOfSquaredErrors(targets, rows, () => {
      const x = tf.tensor2d(data, [rows.length, features.columns]);
      return objective.predict(headOutputs(average.parameters(), x));
    });
  }
  return sum / targets.length;
}
