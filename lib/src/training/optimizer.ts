import type * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { isNative } from "../tensorflow";
import { nativeOptimizer } from "./optimizer-native";
import { plainOptimizer } from "./optimizer-plain";
import type { LearningRate, Rule } from "./slots";

export type { LearningRate };

/** What a resumed training needs: the moments of every parameter (empty where the rule keeps none), and the steps taken. */
export interface OptimizerState {
  step: number;
  first: Weights;
  second: Weights;
}

/** Holds the parameters of a model and moves them against their gradients. */
export interface Optimizer {
  /** The parameters as they are now; the tensors belong to the optimizer and are good until the next step. */
  parameters(): tf.NamedTensorMap;
  /**
   * One step; the gradients, named as the parameters, stay the caller's. The learning rate is one for all, or one for
   * each name. A parameter without a gradient is left alone, its weight decay and moments too.
   */
  step(gradients: tf.NamedTensorMap, learningRate: LearningRate): void;
  weights(): Weights;
  state(): OptimizerState;
  dispose(): void;
}

/** An optimizer that moves weights by a rule, from the start or from a kept state, in the engine that runs. */
export function optimizerOf(rule: Rule, weights: Weights, state?: OptimizerState): Optimizer {
  return isNative() ? nativeOptimizer(rule, weights, state) : plainOptimizer(rule, weights, state);
}
