import { spawnSync } from "node:child_process";
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { describeArchitecture } from "movie-revenue/model/architecture";
import { forwardFused } from "movie-revenue/model/kernels/learning";
import { forwardPlain } from "movie-revenue/model/kernels/plain";
import { toEngine } from "movie-revenue/model/layout";
import type { Architecture, Unit } from "movie-revenue/model/network";
import { resnet } from "movie-revenue/model/resnet";
import { afterEach, describe, expect, it } from "vitest";
import { drawnWeights, pixelsOf, step, toTensors } from "./backbones.ts";
import { largestDifference } from "./golden.ts";

const engine = await loadEngine();
const [batch, side] = [3, 20];

const unit = (name: string, shape: Pick<Unit, "inputs" | "outputs"> & Partial<Unit>): Unit => ({
  convolution: `${name}.conv`,
  norm: `${name}.norm`,
  depthwise: false,
  kernel: 1,
  stride: 1,
  padding: "same",
  activation: "relu6",
  ...shape,
});

/** What EfficientNet has and a ResNet has not: depthwise filters, ReLU6, TensorFlow's padding, a sum without ReLU. */
const mobile = describeArchitecture({
  name: "mobile",
  epsilon: 1e-3,
  momentum: 0.01,
  layers: [
    { name: "stem", blocks: [{ units: [unit("stem", { inputs: 3, outputs: 4, kernel: 3, stride: 2 })] }] },
    {
      name: "middle",
      blocks: [
        {
          units: [
            unit("expand", { inputs: 4, outputs: 12 }),
            unit("filter", { inputs: 12, outputs: 12, depthwise: true, kernel: 5 }),
            unit("project", { inputs: 12, outputs: 4, activation: "none" }),
          ],
          skip: "identity",
        },
        { units: [unit("wide", { inputs: 4, outputs: 4, depthwise: true, kernel: 3, stride: 2, activation: "none" })] },
      ],
    },
    { name: "head", blocks: [{ units: [unit("head", { inputs: 4, outputs: 6 })] }] },
  ],
});
const networks: Architecture[] = [
  resnet("bottlenecks", { block: "bottleneck", depths: [2, 1], widths: [4, 8] }),
  resnet("basic blocks", { block: "basic", depths: [2, 1], widths: [4, 8] }),
  mobile,
];

