import { createHash } from "node:crypto";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { throwIfInterrupted, UserError } from "../errors";
import { normalise, type Scaling } from "../posters/normalise";
import { cachedPixels, type PixelCache } from "../posters/pixels";
import { type ProgressListener, ProgressMeter } from "../progress";
import { openAll } from "../system/open-all";
import { openStore, type Store } from "../system/store";
import type { Backbone } from "./backbone";
import { blocksOf, type FeatureRows, heldRows, matrixOfRows, rowsBeside } from "./feature-rows";

export interface FeatureOptions {
  /** Folder of the feature cache. */
  cache: string;
  batchSize?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** The most bytes of features that are read into memory at once; more are read from the cache as they are needed. */
const HELD = 2 ** 31;

/** Features that are open until they are closed. */
export interface OpenFeatures extends FeatureRows {
  close(): Promise<void>;
}

/**
 * Features of posters by one backbone after the other, row-major [posters, dimensions of all], in their order; each poster is
 * known by its SHA-256. Kept for each poster and weights, so that a second call costs a read.
 */
export async function extractFeatures(
  posters: readonly string[],
  backbones: readonly Backbone[],
  pixels: PixelCache,
  options: FeatureOptions,
): Promise<Float32Array> {
  return (await matrixOfRows(await openFeatures(posters, backbones, pixels, { ...options, held: Infinity }))).data;
}

/** Those of one backbone row by row, for more posters than fit into memory: what is missing is made first, then all is read. */
export async function* featureRows(
  posters: readonly string[],
  backbone: Backbone,
  pixels: PixelCache,
  options: FeatureOptions,
): AsyncGenerator<Float32Array> {
  const features = await keptFeatures(posters, backbone, pixels, options);
  try {
    for await (const { data } of blocksOf(features)) {
      for (let at = 0; at < data.length; at += features.columns) yield data.subarray(at, at + features.columns);
    }
  } finally {
    await features.close();
  }
}

/**
 * Features by one backbone after the other, to be read in any order, [posters, dimensions of all]: in memory where they take
 * no more than `held` bytes, else from the cache whenever they are asked for. What is missing is made first.
 */
export async function openFeatures(
  posters: readonly string[],
  backbones: readonly Backbone[],
  pixels: PixelCache,
  { held = HELD, ...options }: FeatureOptions & { held?: number },
): Promise<OpenFeatures> {
  const keep = (backbone: Backbone) => keptFeatures(posters, backbone, pixels, options);
  const parts = await openAll(backbones, keep, (part) => part.close());
  const close = async () => {
    for (const part of parts) await part.close();
  };
  const kept = rowsBeside(parts);
  if (4 * kept.rows * kept.columns > held) return { ...kept, close };
  try {
    return { ...heldRows(await matrixOfRows(kept)), close: async () => {} };
  } finally {
    await close();
  }
}

/** Features in the cache, the missing ones made; the backbone and the pixels are not needed any more. */
async function keptFeatures(
  posters: readonly string[],
  backbone: Backbone,
  pixels: PixelCache,
  { cache, batchSize = 32, onProgress, signal }: FeatureOptions,
): Promise<OpenFeatures> {
  const { dimensions } = backbone;
  const store = await openStore(join(cache, `features-v2-${backbone.name}-${dimensions}`), {
    recordBytes: 4 * dimensions,
    kind: `features of ${backbone.name}`,
  });
  try {
    const missing = missingOf(posters, backbone, store);
    const meter = new ProgressMeter(`extracting features by ${backbone.name}`, "posters", onProgress, missing.length);
    for (let start = 0; start < missing.length; start += batchSize) {
      throwIfInterrupted(signal, "The features made so far are kept.");
      const batch = missing.slice(start, start + batchSize);
      const made = await featuresOf(batch, backbone, pixels);
      for (const [i, poster] of batch.entries()) {
        const record = made.slice(i * dimensions, (i + 1) * dimensions);
        await store.put(featureKey(poster, backbone), new Uint8Array(record.buffer));
      }
      meter.advance(batch.length);
    }
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
  return {
    ...{ rows: posters.length, columns: dimensions },
    async read(rows) {
      const found = new Float32Array(rows.length * dimensions);
      const bytes = new Uint8Array(found.buffer);
      const readRow = async (row: number, i: number) => {
        const record = await store.get(featureKey(posters[row]!, backbone));
        if (!record) throw new UserError(`The feature cache in ${cache} is damaged: delete it and run again.`);
        bytes.set(record, 4 * i * dimensions);
      };
      await Promise.all(Array.from(rows, readRow));
      return found;
    },
    close: () => store.close(),
  };
}

/** The posters whose features are not kept, each once. */
function missingOf(posters: readonly string[], backbone: Backbone, store: Store): string[] {
  return [...new Set(posters)].filter((poster) => !store.has(featureKey(poster, backbone)));
}

/** Posters are told apart by content, features by content, weights and view. */
function featureKey(poster: string, { weights, view }: Backbone): string {
  return createHash("sha256")
    .update(JSON.stringify([poster, weights, view]))
    .digest("hex");
}

/** Features of posters, and then of nothing: up to seven empty ones fill the batch up. */
async function featuresOf(posters: readonly string[], backbone: Backbone, pixels: PixelCache): Promise<Float32Array> {
  const input = await posterTensor(posters, pixels, backbone.view.scaling);
  const output = tf.tidy(() => backbone.features(filledUp(input)));
  const features = (await output.data()) as Float32Array;
  tf.dispose([input, output]);
  return features;
}

/** TensorFlow sums in another order for a lone poster, and features must not tell what was beside when a run was cut off. */
function filledUp(pixels: tf.Tensor4D): tf.Tensor4D {
  const missing = -pixels.shape[0] & 7;
  return missing === 0
    ? pixels
    : tf.pad4d(pixels, [
        [0, missing],
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
}

/** Scaled pixels of posters in the cache, [posters, height, width, 3]: what a backbone is given. */
export async function posterTensor(
  posters: readonly string[],
  pixels: PixelCache,
  scaling: Scaling = "imagenet",
): Promise<tf.Tensor4D> {
  const { width, height } = pixels.size;
  const size = width * height * 3;
  const batch = new Float32Array(posters.length * size);
  for (const [i, poster] of posters.entries()) {
    normalise(await cachedPixels(pixels, poster), batch.subarray(i * size, (i + 1) * size), scaling);
  }
  return tf.tensor4d(batch, [posters.length, height, width, 3]);
}

/** The values of one colour channel of normalised pixels. */
export interface ChannelDescription {
  channel: "red" | "green" | "blue";
  mean: number;
  deviation: number;
  lowest: number;
  highest: number;
}

/** Mean, standard deviation and range of each colour channel of pixels [n, height, width, 3]. */
export function describeChannels(pixels: tf.Tensor4D): ChannelDescription[] {
  return (["red", "green", "blue"] as const).map(
    (channel, i) =>
      tf.tidy(() => {
        const values = tf.slice(pixels, [0, 0, 0, i], [-1, -1, -1, 1]);
        const { mean, variance } = tf.moments(values);
        const number = (scalar: tf.Tensor) => scalar.dataSync()[0]!;
        const [lowest, highest] = [number(tf.min(values)), number(tf.max(values))];
        return { channel, mean: number(mean), deviation: Math.sqrt(number(variance)), lowest, highest };
      }) as unknown as ChannelDescription,
  );
}
