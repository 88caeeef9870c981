import { type ProgressListener, ProgressMeter } from "../progress";
import type { Sampler } from "./balance";
import type { EpochSteps, TrainingState } from "./checkpoint";
import { passEpoch } from "./epoch";
import type { Learner } from "./learner";
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
  /** After the step, or in the validation, in which training was interrupted: from this state it goes on as if it had not been. */
  onInterrupt?: (state: () => TrainingState) => Promise<void>;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Trains a learner epoch by epoch, from a state, and disposes it; returns why it ended. */
export async function trainByEpochs<Batch>(
  learner: Learner<Batch>,
  { sampler, state, ...options }: LoopOptions & { sampler: Sampler; state: TrainingState },
  { onEpoch, onInterrupt, onProgress, signal }: TrainerEvents = {},
): Promise<"finished" | "stopped early"> {
  const schedule = options.schedule ?? { name: "plateau", ...options.plateau };
  let { epoch, begun, plateau, best } = state;
  let step = state.optimizer.step - (begun?.steps ?? 0);
  const left = remaining(sampler, epoch, options.maxEpochs) - (begun?.films ?? 0);
  const meter = new ProgressMeter("training", "samples", onProgress, left);
  try {
    while (epoch < options.maxEpochs) {
      if (epoch - best.epoch >= options.earlyStopping) {
        meter.finish(`stopped early after epoch ${epoch}`);
        return "stopped early";
      }
      const startedAt = performance.now() - 1000 * (begun?.seconds ?? 0);
      const seconds = () => (performance.now() - startedAt) / 1000;
      const rate = (step: number) => rateAt(schedule, plateau, step);
      const before = { epoch, plateau, best };
      const keep =
        onInterrupt &&
        ((done: EpochSteps) =>
          onInterrupt(() => ({ ...before, begun: { ...done, seconds: seconds() }, ...learner.state() })));
      const batches = batchesOf(sampler.rows(++epoch), options.batchSize);
      const pass = { epoch, begun, step, rate, meter, keep, signal };
      const { train_loss, val_loss } = await passEpoch(learner, batches, pass);
      begun = undefined;
      step += batches.length;
      const lr = rate(step - 1);
      plateau = afterEpoch(schedule, plateau, val_loss);
      if (val_loss < best.loss) best = { epoch, loss: val_loss };
      const now = { epoch, plateau, best };
      await onEpoch?.({ epoch, train_loss, val_loss, lr, seconds: seconds() }, () => ({ ...now, ...learner.state() }));
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

/** All rows in their order. */
export function rowsOf(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row);
}
