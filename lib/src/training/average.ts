import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { attribute, execute, isNative } from "../tensorflow";
import { mapValues, toWeight } from "./slots";
import { createVariable, destroyVariable, readVariable, readWeight, scaleVariable } from "./variable";

/** The running average of a model's weights. */
export interface Average {
  /** The tensors belong to the average and are good until the next update. */
  parameters(): tf.NamedTensorMap;
  /** Takes in the parameters after step `step`, counted from 1. */
  update(parameters: tf.NamedTensorMap, step: number): void;
  /** The average is `weights` times `scale`; what `averageOf` begins with again to go on to the last bit. */
  state(): { weights: Weights; scale: number };
  dispose(): void;
}

/**
 * An exponential moving average of weights (Polyak & Juditsky 1992), which steadies the noise of small batches.
 * The first steps weigh less, as in TensorFlow's ExponentialMovingAverage: the decay is min(decay, (1 + t) / (10 + t)).
 */
export function averageOf(start: Weights, decay: number, scale = 1): Average {
  return isNative() ? nativeAverage(start, decay, scale) : plainAverage(start, decay, scale);
}

function decayAt(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/** The average in ops that every backend of TensorFlow.js has. */
export function plainAverage(start: Weights, decay: number, scale = 1): Average {
  let kept = mapValues(start, ({ shape, data }) => tf.keep(tf.tidy(() => tf.mul(tf.tensor(data, shape), scale))));
  return {
    parameters: () => kept,
    update(parameters, step) {
      const rest = 1 - decayAt(decay, step);
      const before = kept;
      kept = mapValues(before, (value, name) =>
        tf.keep(tf.tidy(() => tf.add(value, tf.mul(tf.sub(parameters[name]!, value), rest)))),
      );
      tf.dispose(before);
    },
    state: () => ({ weights: mapValues(kept, toWeight), scale: 1 }),
    dispose: () => tf.dispose(kept),
  };
}

/** Below this the variables are brought back to scale. */
const SMALLEST_SCALE = 2 ** -20;
/** A decay below this is as good as 0, by which the scale cannot be multiplied; float32 goes to 2⁻¹²⁶. */
const SMALLEST_DECAY = 2 ** -60;

/**
 * The average in TensorFlow's variables, which hold average / scale, the scale being the product of the decays so far:
 * then a step only adds a multiple of the parameters, one pass in place, where decaying too would take three.
 */
export function nativeAverage(start: Weights, decay: number, before = 1): Average {
  const variables = mapValues(start, createVariable);
  let scale = before;
  let current: tf.NamedTensorMap | undefined;
  const forget = () => {
    tf.dispose(current ?? {});
    current = undefined;
  };
  const rescale = () => {
    if (scale !== 1) for (const variable of Object.values(variables)) scaleVariable(variable, scale);
    scale = 1;
  };
  return {
    parameters() {
      rescale();
      current ??= mapValues(variables, (variable) => tf.keep(readVariable(variable)));
      return current;
    },
    update(parameters, step) {
      forget();
      const share = decayAt(decay, step);
      if (scale * share < SMALLEST_SCALE) rescale();
      scale *= Math.max(share, SMALLEST_DECAY);
      const negative = tf.scalar(-(1 - share) / scale);
      for (const [name, { handle }] of Object.entries(variables)) {
        const attributes = [attribute.type("T"), attribute.bool("use_locking", false)];
        execute("ResourceApplyGradientDescent", attributes, [handle, negative, parameters[name]!], 0);
      }
      negative.dispose();
    },
    // not brought to scale: rounding would tell an interrupted training from a whole one
    state: () => ({ weights: mapValues(variables, readWeight), scale }),
    dispose() {
      forget();
      for (const variable of Object.values(variables)) destroyVariable(variable);
    },
  };
}
