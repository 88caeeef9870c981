import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { type AdamWOptions, BETA1, BETA2, EPSILON, type Optimizer, type OptimizerState, toWeight } from "./optimizer";

type Slot = Record<"parameter" | "first" | "second", tf.Tensor>;

/** The same slot, safe from the tidy of whoever calls. */
function kept(slot: Slot): Slot {
  for (const tensor of Object.values(slot)) tf.keep(tensor);
  return slot;
}

/** AdamW in ops that every backend of TensorFlow.js has. */
export function plainAdamW(weights: Weights, { weightDecay }: AdamWOptions, state?: OptimizerState): Optimizer {
  const slots = mapValues(weights, ({ shape, data }, name): Slot => {
    const moment = (before?: Weights) => (before ? tf.tensor(before[name]!.data, shape) : tf.zeros(shape));
    return kept({ parameter: tf.tensor(data, shape), first: moment(state?.first), second: moment(state?.second) });
  });
  let step = state?.step ?? 0;
  const read = (part: keyof Slot) => mapValues(slots, (slot) => toWeight(slot[part]));
  return {
    parameters: () => mapValues(slots, ({ parameter }) => parameter),
    step(gradients, learningRate) {
      step++;
      const scales = { learningRate, weightDecay, step };
      for (const [name, slot] of Object.entries(slots)) {
        slots[name] = kept(tf.tidy(() => stepped(slot, gradients[name]!, scales)));
        tf.dispose(Object.values(slot));
      }
    },
    weights: () => read("parameter"),
    state: () => ({ step, first: read("first"), second: read("second") }),
    dispose: () => tf.dispose(Object.values(slots).flatMap(Object.values)),
  };
}

function stepped(
  { parameter, first, second }: Slot,
  gradient: tf.Tensor,
  { learningRate, weightDecay, step }: { learningRate: number; weightDecay: number; step: number },
): Slot {
  const mean = tf.add(tf.mul(first, BETA1), tf.mul(gradient, 1 - BETA1));
  const variance = tf.add(tf.mul(second, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
  const denominator = tf.add(tf.div(tf.sqrt(variance), Math.sqrt(1 - BETA2 ** step)), EPSILON);
  const move = tf.mul(tf.div(mean, denominator), learningRate / (1 - BETA1 ** step));
  const decayed = tf.mul(parameter, 1 - learningRate * weightDecay);
  return { parameter: tf.sub(decayed, move), first: mean, second: variance };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
