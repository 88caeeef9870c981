import type * as tf from "@tensorflow/tfjs";
import type { Weight, Weights } from "../model/safetensors";
import type { Variable } from "./variable";

/** What an optimizer keeps of each parameter beside it. */
export type Moment = "first" | "second";

/** A parameter and its moments, those that the rule keeps. */
export type Slot<Value> = { parameter: Value } & Partial<Record<Moment, Value>>;

/** Of one step: its learning rate, and its number, counted from 1. */
export interface StepOptions {
  rate: number;
  step: number;
}

/** How an optimizer moves one parameter. */
export interface Rule {
  moments: readonly Moment[];
  /** Changes the variables in place; `scalar` gives tensors that live until the step is over. */
  native(
    slot: Slot<Variable>,
    gradient: tf.Tensor,
    options: StepOptions & { scalar: (value: number) => tf.Scalar },
  ): void;
  /** The slot after the step, in ops that every backend of TensorFlow.js has. */
  plain(slot: Slot<tf.Tensor>, gradient: tf.Tensor, options: StepOptions): Slot<tf.Tensor>;
}

/** A tensor's values, copied out of the engine. */
export function toWeight(tensor: tf.Tensor): Weight {
  return { shape: tensor.shape.slice(), data: Float32Array.from(tensor.dataSync<"float32">()) };
}

/** One for all parameters, or one for each name. */
export type LearningRate = number | ((name: string) => number);

/** The learning rate of a parameter. */
export function rateOf(learningRate: LearningRate, name: string): number {
  return typeof learningRate === "number" ? learningRate : learningRate(name);
}

/** The kept moment of a parameter, zeros at the start. */
export function momentOf(name: string, { shape, data }: Weight, before?: Weights): Weight {
  return before?.[name] ?? { shape, data: new Float32Array(data.length) };
}

export function mapValues<T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
