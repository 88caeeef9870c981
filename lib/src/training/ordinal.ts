import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors";
import type { Loss } from "./losses";

/** Log10 dollars that part the bins, rising, and what each bin stands for: one more than thresholds. */
export interface Bins {
  thresholds: readonly number[];
  centres: readonly number[];
}

/** Bins that hold equally many training targets each (log10 dollars), and their means; equal targets share a bin. */
export function ordinalBins(targets: ArrayLike<number>, count: number): Bins {
  const sorted = Float64Array.from(targets).sort();
  const cuts = Array.from({ length: count - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / count)]!);
  const thresholds = [...new Set(cuts)].filter((cut) => cut > sorted[0]!);
  const bins = Array.from({ length: thresholds.length + 1 }, (_, bin) =>
    sorted.filter((target) => thresholds.filter((threshold) => target >= threshold).length === bin),
  );
  return { thresholds, centres: bins.map((bin) => bin.reduce((sum, target) => sum + target, 0) / bin.length) };
}

/**
 * For each threshold whether the target reaches it, as binary cross entropy of a logit, averaged over the thresholds
 * (Frank & Hall 2001; Niu et al. 2016). The prediction is the mean of the centres under the probabilities that the bins
 * then have: the lowest centre, and each rise to the next times the probability of reaching its threshold.
 */
export function ordinalLoss({ thresholds, centres }: Bins): Loss {
  refuseUnordered({ thresholds, centres });
  return {
    outputs: thresholds.length,
    examples: (outputs, targets) =>
      tf.mean(tf.sub(tf.softplus(outputs), tf.mul(outputs, reached(targets, thresholds))), 1),
    gradient: (outputs, targets) =>
      tf.div(tf.sub(tf.sigmoid(outputs), reached(targets, thresholds)), thresholds.length),
    predict(outputs) {
      const rises = tf.tensor2d(
        thresholds.map((_, i) => [centres[i + 1]! - centres[i]!]),
        [thresholds.length, 1],
      );
      return tf.add(tf.reshape(tf.matMul(tf.sigmoid(outputs), rises), [-1]), centres[0]!);
    },
    start: (targets) => thresholds.map((threshold) => logOdds(targets, threshold)),
  };
}

/** 1 where a target reaches a threshold, else 0: [batch, thresholds]. */
function reached(targets: tf.Tensor1D, thresholds: readonly number[]): tf.Tensor2D {
  return tf.cast(tf.greaterEqual(tf.reshape(targets, [-1, 1]), tf.tensor1d([...thresholds])), "float32");
}

/** The logarithm of how many targets reach a threshold to how many do not; none counts as half a target. */
function logOdds(targets: ArrayLike<number>, threshold: number): number {
  const above = Array.from(targets).filter((target) => target >= threshold).length;
  return Math.log(Math.max(0.5, above) / Math.max(0.5, targets.length - above));
}

function refuseUnordered({ thresholds, centres }: Bins): void {
  const rising = (values: readonly number[]) => values.every((value, i) => i === 0 || value > values[i - 1]!);
  if (thresholds.length === 0 || centres.length !== thresholds.length + 1 || !rising(thresholds) || !rising(centres)) {
    throw new UserError("The ordinal loss needs rising thresholds, and one more centres than thresholds, rising too.");
  }
}
