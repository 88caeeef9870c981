import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { attribute, execute } from "../tensorflow";
import { type Optimizer, type OptimizerState, optimizerOf } from "./optimizer";
import type { Rule } from "./slots";
import { scaleVariable } from "./variable";

// defaults of PyTorch's AdamW
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export interface AdamWOptions {
  /** Share of each parameter that a step takes away, times the learning rate (Loshchilov & Hutter 2019). */
  weightDecay: number;
}

/** AdamW exactly as PyTorch's (decoupled decay, bias correction, ε outside the root), from weights and maybe a kept state. */
export function adamW(weights: Weights, options: AdamWOptions, state?: OptimizerState): Optimizer {
  return optimizerOf(adamWRule(options), weights, state);
}

/**
 * AdamW's step of one parameter, natively TensorFlow's fused `ResourceApplyAdam`. Of that op's own bias correction
 * nothing is used (its powers of β are given as 0): it takes 1 − β₂ᵗ in float32, which leaves five digits of it, and adds
 * ε to √v where PyTorch adds it to √(v / (1 − β₂ᵗ)). Both are in the learning rate and ε that it is given, with β as
 * float32 has it.
 */
export function adamWRule({ weightDecay }: AdamWOptions): Rule {
  return {
    moments: ["first", "second"],
    native({ parameter, first, second }, gradient, { rate, step, scalar }) {
      // PyTorch multiplies by 1 − lr · decay in float32: at 2e-4 · 1e-4 that is exactly 1, and the pass can be spared
      const decay = Math.fround(1 - rate * weightDecay);
      if (decay < 1) scaleVariable(parameter, decay);
      const root = Math.sqrt(1 - Math.fround(BETA2) ** step);
      const corrected = (rate * root) / (1 - Math.fround(BETA1) ** step);
      const scalars = [0, 0, corrected, BETA1, BETA2, EPSILON * root].map(scalar);
      execute(
        "ResourceApplyAdam",
        [attribute.type("T"), attribute.bool("use_locking", false), attribute.bool("use_nesterov", false)],
        [parameter.handle, first!.handle, second!.handle, ...scalars, gradient],
        0,
      );
    },
    plain({ parameter, first, second }, gradient, { rate, step }) {
      const mean = tf.add(tf.mul(first!, BETA1), tf.mul(gradient, 1 - BETA1));
      const variance = tf.add(tf.mul(second!, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
      const denominator = tf.add(tf.div(tf.sqrt(variance), Math.sqrt(1 - BETA2 ** step)), EPSILON);
      const move = tf.mul(tf.div(mean, denominator), rate / (1 - BETA1 ** step));
      const decayed = tf.mul(parameter, 1 - rate * weightDecay);
      return { parameter: tf.sub(decayed, move), first: mean, second: variance };
    },
  };
}
