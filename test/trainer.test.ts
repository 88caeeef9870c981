import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { initialiseHead } from "movie-revenue/model/head";
import type { Weights } from "movie-revenue/model/safetensors";
import type { Progress } from "movie-revenue/progress";
import type { TrainingState } from "movie-revenue/training/checkpoint";
import { type EpochMetrics, type Examples, type TrainerOptions, trainHead } from "movie-revenue/training/trainer";
import { beforeAll, describe, expect, it } from "vitest";
import { golden, largestDifference, pattern } from "./golden.ts";

beforeAll(async () => {
  await loadEngine();
});

const options: TrainerOptions = {
  batchSize: 32,
  learningRate: 2e-4,
  weightDecay: 1e-4,
  maxEpochs: 10,
  plateau: { factor: 0.5, patience: 100 },
  earlyStopping: 100,
  averaging: 0,
  seed: 1,
  hidden: [5, 4, 6],
  dropout: [0, 0, 0],
};

/** The batch of golden/model_torch.py. */
const examples: Examples = {
  features: pattern(32 * 8, 101, 1),
  dimensions: 8,
  targets: pattern(32, 23, 1).map((value) => value + 7),
};

/** The head of golden/model_torch.py. */
function head(): Weights {
  const sizes = [8, 5, 4, 6, 1];
  const layers = sizes.slice(1).flatMap((outputs, layer): [string, Weights[string]][] => {
    const inputs = sizes[layer]!;
    return [
      [`head.${layer}.weight`, { shape: [outputs, inputs], data: pattern(inputs * outputs, 31 + layer, 2) }],
      [`head.${layer}.bias`, { shape: [outputs], data: pattern(outputs, 17, 1) }],
    ];
  });
  return Object.fromEntries(layers);
}

interface Kept {
  epochs: EpochMetrics[];
  averages: Weights[];
  states: TrainingState[];
  ended: string;
}

async function run(
  start: Weights | TrainingState,
  changes: Partial<TrainerOptions> = {},
  sets: { train: Examples; validation: Examples } = { train: examples, validation: examples },
): Promise<Kept> {
  const kept: Kept = { epochs: [], averages: [], states: [], ended: "" };
  kept.ended = await trainHead(
    sets,
    start,
    { ...options, ...changes },
    {
      onEpoch: async (metrics, state) => {
        kept.epochs.push(metrics);
        kept.averages.push(state().average);
        kept.states.push(state());
      },
    },
  );
  return kept;
}

describe("training", () => {
  it("has the losses of PyTorch, step by step", async () => {
    const { losses } = golden<{ head: { losses: number[] } }>("model.json").head;
    const { epochs, ended } = await run(head());
    const ours = epochs.map(({ train_loss }) => train_loss);
    // 32 films are one batch, so that the epoch's order does not matter; losses are near 50
    expect(largestDifference(ours, losses) / losses[0]!).toBeLessThan(1e-6);
    // the loss after an epoch is the loss before the next
    expect(
      largestDifference(
        epochs.slice(0, -1).map(({ val_loss }) => val_loss),
        losses.slice(1),
      ) / losses[0]!,
    ).toBeLessThan(1e-6);
    expect(ended).toBe("finished");
  });

  it("resumed after any epoch ends in the same weights, with dropout and batches that do not divide the films", async () => {
    const changes = {
      batchSize: 7,
      dropout: [0.5, 0.1, 0.2],
      maxEpochs: 4,
      averaging: 0.9,
      learningRate: 0.01,
      plateau: { factor: 0.5, patience: 0 },
    };
    const start = initialiseHead({ inputs: 8, hidden: options.hidden }, { seed: 3 });
    const whole = await run(start, changes);
    const resumed = await run(whole.states[1]!, changes);
    expect(resumed.epochs.map(({ epoch }) => epoch)).toEqual([3, 4]);
    expect(resumed.averages[1]).toEqual(whole.averages[3]);
    expect(resumed.states[1]).toEqual(whole.states[3]);
  });

  it("visits every film once in an epoch, in another order the next time", async () => {
    // one weight, no hidden layer: with learning rate 0 the loss of an epoch is the mean over all films
    const films = { features: new Float32Array([1, 2, 3, 4, 5]), dimensions: 1, targets: new Float32Array(5) };
    const weights = {
      "head.0.weight": { shape: [1, 1], data: new Float32Array([1]) },
      "head.0.bias": { shape: [1], data: new Float32Array([0]) },
    };
    const changes = { hidden: [], dropout: [], batchSize: 2, learningRate: 0, maxEpochs: 2 };
    const { epochs } = await run(weights, changes, { train: films, validation: films });
    // (1 + 4 + 9 + 16 + 25) / 5
    expect(epochs.map(({ train_loss }) => train_loss)).toEqual([11, 11]);
  });

  it("stops when the validation loss has not fallen for so many epochs", async () => {
    // a learning rate of 0 never improves on the first epoch
    const { epochs, ended } = await run(head(), { learningRate: 0, earlyStopping: 3 });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(ended).toBe("stopped early");
  });

  it("ends its progress when it stops early", async () => {
    const heard: Progress[] = [];
    const changes = { ...options, learningRate: 0, earlyStopping: 1 };
    await trainHead({ train: examples, validation: examples }, head(), changes, {
      onProgress: (report) => heard.push(report),
    });
    // the first epoch is the best, the second brings nothing: twice 32 films
    expect(heard.at(-1)).toMatchObject({ done: 64, total: 64, detail: "stopped early after epoch 2" });
  });

  it("stops with a sentence when the loss is no longer a number", async () => {
    await expect(run(head(), { learningRate: 1e30, maxEpochs: 5 })).rejects.toThrow(
      /The loss is no longer a number in epoch \d: lower training.learningRate\./,
    );
  });

  it("stops between two steps when it is interrupted, and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const started = trainHead(
      { train: examples, validation: examples },
      head(),
      { ...options, batchSize: 4 },
      {
        signal: controller.signal,
        onEpoch: async ({ epoch }) => {
          if (epoch === 2) controller.abort();
        },
      },
    );
    await expect(started).rejects.toThrow("Epochs up to 2 are kept: --resume goes on from there.");
    expect(tf.memory().numTensors).toBe(before);
  });
});
