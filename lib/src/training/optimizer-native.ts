import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import type { Optimizer, OptimizerState } from "./optimizer";
import { mapValues, momentOf, type Rule, rateOf, type Slot } from "./slots";
import { createVariable, destroyVariable, readVariable, readWeight, type Variable } from "./variable";

/** An optimizer whose parameters and moments are variables of TensorFlow, changed in place in one pass. */
export function nativeOptimizer(rule: Rule, weights: Weights, state?: OptimizerState): Optimizer {
  const slots = mapValues(weights, (weight, name): Slot<Variable> => {
    const moments = rule.moments.map((moment) => [moment, createVariable(momentOf(name, weight, state?.[moment]))]);
    return { parameter: createVariable(weight), ...Object.fromEntries(moments) };
  });
  let step = state?.step ?? 0;
  let current: tf.NamedTensorMap | undefined;
  const forget = () => {
    tf.dispose(current ?? {});
    current = undefined;
  };
  const read = (part: keyof Slot<Variable>) =>
    part === "parameter" || rule.moments.includes(part) ? mapValues(slots, (slot) => readWeight(slot[part]!)) : {};
  return {
    parameters() {
      current ??= mapValues(slots, ({ parameter }) => tf.keep(readVariable(parameter)));
      return current;
    },
    step(gradients, learningRate) {
      step++;
      // a value still held would make TensorFlow copy the variable before changing it
      forget();
      withScalars((scalar) => {
        for (const [name, gradient] of Object.entries(gradients)) {
          rule.native(slots[name]!, gradient, { rate: rateOf(learningRate, name), step, scalar });
        }
      });
    },
    weights: () => read("parameter"),
    state: () => ({ step, first: read("first"), second: read("second") }),
    dispose() {
      forget();
      for (const slot of Object.values(slots)) for (const variable of Object.values(slot)) destroyVariable(variable);
    },
  };
}

/** Lends scalars, each value made once, and disposes them. */
function withScalars(use: (scalar: (value: number) => tf.Scalar) => void): void {
  const made = new Map<number, tf.Scalar>();
  try {
    use((value) => {
      const scalar = made.get(value) ?? tf.keep(tf.scalar(value, "float32"));
      made.set(value, scalar);
      return scalar;
    });
  } finally {
    tf.dispose([...made.values()]);
  }
}
