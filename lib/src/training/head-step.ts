import * as tf from "@tensorflow/tfjs";
import { dropoutOf } from "../model/dropout";
import { passHead } from "../model/head-pass";
import type { Average } from "./average";
import { addL1, clipByGlobalNorm } from "./clip";
import type { StepOptions } from "./loop";
import { type Goals, goalsOf, type Objective } from "./objective";
import type { Optimizer } from "./optimizer";
import type { Examples } from "./trainer";

/** One step of the optimizer on some rows; the loss before it, a tensor of the caller's. */
export type HeadStep = (rows: Uint32Array, options: StepOptions) => tf.Scalar;

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
  const batchOf = batchesOf(examples);
  return (rows, { step, rate }) =>
    tf.tidy(() => {
      const { x, ...goals } = batchOf(rows);
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

/** Features [batch, dimensions], and what they shall predict. */
type Batch = Goals & { x: tf.Tensor2D };

/** Gathers the features and goals of some rows; a batch is good until the next, whose memory it is. */
function batchesOf({ features, dimensions, ...given }: Examples): (rows: Uint32Array) => Batch {
  let memory = new Float32Array(0);
  return (rows) => {
    const size = rows.length * dimensions;
    if (memory.length < size) memory = new Float32Array(size);
    rows.forEach((row, i) => {
      memory.set(features.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);
    });
    const x = tf.tensor2d(memory.subarray(0, size), [rows.length, dimensions]);
    return { x, ...goalsOf(given, rows) };
  };
}
