import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import { UserError } from "../errors";
import { ordinalLoss } from "./ordinal";

/** Which loss, as plain data; all targets and predictions are log10 dollars. */
export type LossOptions =
  | { name: "mse" }
  /** Squares up to an error of `delta`, and a line beyond (Huber 1964). */
  | { name: "huber"; delta: number }
  /** One output for each level, .5 among them (Koenker & Bassett 1978). */
  | { name: "quantile"; levels: readonly number[] }
  /** A mean and the logarithm of a variance for each film (Nix & Weigend 1994). */
  | { name: "gaussian" }
  /** Bins between rising `thresholds`; `centres`, one more, are what each bin stands for. */
  | { name: "ordinal"; thresholds: readonly number[]; centres: readonly number[] };

const numbers = z.array(z.number());
const kept = z.discriminatedUnion("name", [
  z.object({ name: z.literal("mse") }),
  z.object({ name: z.literal("huber"), delta: z.number() }),
  z.object({ name: z.literal("quantile"), levels: numbers }),
  z.object({ name: z.literal("gaussian") }),
  z.object({ name: z.literal("ordinal"), thresholds: numbers, centres: numbers }),
]);

/** The loss that a weights file names in its metadata, as JSON; mean squared error where it names none. */
export function parseLoss(text: string | undefined, path: string): LossOptions {
  if (text === undefined) return { name: "mse" };
  try {
    return kept.parse(JSON.parse(text));
  } catch {
    throw new UserError(`${path} names no loss that is known here: train the run again.`);
  }
}

