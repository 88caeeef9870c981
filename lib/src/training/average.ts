import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { toWeight } from "./optimizer";

/** The running average of a model's weights. */
export interface Average {
  /** The tensors belong to the average and are good until the next update. */
  parameters(): tf.NamedTensorMap;
  /** Takes in the parameters after step `step`, counted from 1. */
  update(parameters: tf.NamedTensorMap, step: number): void;
  weights(): Weights;
  dispose(): void;
}

/**
 * An exponential moving average of weights (Polyak & Juditsky 1992), which steadies the noise of small batches.
 * The first steps weigh less, as in TensorFlow's ExponentialMovingAverage: the decay is min(decay, (1 + t) / (10 + t)).
 */
export function averageOf(start: Weights, decay: number): Average {
  const kept: Record<string, tf.Tensor> = {};
  for (const [name, { shape, data }] of Object.entries(start)) kept[name] = tf.keep(tf.tensor(data, shape));
  return {
    parameters: () => kept,
    update(parameters, step) {
      const share = Math.min(decay, (1 + step) / (10 + step));
      for (const [name, before] of Object.entries(kept)) {
        const difference = tf.tidy(() => tf.mul(tf.sub(parameters[name]!, before), 1 - share));
        kept[name] = tf.keep(tf.add(before, difference));
        tf.dispose([before, difference]);
      }
    },
    weights: () => Object.fromEntries(Object.entries(kept).map(([name, tensor]) => [name, toWeight(tensor)])),
    dispose: () => tf.dispose(kept),
  };
}
