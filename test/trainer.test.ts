import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { heldRows } from "movie-revenue/model/feature-rows";
import { initialiseHead } from "movie-revenue/model/head";
import type { Weights } from "movie-revenue/model/safetensors";
import type { Progress } from "movie-revenue/progress";
import { Random } from "movie-revenue/random";
import { loadLast, saveLast, type TrainingState } from "movie-revenue/training/checkpoint";
import { BrokenLoss } from "movie-revenue/training/epoch-loss";
import { type LossOptions, lossOf } from "movie-revenue/training/losses";
import { ordinalBins } from "movie-revenue/training/ordinal";
import { type EpochMetrics, type Examples, type TrainerOptions, trainHead } from "movie-revenue/training/trainer";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { abortedAfter, tempFolder } from "./fixtures.ts";
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

const values = pattern(32 * 8, 101, 1);

/** The batch of golden/model_torch.py. */
const examples: Examples = {
  features: heldRows({ rows: 32, columns: 8, data: values }),
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

/** Trains until it is interrupted after so many steps more than one, and keeps where it then stands. */
async function interrupted(
  start: Weights | TrainingState,
  changes: Partial<TrainerOptions>,
  { after, path }: { after: number; path: string },
): Promise<{ epochs: EpochMetrics[]; ended: string }> {
  const epochs: EpochMetrics[] = [];
  const ended = await trainHead(
    { train: examples, validation: examples },
    start,
    { ...options, ...changes },
    {
      signal: abortedAfter(after),
      onInterrupt: (state) => saveLast(path, state()),
      onEpoch: async (metrics) => void epochs.push(metrics),
    },
  ).catch(({ message }: Error) => message);
  return { epochs, ended };
}

const withoutSeconds = (epochs: EpochMetrics[]) => epochs.map(({ seconds: _, ...rest }) => rest);

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

  describe("interrupted and resumed, with dropout and batches that do not divide the films", () => {
    const changes = {
      batchSize: 7,
      dropout: [0.5, 0.1, 0.2],
      maxEpochs: 4,
      averaging: 0.9,
      learningRate: 0.01,
      plateau: { factor: 0.5, patience: 0 },
      curriculum: { start: 0.5, epochs: 2 },
    };
    const start = initialiseHead({ inputs: 8, hidden: options.hidden }, { seed: 3 });
    // 16 films, 24, 32 and 32 by sevens
    const STEPS = 3 + 4 + 5 + 5;

    it("after any epoch ends in the same weights", async () => {
      const whole = await run(start, changes);
      const resumed = await run(whole.states[1]!, changes);
      expect(resumed.epochs.map(({ epoch }) => epoch)).toEqual([3, 4]);
      expect(resumed.averages[1]).toEqual(whole.averages[3]);
      expect(resumed.states[1]).toEqual(whole.states[3]);
    });

    it.each(["adamw", "sgd"] as const)("after any step of %s ends in the same bytes", async (name) => {
      const folder = await tempFolder();
      const all = { ...changes, optimizer: { name, momentum: 0.9 } };
      const whole = await run(start, all);
      for (let steps = 0; steps < STEPS; steps++) {
        const path = join(folder, `after-${steps + 1}.safetensors`);
        const before = await interrupted(start, all, { after: steps, path });
        expect(before.ended).toMatch(
          /^Interrupted\. Epoch \d is kept up to step \d of \d: --resume goes on from there\.$/,
        );
        const kept = (await loadLast(path))!;
        expect(kept.optimizer.step).toBe(steps + 1);
        const after = await run(kept, all);
        expect(withoutSeconds([...before.epochs, ...after.epochs])).toEqual(withoutSeconds(whole.epochs));
        expect(after.states.at(-1)).toEqual(whole.states.at(-1));
      }
    });

    it("after every single step ends in the same bytes", async () => {
      const whole = await run(start, changes);
      const path = join(await tempFolder(), "last.safetensors");
      const epochs: EpochMetrics[] = [];
      for (let steps = 0; steps < STEPS; steps++) {
        epochs.push(...(await interrupted((await loadLast(path)) ?? start, changes, { after: 0, path })).epochs);
      }
      const last = await run((await loadLast(path))!, changes);
      expect(withoutSeconds([...epochs, ...last.epochs])).toEqual(withoutSeconds(whole.epochs));
      expect(last.states).toEqual([whole.states.at(-1)]);
    });
  });

  it("has the same losses in the ops of other engines, with dropout, average and all", async () => {
    const changes = {
      batchSize: 7,
      dropout: [0.5, 0.1, 0.2],
      maxEpochs: 3,
      averaging: 0.9,
      learningRate: 0.01,
      clip: 0.5,
      l1: 1e-3,
    };
    const losses = async () =>
      (await run(head(), changes)).epochs.flatMap(({ train_loss, val_loss }) => [train_loss, val_loss]);
    const here = await losses();
    const engine = tf.getBackend();
    await tf.setBackend("cpu");
    const there = await losses();
    await tf.setBackend(engine);
    // losses are near 50
    expect(largestDifference(here, there) / 50).toBeLessThan(1e-6);
  });

  it("visits every film once in an epoch, in another order the next time", async () => {
    // one weight, no hidden layer: with learning rate 0 the loss of an epoch is the mean over all films
    const films = {
      features: heldRows({ rows: 5, columns: 1, data: new Float32Array([1, 2, 3, 4, 5]) }),
      targets: new Float32Array(5),
    };
    const weights = {
      "head.0.weight": { shape: [1, 1], data: new Float32Array([1]) },
      "head.0.bias": { shape: [1], data: new Float32Array([0]) },
    };
    const changes = { hidden: [], dropout: [], batchSize: 2, learningRate: 0, maxEpochs: 2 };
    const { epochs } = await run(weights, changes, { train: films, validation: films });
    // (1 + 4 + 9 + 16 + 25) / 5
    expect(epochs.map(({ train_loss }) => train_loss)).toEqual([11, 11]);
  });

  it("counts each film by its weight", async () => {
    const films = {
      features: heldRows({ rows: 2, columns: 1, data: new Float32Array([1, 2]) }),
      targets: new Float32Array(2),
    };
    const weights = {
      "head.0.weight": { shape: [1, 1], data: new Float32Array([1]) },
      "head.0.bias": { shape: [1], data: new Float32Array([0]) },
    };
    const train = { ...films, weights: new Float32Array([0.5, 1.5]) };
    const changes = { hidden: [], dropout: [], learningRate: 0, maxEpochs: 1 };
    const { epochs } = await run(weights, changes, { train, validation: films });
    // (.5 · 1 + 1.5 · 4) / 2, and in validation (1 + 4) / 2
    expect([epochs[0]!.train_loss, epochs[0]!.val_loss]).toEqual([3.25, 2.5]);
  });

  const learnable = {
    ...examples,
    targets: Float32Array.from({ length: 32 }, (_, i) => 7.5 + values[8 * i]!),
  };

  it.each<[LossOptions, number]>([
    [{ name: "huber", delta: 0.1 }, 1],
    [{ name: "quantile", levels: [0.1, 0.5, 0.9] }, 3],
    [{ name: "gaussian" }, 2],
    [{ name: "ordinal", ...ordinalBins(learnable.targets, 8) }, 7],
  ])("learns by another loss: %o", async (loss, outputs) => {
    const begin = lossOf(loss).start(learnable.targets);
    const weights = initialiseHead({ inputs: 8, hidden: [16], outputs }, { seed: 1, start: begin });
    const changes = { loss, hidden: [16], dropout: [0], learningRate: 0.01, batchSize: 8, maxEpochs: 60 };
    const { epochs } = await run(weights, changes, { train: learnable, validation: learnable });
    const [first, last] = [epochs[0]!, epochs.at(-1)!];
    expect(last.train_loss).toBeLessThan(first.train_loss);
    // in log10 dollars, whatever the loss: 32 multiples of 1/64 spread evenly over ±50/64 vary by (101² − 1)/12/64² = .21
    expect(last.val_loss).toBeLessThan(0.02);
  });

  it("follows a schedule by the step, through a resumption", async () => {
    const schedule = { name: "cosine", warmup: 4, steps: 12 } as const;
    const changes = { schedule, batchSize: 16, maxEpochs: 6, learningRate: 0.1 };
    const whole = await run(head(), changes);
    // two steps an epoch; warm-up 1/4 2/4 | 3/4 … and at the end of epoch 4, step 7, a cosine of 3/8 of its way
    expect(whole.epochs[0]!.lr).toBeCloseTo(0.1 * (1 / 4 + (3 / 4) * (1 / 4)), 12);
    expect(whole.epochs[3]!.lr).toBeCloseTo(0.05 * (1 + Math.cos((Math.PI * 3) / 8)), 12);
    const resumed = await run(whole.states[2]!, changes);
    expect(resumed.states.at(-1)).toEqual(whole.states.at(-1));
  });

  it("reads no number from the engine before 16 steps are done", async () => {
    const read = vi.spyOn(tf.backend(), "readSync");
    let reads = -1;
    const many = { batchSize: 1, maxEpochs: 1 };
    await trainHead(
      { train: examples, validation: examples },
      head(),
      { ...options, ...many },
      {
        onEpoch: async () => {
          reads = read.mock.calls.length;
        },
      },
    );
    read.mockRestore();
    // 32 steps: the losses are read twice, and the validation's once
    expect(reads).toBe(3);
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

  it("names the step and the films of a batch whose loss is no number", async () => {
    const targets = examples.targets.slice();
    targets[5] = Number.NaN;
    const broken = { train: { ...examples, targets }, validation: examples };
    const thrown = await run(head(), { batchSize: 4 }, broken).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(BrokenLoss);
    const { epoch, batch } = thrown as BrokenLoss;
    // the order is that of new Random([seed, 3, epoch]); all losses from that step on are none
    const order = new Random([1, 3, 1]).permutation(32);
    const step = Math.floor(order.indexOf(5) / 4);
    expect([epoch, batch]).toEqual([1, { step: step + 1, rows: [...order.subarray(4 * step, 4 * step + 4)] }]);
  });

  it("learns by gradient descent with momentum where that is asked for", async () => {
    const films = {
      features: heldRows({ rows: 1, columns: 1, data: new Float32Array([1]) }),
      targets: new Float32Array(1),
    };
    const weights = {
      "head.0.weight": { shape: [1, 1], data: new Float32Array([1]) },
      "head.0.bias": { shape: [1], data: new Float32Array([0]) },
    };
    const changes = { hidden: [], dropout: [], weightDecay: 0, learningRate: 0.1, maxEpochs: 2 };
    const optimizer = { name: "sgd", momentum: 0.5 } as const;
    const { states } = await run(weights, { ...changes, optimizer }, { train: films, validation: films });
    // gradient 2 · 1 of both: .8 and −.2; then 2 · .6 + .5 · 2 = 2.2: .58 and −.42
    expect(states[0]!.weights["head.0.weight"]!.data[0]).toBeCloseTo(0.8, 6);
    expect(states[1]!.weights["head.0.weight"]!.data[0]).toBeCloseTo(0.58, 6);
    expect(states[1]!.weights["head.0.bias"]!.data[0]).toBeCloseTo(-0.42, 6);
  });

  it("sees the easy films first, and tells its progress by those that it sees", async () => {
    const heard: Progress[] = [];
    const changes = { ...options, maxEpochs: 2, curriculum: { start: 0.5, epochs: 1 } };
    await trainHead({ train: examples, validation: examples }, head(), changes, {
      onProgress: (report) => heard.push(report),
    });
    expect(heard.at(-1)).toMatchObject({ done: 48, total: 48 });
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
    await expect(started).rejects.toMatchObject({ name: "Interrupted", message: "Interrupted." });
    expect(tf.memory().numTensors).toBe(before);
  });
});
