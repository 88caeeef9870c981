import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { nativeAdamW } from "./adamw-native";
import { plainAdamW } from "./adamw-plain";
import type { AdamWOptions, Optimizer, OptimizerState } from "./optimizer";

/** AdamW exactly as PyTorch's (decoupled decay, bias correction, ε outside the root), from weights and maybe a kept state. */
export function adamW(weights: Weights, options: AdamWOptions, state?: OptimizerState): Optimizer {
  return tf.getBackend() === "tensorflow" ? nativeAdamW(weights, options, state) : plainAdamW(weights, options, state);
}
