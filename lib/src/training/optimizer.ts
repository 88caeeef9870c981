import type * as tf from "@tensorflow/tfjs";
import type { Weight, Weights } from "../model/safetensors";

/** Defaults of PyTorch's AdamW. */
export const BETA1 = 0.9;
export const BETA2 = 0.999;
export const EPSILON = 1e-8;

export interface AdamWOptions {
  /** Share of each parameter that a step takes away, times the learning rate (Loshchilov & Hutter 2019). */
  weightDecay: number;
}

/** What a resumed training needs: both moments of every parameter, and the steps taken. */
export interface OptimizerState {
  step: number;
  first: Weights;
  second: Weights;
}

/** Holds the parameters of a model and moves them against their gradients. */
export interface Optimizer {
  /** The parameters as they are now; the tensors belong to the optimizer and are good until the next step. */
  parameters(): tf.NamedTensorMap;
  /** One step; the gradients, named as the parameters, stay the caller's. */
  step(gradients: tf.NamedTensorMap, learningRate: number): void;
  weights(): Weights;
  state(): OptimizerState;
  dispose(): void;
}

/** A tensor's values, copied out of the engine. */
export function toWeight(tensor: tf.Tensor): Weight {
  return { shape: tensor.shape.slice(), data: Float32Array.from(tensor.dataSync<"float32">()) };
}
