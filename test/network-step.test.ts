import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import type { Weights } from "movie-revenue/model/safetensors";
import { type Freeze, frozenStages } from "movie-revenue/training/freeze";
import { spans } from "movie-revenue/training/network-step";
import type { NetworkData, NetworkOptions } from "movie-revenue/training/network-trainer";
import { runningStatistics } from "movie-revenue/training/running-statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { architecture, fineTune, openData, startWeights } from "./small-network.ts";

const engine = await loadEngine();
let data: NetworkData;
beforeAll(async () => {
  data = await openData();
});
afterAll(() => data.pixels.close());

/** Norm of the difference of two networks, relative to how far the second came from the start. */
function apart(one: Weights, other: Weights): number {
  const start = startWeights();
  let [difference, way] = [0, 0];
  for (const [name, { data }] of Object.entries(other)) {
    for (const [i, value] of data.entries()) {
      difference += (one[name]!.data[i]! - value) ** 2;
      way += (value - start[name]!.data[i]!) ** 2;
    }
  }
  return Math.sqrt(difference / way);
}

/** One plain step of gradient descent on all twenty films: how far weights go is their gradient. */
const oneStep: Partial<NetworkOptions> = {
  optimizer: { name: "sgd", momentum: 0 },
  weightDecay: 0,
  batchSize: 20,
  maxEpochs: 1,
  learningRate: 1e-2,
};

async function afterOneStep(changes: Partial<NetworkOptions>, from = data): Promise<Weights> {
  return (await fineTune(from, { ...oneStep, ...changes })).states[0]!.weights;
}

describe.skipIf(engine.name !== "native")("a step of a network", () => {
  it("has in parts the gradient of the whole batch, where batch norm does not see the parts", async () => {
    const whole = await afterOneStep({ freezeNorm: true });
    expect(apart(await afterOneStep({ freezeNorm: true, accumulate: 3 }), whole)).toBeLessThan(1e-5);
    expect(apart(await afterOneStep({ freezeNorm: true, accumulate: 20 }), whole)).toBeLessThan(1e-5);
    // by the batch it is another gradient
    const byBatch = await afterOneStep({});
    expect(apart(await afterOneStep({ accumulate: 2 }), byBatch)).toBeGreaterThan(0.01);
  });

  it("counts films by their weights in every part", async () => {
    // films of weight 0 do not count, those of weight 2 twice: the gradient is that of the ten films alone
    const weights = Float32Array.from({ length: 20 }, (_, i) => (i < 10 ? 2 : 0));
    const ten = { posters: data.train.posters.slice(0, 10), targets: data.train.targets.slice(0, 10) };
    const alone = await afterOneStep({ freezeNorm: true }, { ...data, train: ten });
    const weighted = { ...data, train: { ...data.train, weights } };
    expect(apart(await afterOneStep({ freezeNorm: true, accumulate: 4 }, weighted), alone)).toBeLessThan(1e-5);
  });

  it("is the same in the ops of other engines", async () => {
    const changes = { dropout: [0.5], accumulate: 2, freeze: "until:layer1", clip: 1, l1: 1e-3, batchSize: 4 } as const;
    const films = { posters: data.train.posters.slice(0, 4), targets: data.train.targets.slice(0, 4) };
    const few = { ...data, train: films, validation: films };
    const here = await fineTune(few, { ...oneStep, ...changes });
    await tf.setBackend("cpu");
    const there = await fineTune(few, { ...oneStep, ...changes });
    await tf.setBackend("tensorflow");
    expect(apart(there.states[0]!.weights, here.states[0]!.weights)).toBeLessThan(1e-4);
    expect(there.epochs[0]!.train_loss / here.epochs[0]!.train_loss).toBeCloseTo(1, 5);
    expect(there.epochs[0]!.val_loss / here.epochs[0]!.val_loss).toBeCloseTo(1, 5);
  });

  it("moves the backbone by its own share of the learning rate", async () => {
    const [whole, half] = [await afterOneStep({}), await afterOneStep({ backboneRate: 0.5 })];
    const start = startWeights();
    const moved = (after: Weights, name: string) => after[name]!.data[1]! - start[name]!.data[1]!;
    expect(moved(half, "backbone.layer2.0.conv3.weight") / moved(whole, "backbone.layer2.0.conv3.weight")).toBeCloseTo(
      0.5,
      3,
    );
    expect(half["head.0.weight"]).toEqual(whole["head.0.weight"]);
  });
});

describe("running statistics", () => {
  const start: Weights = {
    "bn.running_mean": { shape: [1], data: Float32Array.of(2) },
    "bn.running_var": { shape: [1], data: Float32Array.of(1) },
  };

  it("go a tenth of the way to the batch's, the variance without bias", () => {
    const before = tf.memory().numTensors;
    const statistics = runningStatistics(start, 0.1);
    const seen = { mean: tf.tensor1d([12]), variance: tf.tensor1d([3]), count: 4 };
    statistics.move("bn", seen);
    const { "bn.running_mean": mean, "bn.running_var": variance } = statistics.weights();
    // .9 · 2 + .1 · 12, and .9 · 1 + .1 · 3 · 4/3
    expect(mean!.data[0]).toBeCloseTo(3, 6);
    expect(variance!.data[0]).toBeCloseTo(1.3, 6);
    // of a single value the variance is 0, and stays a number
    statistics.move("bn", { ...seen, variance: tf.tensor1d([0]), count: 1 });
    expect(statistics.weights()["bn.running_var"]!.data[0]).toBeCloseTo(1.17, 6);
    statistics.dispose();
    expect(tf.memory().numTensors).toBe(before + 3);
  });
});

describe("frozen stages", () => {
  const stages = (freeze: Freeze) => [...frozenStages(architecture, freeze)];

  it("are those before the one that is named", () => {
    expect([stages("none"), stages("until:stem"), stages("until:layer2")]).toEqual([[], [], ["stem", "layer1"]]);
    expect(stages("backbone")).toEqual(["stem", "layer1", "layer2"]);
    expect(() => stages("until:" as Freeze)).toThrow('small cannot be frozen by "until:"');
  });
});

describe("spans", () => {
  it("are as few and as equal as they can be", () => {
    expect(spans(32, 8).map(({ from, to }) => to - from)).toEqual([8, 8, 8, 8]);
    // nine films need two parts of at most eight: four and five rather than eight and one
    expect(spans(9, 8)).toEqual([
      { from: 0, to: 4 },
      { from: 4, to: 9 },
    ]);
    expect(spans(3, 8)).toEqual([{ from: 0, to: 3 }]);
  });
});
