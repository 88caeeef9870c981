import * as tf from "@tensorflow/tfjs";
import { dropoutOf } from "../model/dropout";
import type { FeatureRows } from "../model/feature-rows";
import { passHead } from "../model/head-pass";
import type { Average } from "./average";
import { addL1, clipByGlobalNorm } from "./clip";
import type { StepOptions } from "./learner";
import { goalsOf, type Objective, type Wanted } from "./objective";
import type { Optimizer } from "./optimizer";

/** Features and what they shall predict. */
export interface Examples extends Wanted {
  features: FeatureRows;
}

/** Some films, by their rows, and their features, [films, features]. */
export interface HeadBatch {
  rows: Uint32Array;
  features: Float32Array;
}

/** One step of the optimizer on some films; the loss before it, a tensor of the caller's. */
export type HeadStep = (batch: HeadBatch, options: StepOptions) => tf.Scalar;

export interface HeadStepOptions {
  hidden: readonly number[];
  dropout: readonly number[];
  seed: number;
  objective: Objective;
  clip?: number;
  l1?: number;
}

/** The steps that train a head on these examples; nothing is read back from the engine. */
export function headStep(
  { optimizer, average }: { optimizer: Optimizer; average: Average },
  examples: Examples,
  { hidden, dropout, seed, objective, clip = 0, l1 = 0 }: HeadStepOptions,
): HeadStep {
  const masksOf = dropoutOf({ hidden, dropout }, seed);
  const { columns } = examples.features;
  return ({ rows, features }, { step, rate }) =>
    tf.tidy(() => {
      const x = tf.tensor2d(features, [rows.length, columns]);
      const goals = goalsOf(examples, rows);
      const parameters = optimizer.parameters();
      const pass = passHead(parameters, x, masksOf({ batch: rows.length, step }));
      const { value, gradient } = objective.score(pass.outputs, goals);
      let gradients = pass.backward(gradient).parameters;
      if (l1 > 0) gradients = addL1(gradients, parameters, l1);
      if (clip > 0) gradients = clipByGlobalNorm(gradients, clip).gradients;
      optimizer.step(gradients, rate);
      average.update(optimizer.parameters(), step + 1);
      return value;
    });
}
