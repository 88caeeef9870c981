import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors";
import type { EpochSteps } from "./checkpoint";

/** Losses that wait in the engine before they are read together: each reading waits for what a GPU still has to do. */
const WAITING = 16;
/** Milliseconds after which they are read though fewer wait: the user wants to see the loss. */
const LONGEST = 2000;

/** A loss that is no longer a number: of a batch, or of the validation. What was kept after the epoch before is sound. */
export class BrokenLoss extends UserError {
  override name = "BrokenLoss";

  constructor(
    readonly epoch: number,
    /** The step of the epoch, counted from 1, and the positions of its films among the training examples. */
    readonly batch?: { step: number; rows: readonly number[] },
  ) {
    const where = batch ? `epoch ${epoch}, step ${batch.step}` : `epoch ${epoch}`;
    super(`The loss is no longer a number in ${where}: lower training.learningRate.`);
  }
}

interface Waiting {
  value: tf.Scalar;
  rows: Uint32Array;
}

/** The mean loss of an epoch, each batch weighing as many films as it has; throws `BrokenLoss` where one is no number. */
export class EpochLoss {
  private waiting: Waiting[] = [];
  private sum: number;
  private films: number;
  private steps: number;
  private readAt = performance.now();

  /** Goes on after the steps of an epoch that was interrupted. */
  constructor(
    private readonly epoch: number,
    { steps, films, loss }: EpochSteps = { steps: 0, films: 0, loss: 0 },
  ) {
    [this.steps, this.films, this.sum] = [steps, films, loss];
  }

  /** Takes over the loss of the next batch, a tensor of ours from here on, and the films of that batch. */
  add(value: tf.Scalar, rows: Uint32Array): void {
    this.waiting.push({ value: tf.keep(value), rows });
    if (this.waiting.length >= WAITING || performance.now() - this.readAt > LONGEST) this.read();
  }

  /** The mean of what has been read so far; NaN where nothing has. */
  latest(): number {
    return this.sum / this.films;
  }

  /** The mean of all. */
  mean(): number {
    this.read();
    return this.latest();
  }

  /** What the steps so far have come to. */
  soFar(): EpochSteps {
    this.read();
    return { steps: this.steps, films: this.films, loss: this.sum };
  }

  dispose(): void {
    tf.dispose(this.waiting.map(({ value }) => value));
    this.waiting = [];
  }

  private read(): void {
    if (this.waiting.length === 0) return;
    const values = tf.tidy(() => tf.stack(this.waiting.map(({ value }) => value)).dataSync());
    for (const [i, { rows }] of this.waiting.entries()) {
      this.steps++;
      if (!Number.isFinite(values[i])) throw new BrokenLoss(this.epoch, { step: this.steps, rows: [...rows] });
      this.sum += values[i]! * rows.length;
      this.films += rows.length;
    }
    this.dispose();
    this.readAt = performance.now();
  }
}