/** A loss, and what the outputs of a head trained by it mean. */
export interface Loss {
  /** Outputs that the head must have. */
  outputs: number;
  /** The loss of each example, [batch], of outputs [batch, outputs] and targets [batch]; differentiable in the outputs. */
  examples(outputs: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D;
  /** Its gradient by the outputs of its example, [batch, outputs], for those who go without TensorFlow.js's tape. */
  gradient(outputs: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor2D;
  /** The one number that outputs [batch, outputs] predict: log10 dollars, [batch]. */
  predict(outputs: tf.Tensor2D): tf.Tensor1D;
  /** The outputs that, the same for every example, have the lowest loss on these targets: where the head's biases start. */
  start(targets: ArrayLike<number>): number[];
}

/** The loss of that name; options that make no sense are a `UserError`. */
export function lossOf(options: LossOptions): Loss {
  switch (options.name) {
    case "mse":
      return squaredLoss;
    case "huber":
      return huberLoss(options);
    case "quantile":
      return quantileLoss(options);
    case "gaussian":
      return gaussianLoss;
    case "ordinal":
      return ordinalLoss(options);
  }
}

/** How the losses of a batch become one. */
export interface Reduction {
  /** How much each example counts, [batch]; 1 on average over the training set. */
  weights?: tf.Tensor1D;
  /** Examples of the whole batch, where this is a part of one: the parts' losses, and gradients, then add up to its. */
  count?: number;
}

/** The mean of the examples' losses, [batch], each times its weight; it is divided by their number, not by their weights. */
export function meanLoss(losses: tf.Tensor1D, { weights, count = losses.shape[0] }: Reduction = {}): tf.Scalar {
  return tf.div(tf.sum(weights ? tf.mul(losses, weights) : losses), count);
}

/** The gradient of `meanLoss` by the outputs, [batch, outputs], from the loss's own. */
export function meanGradient(
  gradient: tf.Tensor2D,
  { weights, count = gradient.shape[0] }: Reduction = {},
): tf.Tensor2D {
  return tf.mul(gradient, weights ? tf.div(tf.reshape(weights, [-1, 1]), count) : 1 / count);
}

/** An output as [batch]. */
function column(outputs: tf.Tensor2D, index: number): tf.Tensor1D {
  if (outputs.shape[1] === 1) return tf.reshape(outputs, [-1]);
  return tf.reshape(tf.slice(outputs, [0, index], [-1, 1]), [-1]);
}

/** Prediction − target, [batch]. */
function errorOf(outputs: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  return tf.sub(column(outputs, 0), targets);
}

/** [batch] as [batch, 1]. */
function asColumn(values: tf.Tensor1D): tf.Tensor2D {
  return tf.reshape(values, [-1, 1]);
}

const onePrediction = {
  outputs: 1,
  predict: (outputs: tf.Tensor2D): tf.Tensor1D => column(outputs, 0),
  start: (targets: ArrayLike<number>): number[] => [meanOf(targets)],
};

const squaredLoss: Loss = {
  ...onePrediction,
  examples: (outputs, targets) => tf.square(errorOf(outputs, targets)),
  gradient: (outputs, targets) => asColumn(tf.mul(errorOf(outputs, targets), 2)),
};

/** e²/2 up to delta, delta · (|e| − delta/2) beyond, as PyTorch's HuberLoss; by the part of e that is clipped away. */
function huberLoss({ delta }: { delta: number }): Loss {
  if (!(delta > 0)) throw new UserError(`The Huber loss needs a delta above 0, not ${delta}.`);
  return {
    ...onePrediction,
    examples(outputs, targets) {
      const size = tf.abs(errorOf(outputs, targets));
      const inside = tf.minimum(size, delta);
      return tf.mul(inside, tf.sub(size, tf.mul(inside, 0.5)));
    },
    gradient: (outputs, targets) => asColumn(tf.clipByValue(errorOf(outputs, targets), -delta, delta)),
  };
}

/** max(q·e, (q − 1)·e) of e = target − prediction, averaged over the levels q. */
function quantileLoss({ levels }: { levels: readonly number[] }): Loss {
  const middle = levels.indexOf(0.5);
  if (middle < 0 || levels.some((level) => !(level > 0 && level < 1))) {
    throw new UserError(`The quantile loss needs levels between 0 and 1, 0.5 among them, not [${levels.join(", ")}].`);
  }
  return {
    outputs: levels.length,
    examples(outputs, targets) {
      const error = tf.sub(asColumn(targets), outputs);
      const level = tf.tensor1d([...levels]);
      return tf.mean(tf.maximum(tf.mul(error, level), tf.mul(error, tf.sub(level, 1))), 1);
    },
    gradient(outputs, targets) {
      const above = tf.cast(tf.greater(outputs, asColumn(targets)), "float32");
      return tf.div(tf.sub(above, tf.tensor1d([...levels])), levels.length);
    },
    predict: (outputs) => column(outputs, middle),
    start(targets) {
      const sorted = Float64Array.from(targets).sort();
      return levels.map((level) => sorted[Math.min(sorted.length - 1, Math.floor(level * sorted.length))] ?? 0);
    },
  };
}

/** A smaller variance counts as this one, PyTorch's default: a film fitted exactly would have a loss of −∞. */
const SMALLEST_VARIANCE = 1e-6;

/** (log σ² + (y − μ)²/σ²) / 2 of outputs μ and log σ², as PyTorch's GaussianNLLLoss; predicts μ. */
const gaussianLoss: Loss = {
  outputs: 2,
  examples(outputs, targets) {
    const logVariance = tf.maximum(column(outputs, 1), Math.log(SMALLEST_VARIANCE));
    const surprise = tf.mul(tf.square(errorOf(outputs, targets)), tf.exp(tf.neg(logVariance)));
    return tf.mul(tf.add(logVariance, surprise), 0.5);
  },
  gradient(outputs, targets) {
    const logVariance = tf.maximum(column(outputs, 1), Math.log(SMALLEST_VARIANCE));
    const inLimits = tf.cast(tf.greaterEqual(column(outputs, 1), Math.log(SMALLEST_VARIANCE)), "float32");
    const error = errorOf(outputs, targets);
    const scaled = tf.mul(error, tf.exp(tf.neg(logVariance))) as tf.Tensor1D;
    const byLogVariance = tf.mul(inLimits, tf.sub(0.5, tf.mul(tf.mul(error, scaled), 0.5))) as tf.Tensor1D;
    return tf.stack([scaled, byLogVariance], 1) as tf.Tensor2D;
  },
  predict: onePrediction.predict,
  start(targets) {
    const mean = meanOf(targets);
    const variance = meanOf(Array.from(targets, (target) => (target - mean) ** 2));
    return [mean, Math.log(Math.max(variance, SMALLEST_VARIANCE))];
  },
};

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
