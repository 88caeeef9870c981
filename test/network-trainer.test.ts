import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { formatSafetensors, type Weights } from "movie-revenue/model/safetensors";
import { describeProgress, type Progress } from "movie-revenue/progress";
import { sha256 } from "movie-revenue/system/files";
import { loadLast, saveLast, type TrainingState } from "movie-revenue/training/checkpoint";
import { BrokenLoss } from "movie-revenue/training/epoch-loss";
import type { EpochMetrics } from "movie-revenue/training/loop";
import type { NetworkData, NetworkOptions } from "movie-revenue/training/network-trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Digest, digest, distance } from "./backbones.ts";
import { abortedAfter, tempFolder } from "./fixtures.ts";
import { golden } from "./golden.ts";
import { fineTune, openData, startWeights, TRAIN, VALIDATION, weights } from "./small-network.ts";

interface GoldenRun {
  /** Training and validation loss. */
  epochs: [number, number][];
  moved: Record<string, Digest>;
  averaged?: Record<string, Digest>;
}

const engine = await loadEngine();
const native = engine.name === "native";
let data: NetworkData;
beforeAll(async () => {
  data = await openData();
});
afterAll(() => data.pixels.close());

/** The largest distance between how far tensors moved and how far PyTorch's did, and where. */
function farthest(after: Weights, wanted: Record<string, Digest>): { name: string; far: number } {
  const start = startWeights();
  expect(Object.keys(after).sort()).toEqual(Object.keys(wanted).sort());
  const distances = Object.entries(after).map(([name, { data }]) => {
    const moved = data.map((value, i) => value - start[name]!.data[i]!);
    const [norm] = wanted[name]!;
    return { name, far: norm === 0 ? digest(moved)[0] : distance(digest(moved), wanted[name]!, { size: data.length }) };
  });
  return distances.sort((a, b) => b.far - a.far)[0]!;
}

const cases: [string, Partial<NetworkOptions>, boolean?][] = [
  ["whole", {}],
  ["in parts", { accumulate: 2 }],
  ["frozen", { freeze: "until:layer2", backboneRate: 0.5 }],
  ["running", { freezeNorm: true, clip: 0.5, l1: 1e-3 }, true],
  ["averaged", { averaging: 0.9 }],
];

describe.skipIf(!native)("two epochs, six steps, beside PyTorch", () => {
  it.each(cases)("%s: losses, parameters and running statistics", async (name, changes, weighted = false) => {
    const wanted = golden<Record<string, GoldenRun>>("finetune.json")[name]!;
    const train = weighted ? { ...data.train, weights } : data.train;
    const { epochs, states } = await fineTune({ ...data, train }, changes);
    for (const [i, { train_loss, val_loss }] of epochs.entries()) {
      const [trained, judged] = wanted.epochs[i]!;
      expect(Math.abs(train_loss / trained - 1)).toBeLessThan(1e-6);
      expect(Math.abs(val_loss / judged - 1)).toBeLessThan(1e-6);
    }
    const { weights: after, average } = states[1]!;
    // relative to the way that a tensor went in six steps, which is a hundredth of its values
    expect(farthest(after, wanted.moved).far).toBeLessThan(1e-3);
    expect(farthest(average, wanted.averaged ?? wanted.moved).far).toBeLessThan(1e-3);
  });
});

/** Everything at once: what a resumed training must find again. */
const eventful: Partial<NetworkOptions> = {
  maxEpochs: 4,
  dropout: [0.3],
  averaging: 0.9,
  accumulate: 2,
  augment: { blur: 0.5, mirror: true },
  freeze: "until:layer1",
  balance: { bins: 3, power: 0.5 },
  curriculum: { start: 0.5, epochs: 2 },
  plateau: { factor: 0.5, patience: 0 },
};

/** All that a state says, as bytes. */
function bytesOf({ weights, average, optimizer, ...rest }: TrainingState): string {
  const tensors = [weights, average, optimizer.first, optimizer.second].map((part) => sha256(formatSafetensors(part)));
  return JSON.stringify([tensors, rest, optimizer.step]);
}

