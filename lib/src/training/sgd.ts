import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { attribute, execute } from "../tensorflow";
import { type Optimizer, type OptimizerState, optimizerOf } from "./optimizer";
import type { Rule } from "./slots";
import { readVariable } from "./variable";

export interface SgdOptions {
  /** Share of the last move that goes on; 0 is plain gradient descent. */
  momentum: number;
  /** Times the parameter, added to its gradient: PyTorch's SGD couples its decay to the learning rate and the momentum. */
  weightDecay: number;
}

/** Stochastic gradient descent with momentum exactly as PyTorch's SGD, from weights and maybe a kept state. */
export function sgd(weights: Weights, options: SgdOptions, state?: OptimizerState): Optimizer {
  return optimizerOf(sgdRule(options), weights, state);
}

/** SGD's step of one parameter: v ← μ·v + g + λ·p, p ← p − η·v; natively TensorFlow's `ResourceApplyMomentum`. */
export function sgdRule({ momentum, weightDecay }: SgdOptions): Rule {
  const decayed = (gradient: tf.Tensor, parameter: tf.Tensor) => tf.add(gradient, tf.mul(parameter, weightDecay));
  return {
    moments: ["first"],
    native({ parameter, first }, gradient, { rate, scalar }) {
      const whole = weightDecay === 0 ? null : tf.tidy(() => decayed(gradient, readVariable(parameter)));
      execute(
        "ResourceApplyMomentum",
        [attribute.type("T"), attribute.bool("use_locking", false), attribute.bool("use_nesterov", false)],
        [parameter.handle, first!.handle, scalar(rate), whole ?? gradient, scalar(momentum)],
        0,
      );
      whole?.dispose();
    },
    plain({ parameter, first }, gradient, { rate }) {
      const velocity = tf.add(tf.mul(first!, momentum), decayed(gradient, parameter));
      return { parameter: tf.sub(parameter, tf.mul(velocity, rate)), first: velocity };
    },
  };
}
