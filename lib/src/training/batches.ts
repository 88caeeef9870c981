import * as tf from "@tensorflow/tfjs";
import { type Augmentation, drawVariation, vary } from "../posters/augment";
import { normalise, type Scaling } from "../posters/normalise";
import { cachedPixels, type PixelCache } from "../posters/pixels";

export interface BatchOptions {
  pixels: PixelCache;
  scaling: Scaling;
  /** Nothing is varied unless given. */
  augment?: Augmentation;
  seed?: number;
}

/** The decoded posters of some rows, ready to be shown. */
export interface PosterBatch {
  /** Positions among the posters. */
  rows: Uint32Array;
  epoch: number;
  /** Height × width × 3 bytes each, as the cache holds them; none where maps are shown in place of pixels. */
  bytes: Uint8Array[];
}

export interface PosterBatches {
  /** Reads posters from the cache; one that is not there is a `UserError`. */
  read(rows: Uint32Array, epoch?: number): Promise<PosterBatch>;
  /** Those from `from` to before `to`, varied and scaled: [to − from, height, width, 3], to be used before the next. */
  tensor(batch: PosterBatch, from?: number, to?: number): tf.Tensor4D;
}

/**
 * Batches of posters (SHA-256 of their bytes), in memory that is used again and again. What can overlap with a step: the
 * native engine's ops hold the JavaScript thread on a CPU, so of the next batch only the disk is read meanwhile (by
 * Node's own threads); bytes become numbers between two steps. A GPU works on while they do.
 */
export function posterBatches(
  posters: readonly string[],
  { pixels, scaling, augment, seed = 0 }: BatchOptions,
): PosterBatches {
  const { size } = pixels;
  const length = size.width * size.height * 3;
  let memory = new Float32Array(0);
  const show = (bytes: Uint8Array, film: number, epoch: number) =>
    augment ? vary(bytes, size, drawVariation(augment, size, { seed, epoch, film })) : bytes;
  return {
    // all at once: what is not asked for before the step begins is not read during it
    read: async (rows, epoch = 0) => ({
      rows,
      epoch,
      bytes: await Promise.all(Array.from(rows, (row) => cachedPixels(pixels, posters[row]!))),
    }),
    tensor({ rows, epoch, bytes }, from = 0, to = rows.length) {
      const count = to - from;
      if (memory.length < count * length) memory = new Float32Array(count * length);
      for (let i = 0; i < count; i++) {
        const shown = show(bytes[from + i]!, rows[from + i]!, epoch);
        normalise(shown, memory.subarray(i * length, (i + 1) * length), scaling);
      }
      return tf.tensor4d(memory.subarray(0, count * length), [count, size.height, size.width, 3]);
    },
  };
}
