import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { defaultWeights } from "movie-revenue/model/backbone";
import { lite0, lite1, lite2 } from "movie-revenue/model/lite";
import type { Architecture } from "movie-revenue/model/network";
import { readSafetensors, type Weights } from "movie-revenue/model/safetensors";
import { decode } from "movie-revenue/posters/decode";
import { normalise } from "movie-revenue/posters/normalise";
import { resize } from "movie-revenue/posters/resample";
import { sha256 } from "movie-revenue/system/files";
import { describe, expect, it } from "vitest";
import { golden, goldenPath, largestDifference, pattern } from "./golden.ts";

/** Agreement asked of features; they reach about 4. */
const TOLERANCE = 1e-3;

const engine = await loadEngine();
const weightsOf = async ({ name }: Architecture) => (await readSafetensors(defaultWeights(name))).tensors;
const tensors = await weightsOf(lite0);

/** The mean over places of the last map of square pictures. */
function featuresBy(architecture: Architecture, weights: Weights, pixels: Float32Array, side: number): Float32Array {
  const network = architecture.freeze(weights);
  try {
    return tf.tidy(() => {
      const x = tf.tensor4d(pixels, [pixels.length / (side * side * 3), side, side, 3]);
      return tf.mean(network.featureMap(x), [1, 2]).dataSync<"float32">();
    });
  } finally {
    network.dispose();
  }
}

const featuresOf = (pixels: Float32Array) => featuresBy(lite0, tensors, pixels, 224);

describe(`EfficientNet-Lite0 on the ${engine.name} engine`, () => {
  it("has the features of efficientnet-lite-pytorch", () => {
    const expected = golden<{ lite0: number[][] }>("model.json").lite0.flat();
    const features = featuresOf(pattern(2 * 224 * 224 * 3, 257, 1));
    expect(largestDifference(features, expected)).toBeLessThan(TOLERANCE);
    // a network that ignored its input would agree on one picture by chance, not on two different ones
    expect(largestDifference(features.subarray(0, 1280), features.subarray(1280))).toBeGreaterThan(0.1);
  });

  it("leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    featuresBy(lite0, tensors, new Float32Array(64 * 64 * 3), 64);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses weights of another model by the name of what is missing", () => {
    const { "_blocks.3._bn1.running_var": _missing, ...others } = tensors;
    expect(() => lite0.freeze(others)).toThrow('The weights have no tensor "_blocks.3._bn1.running_var"');
    const stem = { ...tensors, "_bn0.bias": { shape: [3], data: new Float32Array(3) } };
    expect(() => lite0.freeze(stem)).toThrow('"_bn0.bias" has shape [3], and the model needs [32]');
  });
});

describe.each([
  ["lite1", lite1, 240],
  ["lite2", lite2, 260],
] as const)("EfficientNet-%s", (key, architecture, side) => {
  it("has the features of efficientnet-lite-pytorch", async () => {
    const pixels = pattern(side * side * 3, 257, 1);
    const features = featuresBy(architecture, await weightsOf(architecture), pixels, side);
    expect(largestDifference(features, golden<Record<string, number[]>>("lite.json")[key]!)).toBeLessThan(TOLERANCE);
  });
});

describe("EfficientNet-Lite as an architecture", () => {
  it.each([lite0, lite1, lite2])(
    "has just the tensors of efficientnet-lite-pytorch, but for its last layer",
    async (lite) => {
      const found = await weightsOf(lite);
      const others = Object.keys(found).filter((name) => !(name in lite.shapes));
      expect(others.filter((name) => !/num_batches_tracked$|^_fc\./.test(name))).toEqual([]);
      for (const [name, shape] of Object.entries(lite.shapes)) expect(found[name]?.shape, name).toEqual(shape);
    },
  );

  it("counts its stages from the pixels on", () => {
    const blocks = [0, 1, 2, 3, 4, 5, 6].map((stage) => `blocks${stage}`);
    expect(lite0.stages).toEqual(["stem", ...blocks, "head"]);
    // 1, 2, 2, 3, 3, 4 and 1 blocks: the fourth stage begins with block 5, the last with block 15
    expect(lite0.stageOf("_blocks.5._expand_conv.weight")).toBe("blocks3");
    expect(lite0.stageOf("_blocks.15._bn2.bias")).toBe("blocks6");
    expect(lite0.stageOf("_bn0.weight")).toBe("stem");
    expect(lite0.stageOf("_bn1.weight")).toBe("head");
  });
});

const posters = process.env.MOVIE_REVENUE_FUN ?? "";

describe.skipIf(!existsSync(posters))("EfficientNet-Lite0 on 20 real posters (MOVIE_REVENUE_FUN)", () => {
  it("has the features that Pillow and efficientnet-lite-pytorch give, from the files on", async () => {
    const reference = await readSafetensors(goldenPath("lite0-posters.safetensors"));
    const files = Object.entries(JSON.parse(reference.metadata.files!) as Record<string, string>);
    const size = 224 * 224 * 3;
    const batch = new Float32Array(files.length * size);
    for (const [i, [name, hash]] of files.entries()) {
      const bytes = await readFile(join(posters, name));
      expect(sha256(bytes)).toBe(hash);
      batch.set(normalise(resize(await decode(bytes), 224, 224)), i * size);
    }
    expect(largestDifference(featuresOf(batch), reference.tensors.features!.data)).toBeLessThan(TOLERANCE);
  });
});
