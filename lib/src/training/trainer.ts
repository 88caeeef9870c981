import * as tf from "@tensorflow/tfjs";
import { throwIfInterrupted, UserError } from "../errors";
import { applyHead, dropoutMasks } from "../model/head";
import type { Weights } from "../model/safetensors";
import { type ProgressListener, ProgressMeter } from "../progress";
import { Random } from "../random";
import { adamW } from "./adamw";
import { type Average, averageOf } from "./average";
import type { TrainingState } from "./checkpoint";
import type { Optimizer } from "./optimizer";
import { startPlateau, stepPlateau } from "./plateau";

/** The stream of random numbers that orders the films of each epoch. */
const ORDER = 3;

/** Features and what they shall predict. */
export interface Examples {
  /** Row-major [n, dimensions]. */
  features: Float32Array;
  dimensions: number;
  /** Log10 dollars, [n]. */
  targets: Float32Array;
}

/** One line of `metrics.jsonl`; losses are mean squared errors of log10 dollars, the training one with dropout. */
export interface EpochMetrics {
  epoch: number;
  train_loss: number;
  val_loss: number;
  /** Learning rate of this epoch. */
  lr: number;
  seconds: number;
}

export interface TrainerOptions {
  batchSize: number;
  learningRate: number;
  weightDecay: number;
  maxEpochs: number;
  plateau: { factor: number; patience: number };
  earlyStopping: number;
  /** Decay of the running average of the weights, which is what is validated and kept; 0 keeps the weights themselves. */
  averaging: number;
  seed: number;
  hidden: readonly number[];
  dropout: readonly number[];
}

export interface TrainerEvents {
  /** After every epoch, before the next: what to keep is kept here. */
  onEpoch?: (metrics: EpochMetrics, state: () => TrainingState) => Promise<void>;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Trains the head by AdamW on mean squared error, from weights or from a kept state; returns why it ended. */
export async function trainHead(
  { train, validation }: { train: Examples; validation: Examples },
  start: Weights | TrainingState,
  options: TrainerOptions,
  { onEpoch, onProgress, signal }: TrainerEvents = {},
): Promise<"finished" | "stopped early"> {
  const state = isState(start) ? start : beginning(start, options);
  let { epoch, plateau, best } = state;
  const optimizer = adamW(state.weights, options, state.optimizer);
  const average = options.averaging > 0 ? averageOf(state.average, options.averaging) : unaveraged(optimizer);
  const remaining = train.targets.length * (options.maxEpochs - epoch);
  const meter = new ProgressMeter("training", "samples", onProgress, remaining);
  try {
    while (epoch < options.maxEpochs) {
      if (epoch - best.epoch >= options.earlyStopping) {
        meter.finish(`stopped early after epoch ${epoch}`);
        return "stopped early";
      }
      const startedAt = performance.now();
      const lr = plateau.learningRate;
      const model = { optimizer, average };
      const train_loss = await trainEpoch(model, train, { ...options, lr, epoch: ++epoch }, { meter, signal });
      const val_loss = meanSquaredError(average, validation);
      if (!Number.isFinite(train_loss + val_loss)) {
        throw new UserError(`The loss is no longer a number in epoch ${epoch}: lower training.learningRate.`);
      }
      plateau = stepPlateau(plateau, val_loss, options.plateau);
      if (val_loss < best.loss) best = { epoch, loss: val_loss };
      const seconds = (performance.now() - startedAt) / 1000;
      const now = { epoch, plateau, best };
      await onEpoch?.({ epoch, train_loss, val_loss, lr, seconds }, () => ({
        ...now,
        weights: optimizer.weights(),
        average: average.weights(),
        optimizer: optimizer.state(),
      }));
    }
    return "finished";
  } finally {
    optimizer.dispose();
    average.dispose();
  }
}

function isState(start: Weights | TrainingState): start is TrainingState {
  return "optimizer" in start;
}

/** The state before the first epoch. */
function beginning(weights: Weights, { learningRate }: TrainerOptions): TrainingState {
  const best = { epoch: 0, loss: Number.POSITIVE_INFINITY };
  const zeros = Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }]),
  );
  const optimizer = { step: 0, first: zeros, second: zeros };
  return { epoch: 0, plateau: startPlateau(learningRate), best, weights, average: weights, optimizer };
}

/** Where nothing is averaged, the weights themselves. */
function unaveraged({ parameters, weights }: Optimizer): Average {
  return { parameters, weights, update: () => {}, dispose: () => {} };
}

interface Model {
  optimizer: Optimizer;
  average: Average;
}

/** One pass over the films in a new order; the mean loss of the pass. */
async function trainEpoch(
  model: Model,
  examples: Examples,
  options: TrainerOptions & { lr: number; epoch: number },
  { meter, signal }: { meter: ProgressMeter; signal?: AbortSignal },
): Promise<number> {
  const { batchSize, epoch, seed } = options;
  const n = examples.targets.length;
  const order = new Random([seed, ORDER, epoch]).permutation(n);
  const steps = Math.ceil(n / batchSize);
  let sum = 0;
  let seen = 0;
  for (let step = 0; step < steps; step++) {
    const rows = order.subarray(step * batchSize, (step + 1) * batchSize);
    sum += rows.length * trainStep(model, examples, rows, { ...options, step: (epoch - 1) * steps + step });
    seen += rows.length;
    meter.advance(rows.length, `epoch ${epoch} · loss ${(sum / seen).toFixed(4)}`);
    // lets signals, timers and the notebook's messages through
    await new Promise(setImmediate);
    throwIfInterrupted(signal, `Epochs up to ${epoch - 1} are kept: --resume goes on from there.`);
  }
  return sum / n;
}

/** One step of the optimizer on some rows; the loss before it. */
function trainStep(
  { optimizer, average }: Model,
  examples: Examples,
  rows: Uint32Array,
  { hidden, dropout, seed, step, lr }: TrainerOptions & { step: number; lr: number },
): number {
  return tf.tidy(() => {
    const [x, y] = batchOf(examples, rows);
    const masks = dropoutMasks({ hidden, dropout }, { batch: rows.length, seed, step });
    const parameters = optimizer.parameters();
    const names = Object.keys(parameters);
    const loss = (...values: tf.Tensor[]) => {
      const named = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
      return tf.mean(tf.squaredDifference(applyHead(named, x, masks), y)) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => parameters[name]!));
    optimizer.step(Object.fromEntries(names.map((name, i) => [name, grads[i]!])), lr);
    average.update(optimizer.parameters(), step + 1);
    return value.dataSync()[0]!;
  });
}

/** Features [batch, dimensions] and targets [batch] of some rows. */
function batchOf({ features, dimensions, targets }: Examples, rows: Uint32Array): [tf.Tensor2D, tf.Tensor1D] {
  const x = new Float32Array(rows.length * dimensions);
  rows.forEach((row, i) => {
    x.set(features.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);
  });
  return [tf.tensor2d(x, [rows.length, dimensions]), tf.tensor1d(Float32Array.from(rows, (row) => targets[row]!))];
}

function meanSquaredError(average: Average, { features, dimensions, targets }: Examples): number {
  return tf.tidy(() => {
    const x = tf.tensor2d(features, [targets.length, dimensions]);
    const predicted = applyHead(average.parameters(), x);
    return tf.mean(tf.squaredDifference(predicted, tf.tensor1d(targets))).dataSync()[0]!;
  });
}
