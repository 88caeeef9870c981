import { loadEngine } from "movie-revenue/engine";
import { DEFAULT_AUGMENTATION, drawVariation, vary } from "movie-revenue/posters/augment";
import { normalise } from "movie-revenue/posters/normalise";
import { openPixels, type PixelCache } from "movie-revenue/posters/pixels";
import { sha256 } from "movie-revenue/system/files";
import { posterBatches } from "movie-revenue/training/batches";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";
import { noise } from "./pictures.ts";

const size = { width: 32, height: 32 };
const bytes = Array.from({ length: 4 }, (_, i) => noise(32, 32 * 4).data.slice(i * 3072, (i + 1) * 3072));
const posters = bytes.map((poster) => sha256(poster));
let pixels: PixelCache;

beforeAll(async () => {
  await loadEngine();
  pixels = await openPixels(await tempFolder(), size);
  for (const [i, poster] of posters.entries()) await pixels.keep(poster, { hash: 0n, pixels: bytes[i]! });
});
afterAll(() => pixels.close());

describe("a batch of posters", () => {
  it("holds those of its rows, scaled, in their order; a part of it only those", async () => {
    const batches = posterBatches(posters, { pixels, scaling: "symmetric" });
    const batch = await batches.read(Uint32Array.of(2, 0, 2));
    const whole = batches.tensor(batch);
    expect(whole.shape).toEqual([3, 32, 32, 3]);
    const wanted = [2, 0, 2].flatMap((row) => [...normalise(bytes[row]!, undefined, "symmetric")]);
    expect([...whole.dataSync()]).toEqual(wanted);
    const part = batches.tensor(batch, 1, 2);
    expect(part.shape).toEqual([1, 32, 32, 3]);
    expect([...part.dataSync()]).toEqual(wanted.slice(3072, 6144));
    whole.dispose();
    part.dispose();
  });

  it("may be read while the one before is still in use", async () => {
    const batches = posterBatches(posters, { pixels, scaling: "imagenet" });
    const [first, second] = await Promise.all([batches.read(Uint32Array.of(0)), batches.read(Uint32Array.of(1))]);
    for (const [row, batch] of [first, second].entries()) {
      const tensor = batches.tensor(batch!);
      expect(tensor.dataSync()).toEqual(normalise(bytes[row]!));
      tensor.dispose();
    }
  });

  it("varies a film by seed, epoch and film, wherever it stands in the batch", async () => {
    const augment = { ...DEFAULT_AUGMENTATION, mirror: true };
    const batches = posterBatches(posters, { pixels, scaling: "imagenet", augment, seed: 9 });
    const shown = async (rows: number[], epoch: number, at: number) => {
      const tensor = batches.tensor(await batches.read(Uint32Array.from(rows), epoch), at, at + 1);
      const values = Float32Array.from(tensor.dataSync());
      tensor.dispose();
      return values;
    };
    const variation = drawVariation(augment, size, { seed: 9, epoch: 2, film: 3 });
    const wanted = normalise(vary(bytes[3]!, size, variation));
    expect(await shown([3, 0], 2, 0)).toEqual(wanted);
    expect(await shown([1, 0, 3], 2, 2)).toEqual(wanted);
    expect(await shown([3, 0], 3, 0)).not.toEqual(wanted);
  });

  it("names a poster that the cache does not hold", async () => {
    const batches = posterBatches([sha256("none")], { pixels, scaling: "imagenet" });
    await expect(batches.read(Uint32Array.of(0))).rejects.toThrow(
      `The pixel cache no longer holds poster ${sha256("none")}: run the command again.`,
    );
  });
});
