import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../model/safetensors";
import { nativeAdamW } from "./adamw-native";

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

/** AdamW exactly as PyTorch's (decoupled decay, bias correction, ε outside the root), from weights and maybe a kept state. */
export function adamW(weights: Weights, options: AdamWOptions, state?: OptimizerState): Optimizer {
  return tf.getBackend() === "tensorflow" ? nativeAdamW(weights, options, state) : plainAdamW(weights, options, state);
}

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

/** A tensor's values, copied out of the engine. */
export function toWeight(tensor: tf.Tensor): { shape: number[]; data: Float32Array } {
  return { shape: tensor.shape.slice(), data: Float32Array.from(tensor.dataSync<"float32">()) };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
