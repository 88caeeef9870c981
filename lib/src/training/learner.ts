import type * as tf from "@tensorflow/tfjs";
import type { LearntState } from "./learnt";

/** Where a step stands in the whole training. */
export interface StepOptions {
  /** Counted from 0. */
  step: number;
  /** Its learning rate. */
  rate: number;
}

/** A model that learns by batches. */
export interface Learner<Batch> {
  /** What a step needs of the films in these rows; begun before the step of the batch before. */
  prepare(rows: Uint32Array, epoch: number): Batch | Promise<Batch>;
  /** One step of the optimizer; the loss before it, a tensor of the caller's. Nothing needs to be read back. */
  step(batch: Batch, options: StepOptions): tf.Scalar;
  /** Mean squared error of the validation films, log10 dollars squared. */
  validate(signal?: AbortSignal): number | Promise<number>;
  state(): LearntState;
  dispose(): void;
}
