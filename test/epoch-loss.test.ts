import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { BrokenLoss, EpochLoss } from "movie-revenue/training/epoch-loss";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await loadEngine();
});

describe("the loss of an epoch", () => {
  it("is the mean over films, not over batches", () => {
    const losses = new EpochLoss(1);
    losses.add(tf.scalar(2), Uint32Array.of(0, 1, 2));
    losses.add(tf.scalar(6), Uint32Array.of(3));
    // (3 · 2 + 6) / 4
    expect(losses.mean()).toBe(3);
  });

  it("names the first step that is no number, though it is read with later ones", () => {
    const before = tf.memory().numTensors;
    const losses = new EpochLoss(7);
    for (let step = 1; step <= 15; step++) losses.add(tf.scalar(step < 12 ? 1 : Number.NaN), Uint32Array.of(step));
    expect(losses.latest()).toBeNaN();
    // the sixteenth loss has them all read
    const { batch, message } = caught(() => losses.add(tf.scalar(1), Uint32Array.of(16)));
    expect(batch).toEqual({ step: 12, rows: [12] });
    expect(message).toBe("The loss is no longer a number in epoch 7, step 12: lower training.learningRate.");
    losses.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("tells which films those were", () => {
    const losses = new EpochLoss(2);
    losses.add(tf.scalar(1), Uint32Array.of(5, 6));
    losses.add(tf.scalar(Number.POSITIVE_INFINITY), Uint32Array.of(9, 4));
    const { epoch, batch } = caught(() => losses.mean());
    expect([epoch, batch]).toEqual([2, { step: 2, rows: [9, 4] }]);
    losses.dispose();
  });

  function caught(act: () => unknown): BrokenLoss {
    try {
      act();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(BrokenLoss);
      return thrown as BrokenLoss;
    }
    throw new Error("nothing was thrown");
  }
});
