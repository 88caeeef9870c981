import * as tf from "@tensorflow/tfjs";
import type { BatchStatistics } from "../model/network";
import type { Weights } from "../model/safetensors";
import { mapValues, toWeight } from "./slots";

/** Means and variances of batch norms, which move a little towards those of each batch. */
export interface RunningStatistics {
  /** By name; the tensors are good until the next `move`. */
  tensors(): tf.NamedTensorMap;
  /** Takes in what a batch norm saw; the tensors stay the caller's. */
  move(norm: string, seen: BatchStatistics): void;
  weights(): Weights;
  dispose(): void;
}

/** As PyTorch moves them: by `momentum`, and the variance with Bessel's correction. */
export function runningStatistics(start: Weights, momentum: number): RunningStatistics {
  const current = mapValues(start, ({ data, shape }) => tf.keep(tf.tensor(data, shape)));
  const move = (name: string, seen: tf.Tensor, factor: number) => {
    const before = current[name]!;
    const after = tf.tidy(() => tf.add(tf.mul(before, 1 - momentum), tf.mul(seen, momentum * factor)));
    current[name] = tf.keep(after);
    before.dispose();
  };
  return {
    tensors: () => current,
    move(norm, { mean, variance, count }) {
      move(`${norm}.running_mean`, mean, 1);
      // of one value there is no variance to correct; PyTorch refuses it
      move(`${norm}.running_var`, variance, count / Math.max(1, count - 1));
    },
    weights: () => mapValues(current, toWeight),
    dispose: () => tf.dispose(current),
  };
}