describe.skipIf(engine.name !== "native")("Fused kernels beside the plain composition", () => {
  it.each(
    networks.flatMap((network) => [
      { network, title: "by the batch", frozen: [], batchStatistics: true },
      { network, title: "by the running statistics", frozen: [], batchStatistics: false },
      { network, title: "first stage frozen", frozen: network.stages.slice(0, 1), batchStatistics: true },
      { network, title: "middle stage frozen", frozen: network.stages.slice(1, 2), batchStatistics: true },
    ]),
  )("$network.name, $title: loss, gradients and statistics", ({ network, frozen, batchStatistics }) => {
    const weights = drawnWeights(network.shapes);
    const run = { weights, batch, side, frozen: new Set(frozen), batchStatistics };
    const learnt = (name: string) => !(frozen as string[]).includes(network.stageOf(name));
    const fused = step(
      network,
      (...args) => forwardFused(network, args[0], { pixels: args[1], pass: args[2] }),
      run,
      learnt,
    );
    const plain = step(
      network,
      (...args) => forwardPlain(network, args[0], { pixels: args[1], pass: args[2] }),
      run,
      learnt,
    );
    expect(fused.loss).toBeCloseTo(plain.loss, 5);
    expect(Object.keys(fused.gradients)).toEqual(Object.keys(plain.gradients));
    for (const [name, { data }] of Object.entries(plain.gradients)) {
      const size = Math.max(...data.map(Math.abs), 1e-2);
      expect(largestDifference(fused.gradients[name]!.data, data) / size, name).toBeLessThan(1e-4);
    }
    expect(Object.keys(fused.statistics)).toEqual(Object.keys(plain.statistics));
    for (const [norm, { mean, variance, count }] of Object.entries(plain.statistics)) {
      const found = fused.statistics[norm]!;
      expect(found.count).toBe(count);
      expect(largestDifference(found.mean, mean), norm).toBeLessThan(1e-5);
      expect(largestDifference(found.variance, variance), norm).toBeLessThan(1e-5 * Math.max(1, ...variance));
    }
    // no statistics of a stage that is frozen, and none at all of the running ones
    const heard = Object.keys(fused.statistics).filter((norm) => !learnt(`${norm}.weight`));
    expect(heard).toEqual([]);
    expect(Object.keys(fused.statistics).length > 0).toBe(batchStatistics);
  });

  it.each(networks)("$name: the same without a gradient, and no tensor left behind by either", (network) => {
    const tensors = toTensors(toEngine(drawnWeights(network.shapes)));
    const pixels = pixelsOf(batch, side);
    const pass = { frozen: new Set<string>(), batchStatistics: true };
    const before = tf.memory().numTensors;
    const alone = forwardFused(network, tensors, { pixels, pass });
    expect(tf.memory().numTensors - before).toBe(1);
    const stem = Object.keys(network.shapes)[0]!;
    const { value, grad } = tf.valueAndGrad((filter: tf.Tensor) => {
      const map = forwardFused(network, { ...tensors, [stem]: filter }, { pixels, pass });
      return tf.sum(tf.mul(map, alone));
    })(tensors[stem]!) as { value: tf.Tensor; grad: tf.Tensor };
    expect(value.dataSync()[0]).toBeCloseTo(tf.tidy(() => tf.sum(tf.square(alone))).dataSync()[0]!, 2);
    expect(grad.shape).toEqual(tensors[stem]!.shape);
    // the map, the sum, its square, the gradient
    expect(tf.memory().numTensors - before).toBe(4);
    tf.dispose([...Object.values(tensors), pixels]);
  });

  it("needs no oneDNN: TensorFlow's own kernels give the same", () => {
    const program = `
      const tf = require("@tensorflow/tfjs");
      const { loadEngine } = require("movie-revenue/engine");
      const { oneDnn } = require("movie-revenue/model/kernels/onednn");
      const { normaliseByBatch } = require("movie-revenue/model/kernels/norm");
      const { maxPool, maxPoolGradient } = require("movie-revenue/model/kernels/pool");
      loadEngine().then(() => {
        const z = tf.tensor4d([...Array(32).keys()].map((i) => (i * 7) % 11), [2, 4, 4, 1]);
        const affine = { scale: tf.tensor1d([2]), offset: tf.tensor1d([0.5]), epsilon: 1e-5 };
        const { y, moments } = normaliseByBatch(z, affine, "relu");
        const pool = maxPool(y);
        const dx = maxPoolGradient(tf.onesLike(pool.y), { x: y, ...pool });
        const values = [y, moments.mean, moments.variance, pool.y, dx].map((tensor) => [...tensor.dataSync()]);
        console.log(JSON.stringify({ oneDnn: oneDnn(), values }));
      });`;
    const [without, own] = ["0", "1"].map((wanted) => {
      const env = { ...process.env, TF_ENABLE_ONEDNN_OPTS: wanted };
      const { stdout } = spawnSync(process.execPath, ["-e", program], { env, encoding: "utf8" });
      return JSON.parse(stdout.trim().split("\n").at(-1)!) as { oneDnn: boolean; values: number[][] };
    });
    expect(without!.oneDnn).toBe(false);
    for (const [i, values] of without!.values.entries()) {
      expect(largestDifference(values, own!.values[i]!)).toBeLessThan(1e-5);
    }
  });
});

describe("Another backend", () => {
  afterEach(async () => {
    await tf.setBackend(engine.name === "native" ? "tensorflow" : "wasm");
  });

  it("takes the plain composition", async () => {
    const weights = drawnWeights(mobile.shapes);
    const run = { weights, batch, side, frozen: new Set<string>(), batchStatistics: true };
    const first = engine.name === "native" ? step(mobile, mobile.forward, run) : undefined;
    await tf.setBackend("cpu");
    const { loss, gradients } = step(mobile, mobile.forward, run);
    expect(Number.isFinite(loss)).toBe(true);
    if (first) expect(loss).toBeCloseTo(first.loss, 5);
    if (first)
      expect(
        largestDifference(gradients["stem.conv.weight"]!.data, first.gradients["stem.conv.weight"]!.data),
      ).toBeLessThan(1e-5);
  });
});