const withoutSeconds = (epochs: EpochMetrics[]) => epochs.map(({ seconds: _, ...rest }) => rest);

describe.skipIf(!native)("training a network", () => {
  it("gives the same bytes for the same seed, others for another", async () => {
    const [first, second] = [await fineTune(data, eventful), await fineTune(data, eventful)];
    expect(first.states.map(bytesOf)).toEqual(second.states.map(bytesOf));
    const other = await fineTune(data, { ...eventful, seed: 6 });
    expect(bytesOf(other.states[0]!)).not.toBe(bytesOf(first.states[0]!));
  });

  it("interrupted after any step, or in any validation, and resumed, ends in the same bytes", async () => {
    const whole = await fineTune(data, eventful);
    const path = join(await tempFolder(), "last.safetensors");
    // 10 films, 15, 20 and 20 by eights, and one batch of 7 to judge after each
    const steps = [2, 2, 3, 3];
    const stops = steps.flatMap((count, i) => [...Array.from({ length: count }, (_, n) => [i, n + 1]), [i, count]]);
    for (const [after, [epochs, step]] of stops.entries()) {
      const before: EpochMetrics[] = [];
      const stopped = fineTune(data, eventful, startWeights(), {
        signal: abortedAfter(after),
        onInterrupt: (state) => saveLast(path, state()),
        onEpoch: async (metrics) => void before.push(metrics),
      });
      await expect(stopped).rejects.toMatchObject({
        name: "Interrupted",
        message: `Interrupted. Epoch ${epochs! + 1} is kept up to step ${step} of ${steps[epochs!]}: --resume goes on from there.`,
      });
      const resumed = await fineTune(data, eventful, (await loadLast(path))!);
      expect(withoutSeconds([...before, ...resumed.epochs])).toEqual(withoutSeconds(whole.epochs));
      expect(bytesOf(resumed.states.at(-1)!)).toBe(bytesOf(whole.states.at(-1)!));
    }
  });

  it("holds as many tensors after every step as after the first, and none in the end", async () => {
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    await fineTune(data, { ...eventful, batchSize: 2, accumulate: 2, clip: 1, l1: 1e-4 }, startWeights(), {
      onEpoch: async () => void counts.push(tf.memory().numTensors),
    });
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("leaves what is frozen as it was, to the byte", async () => {
    const { states } = await fineTune(data, { freeze: "until:layer2", averaging: 0.5 });
    const start = startWeights();
    for (const [name, { data: after }] of Object.entries(states[1]!.weights)) {
      const frozen = /^backbone\.(conv1|bn1|layer1)/.test(name);
      expect([name, sha256(new Uint8Array(after.buffer)) === sha256(new Uint8Array(start[name]!.data.buffer))]).toEqual(
        [name, frozen],
      );
    }
    // no moments are kept of what does not learn
    expect(Object.keys(states[1]!.optimizer.first).some((name) => name.startsWith("backbone.layer1"))).toBe(false);
  });

  it("shows posters to frozen stages once, and learns as if it had done so at every step", async () => {
    const heard: Progress[] = [];
    const freeze = "until:layer2";
    const once = await fineTune(data, { freeze }, startWeights(), { onProgress: (report) => heard.push(report) });
    expect(heard.filter(({ task }) => task !== "training").at(-1)).toMatchObject({
      ...{ task: "showing posters to frozen stages", unit: "posters", done: TRAIN + VALIDATION },
    });
    // posters that may vary go through every stage, and these do not vary
    const still = { crop: 1, brightness: 0, contrast: 0, saturation: 0, blur: 0, mirror: false };
    const always = await fineTune(data, { freeze, augment: still });
    // batches are put together otherwise, so sums are rounded otherwise; a step of Adam moves a value by 1e-3
    const [wanted, found] = [always, once].map(({ states }) => states[1]!.weights) as [Weights, Weights];
    for (const [name, { data: values }] of Object.entries(wanted)) {
      const far = values.map((value, i) => Math.abs(found[name]!.data[i]! - value));
      expect([name, Math.max(...far) < 1e-5]).toEqual([name, true]);
    }
  });

  it("can be interrupted while posters are shown to frozen stages", async () => {
    const before = tf.memory().numTensors;
    const stopped = fineTune(data, { freeze: "until:layer2" }, startWeights(), { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ name: "Interrupted" });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("trains only the head where the backbone is frozen", async () => {
    const { states, epochs } = await fineTune(data, { freeze: "backbone" });
    const start = startWeights();
    const { "head.1.bias": bias, ...others } = states[1]!.weights;
    expect(others["backbone.layer2.0.bn3.running_mean"]).toEqual(start["backbone.layer2.0.bn3.running_mean"]);
    expect(bias!.data[0]).not.toBe(start["head.1.bias"]!.data[0]);
    expect(epochs[1]!.train_loss).toBeLessThan(epochs[0]!.train_loss);
  });

  it("tells rate, time left and loss", async () => {
    const heard: Progress[] = [];
    await fineTune(data, { maxEpochs: 1 }, startWeights(), { onProgress: (report) => heard.push(report) });
    expect(heard.at(-1)).toMatchObject({ task: "training", unit: "samples", done: TRAIN, total: TRAIN });
    expect(describeProgress(heard.at(-1)!)).toMatch(/^training 20\/20 100% · [\d,.]+ samples\/s · 0:0\d · epoch 1/);
  });

  it("says in which step the loss broke, and of which films", async () => {
    const { states } = await fineTune(data, { maxEpochs: 1 });
    const broken = { ...data, train: { ...data.train, targets: data.train.targets.slice() } };
    broken.train.targets[3] = Number.NaN;
    const thrown = await fineTune(broken, {}, states[0]!).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(BrokenLoss);
    const { epoch, batch, message } = thrown as BrokenLoss;
    expect([epoch, batch!.rows.includes(3)]).toEqual([2, true]);
    expect(message).toBe(
      `The loss is no longer a number in epoch 2, step ${batch!.step}: lower training.learningRate.`,
    );
  });

  it("names a poster that the cache does not hold, even the one that is read ahead", async () => {
    const posters = [...data.train.posters.slice(0, -1), sha256("another")];
    const before = tf.memory().numTensors;
    await expect(fineTune({ ...data, train: { ...data.train, posters } })).rejects.toThrow(
      `The pixel cache no longer holds poster ${sha256("another")}: run the command again.`,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses weights of another network", async () => {
    const { "backbone.layer2.0.bn3.bias": _missing, ...others } = startWeights();
    await expect(fineTune(data, {}, others)).rejects.toThrow('The weights have no tensor "layer2.0.bn3.bias"');
    const headless = Object.entries(startWeights()).filter(([name]) => !name.startsWith("head."));
    await expect(fineTune(data, {}, Object.fromEntries(headless))).rejects.toThrow('no tensor "head.0.weight"');
  });

  it("names the stages where it is to freeze until one that is not there", async () => {
    await expect(fineTune(data, { freeze: "until:layer7" })).rejects.toThrow(
      'small cannot be frozen by "until:layer7": take none, backbone, or one of until:stem, until:layer1, until:layer2.',
    );
  });
});

describe.skipIf(native)("on the wasm engine", () => {
  it("trains the head, and says what to do where the backbone shall learn too", async () => {
    const { epochs } = await fineTune(data, { freeze: "backbone" });
    expect(epochs[1]!.train_loss).toBeLessThan(epochs[0]!.train_loss);
    await expect(fineTune(data)).rejects.toThrow(
      "The wasm engine cannot train small, only its head: run `node scripts/setup.mjs --again` for the native engine, " +
        "or set training.freeze=backbone.",
    );
  });
});
