import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { isParameter } from "movie-revenue/model/architecture";
import { ARCHITECTURES } from "movie-revenue/model/architectures";
import type { Architecture } from "movie-revenue/model/network";
import { resnet, resnet18, resnet50 } from "movie-revenue/model/resnet";
import { describe, expect, it } from "vitest";
import { type Digest, digest, distance, drawnWeights, pixelsOf, step } from "./backbones.ts";
import { golden } from "./golden.ts";

interface GoldenStep {
  loss: number;
  gradients: Record<string, Digest>;
  statistics: Record<string, Digest>;
}

/** Made by golden/resnet.py. */
const expected = golden<Record<string, { features: Digest; running: GoldenStep; batch: GoldenStep }>>("resnet.json");
const engine = await loadEngine();
const twoBlocks = resnet("two blocks", { block: "bottleneck", depths: [1, 1], widths: [8, 16] });

/** The largest distance of any tensor from what is wanted. */
function largestDistance(found: Record<string, ArrayLike<number>>, wanted: Record<string, Digest>): number {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  const norms = Object.values(wanted).map(([norm]) => norm);
  const least = norms.sort((a, b) => a - b)[norms.length >> 1]! / 100;
  const distances = Object.entries(found).map(([name, values]) =>
    distance(digest(values), wanted[name]!, { size: values.length, least }),
  );
  return Math.max(...distances);
}

describe.each([
  { architecture: twoBlocks, batch: 3, side: 30 },
  { architecture: resnet18, batch: 4, side: 64 },
  { architecture: resnet50, batch: 4, side: 64 },
  { architecture: ARCHITECTURES["efficientnet-lite0"]!, batch: 4, side: 64 },
])(`$architecture.name beside PyTorch on the ${engine.name} engine`, ({ architecture, batch, side }) => {
  const { features, running, batch: trained } = expected[architecture.name]!;
  const weights = drawnWeights(architecture.shapes);

  it("has its features in inference", () => {
    const frozen = architecture.freeze(weights);
    const found = tf.tidy(() => tf.mean(frozen.featureMap(pixelsOf(batch, side)), [1, 2]));
    const values = found.dataSync();
    expect(distance(digest(values), features, { size: values.length })).toBeLessThan(1e-4);
    found.dispose();
    frozen.dispose();
  });

  it.skipIf(engine.name !== "native").each([true, false])(
    "has its loss, gradients and statistics after a step (by the batch: %s)",
    (batchStatistics) => {
      const wanted = batchStatistics ? trained : running;
      const frozen = new Set<string>();
      const found = step(architecture, architecture.forward, { weights, batch, side, frozen, batchStatistics });
      expect(Math.abs(found.loss / wanted.loss - 1)).toBeLessThan(1e-4);
      const gradients = Object.fromEntries(Object.entries(found.gradients).map(([name, { data }]) => [name, data]));
      expect(largestDistance(gradients, wanted.gradients)).toBeLessThan(1e-3);
      if (batchStatistics)
        expect(largestDistance(afterStep(architecture, found), wanted.statistics)).toBeLessThan(1e-3);
      else expect(found.statistics).toEqual({});
    },
  );

  /** Running statistics as PyTorch moves them: the variance with Bessel's correction. */
  function afterStep({ momentum }: Architecture, { statistics }: ReturnType<typeof step>) {
    const moved = Object.entries(statistics).flatMap(([norm, { mean, variance, count }]) => {
      const move = (name: string, values: Float32Array, scale: number) =>
        [name, values.map((value, i) => (1 - momentum) * weights[name]!.data[i]! + momentum * scale * value)] as const;
      return [move(`${norm}.running_mean`, mean, 1), move(`${norm}.running_var`, variance, count / (count - 1))];
    });
    return Object.fromEntries(moved);
  }
});

describe("ResNet", () => {
  const sizes = (architecture: Architecture) =>
    Object.entries(architecture.shapes)
      .filter(([name]) => isParameter(name))
      .reduce((sum, [, shape]) => sum + shape.reduce((product, side) => product * side, 1), 0);

  it("has torchvision's parameters, without those of its last layer", () => {
    // torchvision counts 11,689,512 and 25,557,032; fc has 512 · 1000 + 1000 and 2048 · 1000 + 1000 of them
    expect(sizes(resnet18)).toBe(11_689_512 - 513_000);
    expect(sizes(resnet50)).toBe(25_557_032 - 2_049_000);
    expect(resnet50.shapes["layer2.0.conv2.weight"]).toEqual([128, 128, 3, 3]);
    expect(resnet50.shapes["layer4.0.downsample.0.weight"]).toEqual([2048, 1024, 1, 1]);
    expect(resnet50.shapes["layer4.2.bn3.running_var"]).toEqual([2048]);
    expect([resnet18.dimensions, resnet50.dimensions]).toEqual([512, 2048]);
  });

  it("knows the stage of each tensor", () => {
    expect(resnet50.stages).toEqual(["stem", "layer1", "layer2", "layer3", "layer4"]);
    expect(["bn1.running_mean", "layer1.2.conv3.weight", "layer4.0.downsample.1.bias"].map(resnet50.stageOf)).toEqual([
      "stem",
      "layer1",
      "layer4",
    ]);
    expect(() => resnet50.stageOf("fc.weight")).toThrow('resnet50 has no tensor "fc.weight"');
  });

  it("starts as torchvision's does, from a seed", () => {
    const { "conv1.weight": first, "bn1.weight": scale, "bn1.running_mean": mean } = twoBlocks.initialise(1);
    expect(twoBlocks.initialise(1)["conv1.weight"]).toEqual(first);
    expect(twoBlocks.initialise(2)["conv1.weight"]).not.toEqual(first);
    expect([...scale!.data, ...mean!.data]).toEqual([...Array(8).fill(1), ...Array(8).fill(0)]);
    // 8 · 7 · 7 outputs of a channel: deviation √(2/392) = .0714; 1,176 draws know it within 2 · .0714/√2352 = .003
    const deviation = Math.sqrt(first!.data.reduce((sum, value) => sum + value * value, 0) / first!.data.length);
    expect(Math.abs(deviation - 0.0714)).toBeLessThan(0.005);
  });

  it("takes a whole file of torchvision and refuses one of another model", () => {
    const weights = drawnWeights(twoBlocks.shapes);
    const count = { shape: [], data: new Float32Array(1) };
    const before = tf.memory().numTensors;
    twoBlocks.freeze({ ...weights, "bn1.num_batches_tracked": count, "fc.weight": count }).dispose();
    const { "layer2.0.bn3.bias": _missing, ...others } = weights;
    expect(() => twoBlocks.freeze(others)).toThrow('The weights have no tensor "layer2.0.bn3.bias"');
    expect(tf.memory().numTensors).toBe(before);
  });

  it.skipIf(engine.name !== "native")("keeps as many tensors after twenty steps as after one", () => {
    const run = { weights: drawnWeights(twoBlocks.shapes), batch: 2, side: 32, frozen: new Set<string>() };
    const counts = Array.from({ length: 20 }, () => {
      step(twoBlocks, twoBlocks.forward, { ...run, batchStatistics: true });
      return tf.memory().numTensors;
    });
    expect(new Set(counts).size).toBe(1);
  });
});
