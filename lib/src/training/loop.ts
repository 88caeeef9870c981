import type * as tf from "@tensorflow/tfjs";
import { throwIfInterrupted } from "../errors";
import { type ProgressListener, ProgressMeter } from "../progress";
import type { Sampler } from "./balance";
import type { TrainingState } from "./checkpoint";
import { BrokenLoss, EpochLoss } from "./epoch-loss";
import type { LearntState } from "./learnt";
import { afterEpoch, rateAt, type Schedule } from "./schedule";

/**
 * One line of `metrics.jsonl`. `val_loss` is the mean squared error of log10 dollars whatever the loss, so that runs can be
 * compared; `train_loss` is the mean of the loss itself, with dropout.
 */
export interface EpochMetrics {
  epoch: number;
  train_loss: number;
  val_loss: number;
  /** Learning rate at the end of this epoch. */
  lr: number;
  seconds: number;
}

export interface LoopOptions {
  batchSize: number;
  maxEpochs: number;
  plateau: { factor: number; patience: number };
  /** Epochs without a lower validation loss before training stops. */
  earlyStopping: number;
  /** How the learning rate goes; by `plateau` unless given. */
  schedule?: Schedule;
}

export interface TrainerEvents {
  /** After every epoch, before the next: what to keep is kept here. */
  onEpoch?: (metrics: EpochMetrics, state: () => TrainingState) => Promise<void>;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

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

/** Trains a learner by whole epochs, from a state, and disposes it; returns why it ended. */
export async function trainByEpochs<Batch>(
  learner: Learner<Batch>,
  { sampler, state, ...options }: LoopOptions & { sampler: Sampler; state: TrainingState },
  { onEpoch, onProgress, signal }: TrainerEvents = {},
): Promise<"finished" | "stopped early"> {
  const schedule = options.schedule ?? { name: "plateau", ...options.plateau };
  let { epoch, plateau, best } = state;
  let { step } = state.optimizer;
  const meter = new ProgressMeter("training", "samples", onProgress, remaining(sampler, epoch, options.maxEpochs));
  try {
    while (epoch < options.maxEpochs) {
      if (epoch - best.epoch >= options.earlyStopping) {
        meter.finish(`stopped early after epoch ${epoch}`);
        return "stopped early";
      }
      const startedAt = performance.now();
      const rate = (step: number) => rateAt(schedule, plateau, step);
      const batches = batchesOf(sampler.rows(++epoch), options.batchSize);
      const train_loss = await trainEpoch(learner, batches, { epoch, step, rate, meter, signal });
      step += batches.length;
      const val_loss = await learner.validate(signal);
      if (!Number.isFinite(val_loss)) throw new BrokenLoss(epoch);
      const lr = rate(step - 1);
      plateau = afterEpoch(schedule, plateau, val_loss);
      if (val_loss < best.loss) best = { epoch, loss: val_loss };
      const seconds = (performance.now() - startedAt) / 1000;
      const now = { epoch, plateau, best };
      await onEpoch?.({ epoch, train_loss, val_loss, lr, seconds }, () => ({ ...now, ...learner.state() }));
    }
    return "finished";
  } finally {
    learner.dispose();
  }
}

/** Films that are still to be seen. */
function remaining(sampler: Sampler, epoch: number, maxEpochs: number): number {
  let films = 0;
  for (let next = epoch + 1; next <= maxEpochs; next++) films += sampler.count(next);
  return films;
}

/** Rows cut into batches; the last may be smaller. */
export function batchesOf(rows: Uint32Array, batchSize: number): Uint32Array[] {
  const count = Math.ceil(rows.length / batchSize);
  return Array.from({ length: count }, (_, i) => rows.subarray(i * batchSize, (i + 1) * batchSize));
}

interface EpochSetting {
  epoch: number;
  /** Steps before this epoch. */
  step: number;
  rate: (step: number) => number;
  meter: ProgressMeter;
  signal?: AbortSignal;
}

/** One pass over the batches; the mean loss of the pass. The next batch is being prepared while one trains. */
async function trainEpoch<Batch>(
  learner: Learner<Batch>,
  batches: readonly Uint32Array[],
  { epoch, step: before, rate, meter, signal }: EpochSetting,
): Promise<number> {
  const losses = new EpochLoss(epoch);
  try {
    let next = begin(learner, batches[0], epoch);
    for (const [i, rows] of batches.entries()) {
      const batch = await next;
      next = begin(learner, batches[i + 1], epoch);
      const step = before + i;
      losses.add(learner.step(batch as Batch, { step, rate: rate(step) }), rows);
      const loss = losses.latest();
      meter.advance(rows.length, `epoch ${epoch}${Number.isNaN(loss) ? "" : ` · loss ${loss.toFixed(4)}`}`);
      // lets signals, timers and the notebook's messages through
      await new Promise(setImmediate);
      throwIfInterrupted(signal, kept(epoch));
    }
    return losses.mean();
  } finally {
    losses.dispose();
  }
}

/** What an interruption in this epoch leaves. */
function kept(epoch: number): string {
  return `Epochs up to ${epoch - 1} are kept: --resume goes on from there.`;
}

/** Begins to prepare a batch, where there is one; whoever awaits it hears of a failure. */
function begin<Batch>(
  learner: Learner<Batch>,
  rows: Uint32Array | undefined,
  epoch: number,
): Promise<Batch | undefined> {
  const batch = (async () => rows && learner.prepare(rows, epoch))();
  batch.catch(() => {});
  return batch;
}
