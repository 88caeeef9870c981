import { readdir } from "node:fs/promises";
import type { RawPoster } from "movie-revenue/catalogue/source";
import { perceptualHash } from "movie-revenue/posters/hash";
import { openPixels, type PixelCache, type Poster, type ReadOptions, readPixels } from "movie-revenue/posters/pixels";
import { describeProgress, type Progress } from "movie-revenue/progress";
import { sha256 } from "movie-revenue/system/files";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import { jpeg, png, tempFolder } from "./fixtures.ts";
import { golden } from "./golden.ts";
import { noise } from "./pictures.ts";

const opened: PixelCache[] = [];
afterEach(() => Promise.all(opened.splice(0).map((cache) => cache.close())));

async function open(folder: string, size?: { width: number; height: number }): Promise<PixelCache> {
  const cache = await openPixels(folder, size);
  opened.push(cache);
  return cache;
}

async function* rawPosters(
  posters: readonly (Uint8Array | null)[],
  pulled?: { count: number },
): AsyncGenerator<RawPoster> {
  for (const [row, bytes] of posters.entries()) {
    if (pulled) pulled.count++;
    yield { row: row * 10, bytes };
  }
}

async function readAll(posters: readonly (Uint8Array | null)[], options: ReadOptions): Promise<Poster[]> {
  const read: Poster[] = [];
  for await (const poster of readPixels(rawPosters(posters), options)) read.push(poster);
  return read;
}

const pixelsOf = (poster: Poster): Uint8Array => ("pixels" in poster ? poster.pixels : new Uint8Array());

describe("readPixels", () => {
  it("gives Pillow's pixels of a poster, its content's SHA-256 and its hash", async () => {
    const { data, width, height } = noise(185, 278);
    const bytes = new Uint8Array(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
    const cache = await open(await tempFolder());
    const [poster] = (await readAll([bytes], { cache })) as [Poster];
    // the first case of golden/resample.py is this picture at this size
    expect(sha256(pixelsOf(poster))).toBe(golden<{ cases: { sha256: string }[] }>("resample.json").cases[0]!.sha256);
    expect(poster).toMatchObject({ row: 0, sha256: sha256(bytes), hash: perceptualHash(pixelsOf(poster)) });
    expect(await cache.get(sha256(bytes))).toEqual(pixelsOf(poster));
    expect(await cache.get(sha256("another"))).toBeNull();
  });

  it("keeps the order, whatever takes longer, and gives the reason for each that cannot be read", async () => {
    const large = await jpeg({ width: 900, height: 1200, color: [200, 10, 10] });
    const posters = [
      large,
      null,
      await png({ seed: 2 }),
      new Uint8Array(),
      large.slice(0, 5000),
      Buffer.from("<html>"),
    ];
    const read = await readAll(posters, { cache: await open(await tempFolder()) });
    expect(read.map(({ row }) => row)).toEqual([0, 10, 20, 30, 40, 50]);
    expect(read.map((poster) => ("reason" in poster ? poster.reason.split(" (")[0] : poster.pixels.length))).toEqual([
      150528,
      "has no image",
      150528,
      "has no image",
      "is cut short or damaged",
      "is not a JPEG, PNG or WebP picture",
    ]);
  });

  it("decodes once: what is kept for the same bytes is taken, by this process and the next", async () => {
    const folder = await tempFolder();
    const bytes = await png({ seed: 3 });
    const planted = { hash: 2n ** 63n + 5n, pixels: new Uint8Array(150528).fill(9) };
    const cache = await open(folder);
    await cache.keep(sha256(bytes), planted);
    expect(await readAll([bytes], { cache })).toEqual([{ row: 0, sha256: sha256(bytes), ...planted }]);
    expect(await readAll([bytes], { cache: await open(folder) })).toEqual([
      { row: 0, sha256: sha256(bytes), ...planted },
    ]);
  });

  it("keeps each size in a folder of its own", async () => {
    const folder = await tempFolder();
    const bytes = await png({ color: [1, 2, 3] });
    await readAll([bytes], { cache: await open(folder) });
    const [tall] = (await readAll([bytes], { cache: await open(folder, { width: 224, height: 320 }) })) as [Poster];
    expect(pixelsOf(tall)).toHaveLength(224 * 320 * 3);
    expect([...pixelsOf(tall).slice(-3)]).toEqual([1, 2, 3]);
    expect((await readdir(folder)).sort()).toEqual(["pixels-v1-224x224", "pixels-v1-224x320"]);
  });

  it("takes no more posters from the source than it may work on at once", async () => {
    const posters = await Promise.all(Array.from({ length: 12 }, (_, seed) => png({ seed: seed + 1 })));
    const pulled = { count: 0 };
    const cache = await open(await tempFolder());
    let given = 0;
    for await (const _ of readPixels(rawPosters(posters, pulled), { cache, concurrency: 3 })) {
      expect(pulled.count - given).toBeLessThanOrEqual(3);
      given++;
    }
    expect([given, pulled.count]).toEqual([12, 12]);
  });

  it("stops between posters when interrupted, and keeps what it decoded", async () => {
    const posters = await Promise.all(Array.from({ length: 12 }, (_, seed) => png({ seed: seed + 1 })));
    const cache = await open(await tempFolder());
    const controller = new AbortController();
    const read: Poster[] = [];
    const reading = (async () => {
      for await (const poster of readPixels(rawPosters(posters), { cache, signal: controller.signal })) {
        if (read.push(poster) === 3) controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({
      name: "Interrupted",
      message: "Interrupted. The posters decoded so far are kept.",
    });
    expect(read).toHaveLength(3);
    for (const bytes of posters.slice(0, 3)) expect(await cache.get(sha256(bytes))).not.toBeNull();
    await expect(readAll(posters, { cache, signal: AbortSignal.abort() })).rejects.toThrow("Interrupted");
  });

  it("fails, rather than skipping posters, when the cache cannot be written", async () => {
    const cache = await openPixels(await tempFolder());
    const full = { ...cache, keep: () => Promise.reject(new Error("no space")) };
    const posters = await Promise.all([1, 2, 3, 4, 5].map((seed) => png({ seed })));
    await expect(readAll(posters, { cache: full })).rejects.toThrow("no space");
    await cache.close();
  });

  it("tells its progress to the end", async () => {
    const told: Progress[] = [];
    const posters = [await png({ seed: 1 }), null, await png({ seed: 2 })];
    await readAll(posters, { cache: await open(await tempFolder()), total: 3, onProgress: (p) => told.push(p) });
    expect(told.at(-1)).toMatchObject({ task: "decoding posters", unit: "posters", done: 3, total: 3 });
    expect(describeProgress(told.at(-1)!)).toMatch(/^decoding posters 3\/3 100%/);
  });
});
