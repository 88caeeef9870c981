import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { type Backbone, DEFAULT_VIEW } from "movie-revenue/model/backbone";
import { type FeatureRows, heldRows, matrixOfRows, rowsBetween } from "movie-revenue/model/feature-rows";
import { type OpenFeatures, openFeatures } from "movie-revenue/model/features";
import { posterScaleOf, scaledPosters, scaledRows, scaleOfRows } from "movie-revenue/model/fused/poster-scale";
import { initialiseHead } from "movie-revenue/model/head";
import { formatSafetensors } from "movie-revenue/model/safetensors";
import { openPixels, type PixelCache } from "movie-revenue/posters/pixels";
import { sha256 } from "movie-revenue/system/files";
import { trainHead } from "movie-revenue/training/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";
import { pattern } from "./golden.ts";
import { noise } from "./pictures.ts";

const [POSTERS, SIDE] = [1100, 32];
const posters = Array.from({ length: POSTERS }, (_, i) => sha256(`poster ${i}`));

/** Each channel's mean, and twice it: features that can be told beforehand. */
const channels: Backbone = {
  name: "channels",
  view: { ...DEFAULT_VIEW, width: SIDE, height: SIDE },
  dimensions: 6,
  weights: sha256("none"),
  features: (pixels) =>
    tf.tidy(() => {
      const means = tf.mean(pixels, [1, 2]) as tf.Tensor2D;
      return tf.concat([means, tf.mul(means, 2)], 1) as tf.Tensor2D;
    }),
  dispose() {},
};

/** The brightest value of each channel. */
const brightest: Backbone = {
  ...{ ...channels, name: "brightest", dimensions: 3 },
  features: (pixels) => tf.max(pixels, [1, 2]),
};

let pixels: PixelCache;
let cache: string;
const opened: OpenFeatures[] = [];
async function open(held?: number, backbones = [channels]): Promise<OpenFeatures> {
  const features = await openFeatures(posters, backbones, pixels, { cache, held });
  opened.push(features);
  return features;
}

beforeAll(async () => {
  await loadEngine();
  pixels = await openPixels(await tempFolder(), { width: SIDE, height: SIDE });
  cache = await tempFolder();
  const { data } = noise(SIDE, SIDE * POSTERS);
  const size = SIDE * SIDE * 3;
  for (const [i, poster] of posters.entries()) {
    await pixels.keep(poster, { hash: 0n, pixels: data.slice(i * size, (i + 1) * size) });
  }
});
afterAll(async () => {
  await Promise.all([...opened.map((features) => features.close()), pixels.close()]);
});

describe("features that lie in the cache", () => {
  it("are those in memory, in whichever order they are asked for", async () => {
    const [held, kept] = [await open(), await open(0)];
    expect([kept.rows, kept.columns]).toEqual([POSTERS, 6]);
    const rows = new Uint32Array([1099, 3, 3, 512]);
    const found = await kept.read(rows);
    expect(found).toEqual(await held.read(rows));
    expect(found.slice(6, 12)).toEqual(found.slice(12, 18));
    for (const i of [0, 1, 2]) expect(found[i + 3]).toBe(2 * found[i]!);
    expect(await matrixOfRows(kept)).toEqual(await matrixOfRows(held));
  });

  it("stand beside those of another network", async () => {
    const both = [channels, brightest];
    // of both 1100 · 9 numbers are too many, of one they would not be
    const [held, kept, one] = [await open(undefined, both), await open(4 * POSTERS * 8, both), await open()];
    const other = await open(undefined, [brightest]);
    expect([held.columns, kept.columns, "data" in held, "data" in kept]).toEqual([9, 9, true, false]);
    const rows = new Uint32Array([1099, 3, 3, 512]);
    const [found, first, second] = [await kept.read(rows), await one.read(rows), await other.read(rows)];
    expect(found).toEqual(await held.read(rows));
    for (const row of [0, 1, 2, 3]) {
      expect([...found.slice(9 * row, 9 * row + 9)]).toEqual([
        ...first.slice(6 * row, 6 * row + 6),
        ...second.slice(3 * row, 3 * row + 3),
      ]);
    }
    expect(Math.min(...second)).toBeGreaterThan(Math.max(...first.slice(0, 3)));
  });

  it("train a head to the same bytes as those in memory", async () => {
    const targets = pattern(POSTERS, 23, 1).map((value) => value + 7);
    const train = async (features: FeatureRows) => {
      const told: unknown[] = [];
      const part = (from: number, to: number) => ({
        features: rowsBetween(features, from, to),
        targets: targets.slice(from, to),
      });
      const start = initialiseHead({ inputs: 6, hidden: [8] }, { seed: 1 });
      await trainHead(
        // validation is looked at in more than one block
        { train: part(0, 100), validation: part(50, POSTERS) },
        start,
        {
          ...{ batchSize: 32, learningRate: 1e-3, weightDecay: 0, maxEpochs: 3, earlyStopping: 9, averaging: 0.9 },
          ...{ plateau: { factor: 0.5, patience: 0 }, hidden: [8], dropout: [0.3], seed: 2 },
        },
        {
          async onEpoch({ seconds: _, ...metrics }, state) {
            told.push(metrics, sha256(formatSafetensors(state().average)));
          },
        },
      );
      return told;
    };
    const [fromMemory, fromCache] = [await train(await open()), await train(await open(0))];
    expect(fromMemory).toHaveLength(6);
    expect(fromCache).toEqual(fromMemory);
  });

  it("are scaled block by block as all at once", async () => {
    const whole = await matrixOfRows(await open());
    const kept = await open(0);
    const scale = await scaleOfRows(kept);
    expect(scale).toEqual(posterScaleOf(whole));
    expect(await matrixOfRows(scaledRows(kept, scale))).toEqual(scaledPosters(whole, scale));
    expect(await matrixOfRows(scaledRows(await open(), scale))).toEqual(scaledPosters(whole, scale));
  });

  it("say so where the cache is damaged meanwhile", async () => {
    const kept = await open(0);
    const folder = (await readdir(cache)).find((name) => name.includes(channels.name));
    const [segment] = await readdir(join(cache, folder!));
    const path = join(cache, folder!, segment!);
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0, 100, 130));
    await expect(kept.read(new Uint32Array([0, 1, 2, 3, 4]))).rejects.toThrow(
      `The feature cache in ${cache} is damaged: delete it and run again.`,
    );
  });
});

it("reads a part by the part's own rows", async () => {
  const part = rowsBetween(heldRows({ rows: 3, columns: 2, data: new Float32Array([1, 2, 3, 4, 5, 6]) }), 1, 3);
  expect([part.rows, await part.read(new Uint32Array([1, 0]))]).toEqual([2, new Float32Array([5, 6, 3, 4])]);
});
