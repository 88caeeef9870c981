import { Interrupted, throwIfInterrupted } from "../errors";
import type { ProgressMeter } from "../progress";
import type { BegunEpoch, EpochSteps } from "./checkpoint";
import { BrokenLoss, EpochLoss } from "./epoch-loss";
import type { Learner } from "./learner";

export interface EpochOptions {
  /** Counted from 1. */
  epoch: number;
  /** What an interruption has left of this epoch. */
  begun?: BegunEpoch;
  /** Steps before this epoch. */
  step: number;
  /** Learning rate of a step of the whole training. */
  rate: (step: number) => number;
  meter: ProgressMeter;
  /** Keeps the steps taken, where training is interrupted. */
  keep?: (done: EpochSteps) => Promise<void>;
  signal?: AbortSignal;
}

/** One pass over the batches, and the validation; `Interrupted` comes after a step, and says what is kept. */
export async function passEpoch<Batch>(
  learner: Learner<Batch>,
  batches: readonly Uint32Array[],
  { keep, ...options }: EpochOptions,
): Promise<{ train_loss: number; val_loss: number }> {
  const { epoch, signal } = options;
  const losses = new EpochLoss(epoch, options.begun);
  try {
    await takeSteps(learner, batches, { ...options, losses });
    const train_loss = losses.mean();
    const val_loss = await learner.validate(signal);
    if (!Number.isFinite(val_loss)) throw new BrokenLoss(epoch);
    return { train_loss, val_loss };
  } catch (thrown) {
    if (!(thrown instanceof Interrupted) || !keep) throw thrown;
    const done = losses.soFar();
    await keep(done);
    const where = `Epoch ${epoch} is kept up to step ${done.steps} of ${batches.length}`;
    throw new Interrupted(`Interrupted. ${where}: --resume goes on from there.`);
  } finally {
    losses.dispose();
  }
}

/** The steps that this epoch still lacks. The next batch is being prepared while one trains. */
async function takeSteps<Batch>(
  learner: Learner<Batch>,
  batches: readonly Uint32Array[],
  { epoch, begun, step: before, rate, meter, losses, signal }: Omit<EpochOptions, "keep"> & { losses: EpochLoss },
): Promise<void> {
  const first = begun?.steps ?? 0;
  let next = begin(learner, batches[first], epoch);
  for (let i = first; i < batches.length; i++) {
    const batch = await next;
    next = begin(learner, batches[i + 1], epoch);
    const [rows, step] = [batches[i]!, before + i];
    losses.add(learner.step(batch as Batch, { step, rate: rate(step) }), rows);
    const loss = losses.latest();
    meter.advance(rows.length, `epoch ${epoch}${Number.isNaN(loss) ? "" : ` · loss ${loss.toFixed(4)}`}`);
    // lets signals, timers and the notebook's messages through
    await new Promise(setImmediate);
    throwIfInterrupted(signal);
  }
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
