import * as tf from "@tensorflow/tfjs";
import { gather } from "../model/feature-rows";
import type { Auxiliary } from "./auxiliary";
import { type Loss, meanGradient, meanLoss, type Reduction } from "./losses";

/** What examples shall predict. */
export interface Wanted {
  /** Log10 dollars, [n]. */
  targets: Float32Array;
  /** How much each example counts in training, [n], 1 on average; all the same unless given. */
  weights?: Float32Array;
  /** What else they shall predict; nothing unless given. */
  auxiliary?: Auxiliary;
}

/** What a batch shall predict. */
export interface Goals extends Reduction {
  /** Log10 dollars, [batch]. */
  targets: tf.Tensor1D;
  /** [batch, auxiliary targets], NaN where unknown. */
  auxiliary?: tf.Tensor2D;
}

/** The goals of some rows, as tensors of the caller's. */
export function goalsOf({ targets, weights, auxiliary }: Wanted, rows: Uint32Array): Goals {
  const of = (values: Float32Array) => tf.tensor1d(Float32Array.from(rows, (row) => values[row]!));
  const goals: Goals = { targets: of(targets) };
  if (weights) goals.weights = of(weights);
  if (!auxiliary) return goals;
  const columns = auxiliary.names.length;
  const values = gather(auxiliary.targets, columns, rows);
  return { ...goals, auxiliary: tf.tensor2d(values, [rows.length, columns]) };
}

/** What a head is trained for: the loss of revenue, and that of the auxiliary targets where there are any. */
export interface Objective {
  /** The mean loss of a batch and its gradient by the head's outputs, [batch, outputs]. */
  score(outputs: tf.Tensor2D, goals: Goals): { value: tf.Scalar; gradient: tf.Tensor2D };
  /** Log10 dollars, [batch], of outputs [batch, outputs]. */
  predict(outputs: tf.Tensor2D): tf.Tensor1D;
}

/**
 * The first outputs are the loss's own. Each other one has its squared error of its target, which counts `weight` divided
 * by their number, and nothing where the target is unknown.
 */
export function objectiveOf(loss: Loss, auxiliary?: Pick<Auxiliary, "names" | "weight">): Objective {
  const others = auxiliary?.names.length ?? 0;
  if (!auxiliary || others === 0) {
    return {
      score: (outputs, { targets, ...reduction }) => ({
        value: meanLoss(loss.examples(outputs, targets), reduction),
        gradient: meanGradient(loss.gradient(outputs, targets), reduction),
      }),
      predict: loss.predict,
    };
  }
  const own = (outputs: tf.Tensor2D) => tf.slice(outputs, [0, 0], [-1, loss.outputs]);
  const share = auxiliary.weight / others;
  return {
    score(outputs, { targets, auxiliary, ...reduction }) {
      const error = knownError(tf.slice(outputs, [0, loss.outputs], [-1, others]), auxiliary!);
      const examples = tf.add(loss.examples(own(outputs), targets), tf.mul(tf.sum(tf.square(error), 1), share));
      const gradient = tf.concat([loss.gradient(own(outputs), targets), tf.mul(error, 2 * share) as tf.Tensor2D], 1);
      return {
        value: meanLoss(examples as tf.Tensor1D, reduction),
        gradient: meanGradient(gradient, reduction),
      };
    },
    predict: (outputs) => loss.predict(own(outputs)),
  };
}

/** Output − target, 0 where the target is unknown. */
function knownError(outputs: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  const error = tf.sub(outputs, targets) as tf.Tensor2D;
  return tf.where(tf.isNaN(targets), tf.zerosLike(error), error);
}
