import * as tf from "@tensorflow/tfjs";
import type { Weight, Weights } from "../model/safetensors";
import type { Optimizer, OptimizerState } from "./optimizer";
import { mapValues, momentOf, type Rule, rateOf, type Slot, toWeight } from "./slots";

/** An optimizer in ops that every backend of TensorFlow.js has. */
export function plainOptimizer(rule: Rule, weights: Weights, state?: OptimizerState): Optimizer {
  const slots = mapValues(weights, (weight, name): Slot<tf.Tensor> => {
    const moments = rule.moments.map((moment) => [moment, toTensor(momentOf(name, weight, state?.[moment]))]);
    return kept({ parameter: toTensor(weight), ...Object.fromEntries(moments) });
  });
  let step = state?.step ?? 0;
  const read = (part: keyof Slot<tf.Tensor>) =>
    part === "parameter" || rule.moments.includes(part) ? mapValues(slots, (slot) => toWeight(slot[part]!)) : {};
  return {
    parameters: () => mapValues(slots, ({ parameter }) => parameter),
    step(gradients, learningRate) {
      step++;
      for (const [name, gradient] of Object.entries(gradients)) {
        const before = slots[name]!;
        const options = { rate: rateOf(learningRate, name), step };
        slots[name] = kept(tf.tidy(() => rule.plain(before, gradient, options)));
        tf.dispose(Object.values(before));
      }
    },
    weights: () => read("parameter"),
    state: () => ({ step, first: read("first"), second: read("second") }),
    dispose: () => tf.dispose(Object.values(slots).flatMap(Object.values)),
  };
}

function toTensor({ data, shape }: Weight): tf.Tensor {
  return tf.tensor(data, shape);
}

/** The same slot, safe from the tidy of whoever calls. */
function kept(slot: Slot<tf.Tensor>): Slot<tf.Tensor> {
  for (const tensor of Object.values(slot)) tf.keep(tensor);
  return slot;
}
