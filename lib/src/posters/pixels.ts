import { join } from "node:path";
import type { RawPoster } from "../catalogue/source";
import { reasonOf, throwIfInterrupted } from "../errors";
import { sha256 } from "../files";
import { type ProgressListener, ProgressMeter } from "../progress";
import { decode, type Image } from "./decode";
import { perceptualHash } from "./hash";
import { resize } from "./resample";
import { openStore } from "./store";

/** Pixels of a poster as the models read it. */
export const SIZE = { width: 224, height: 224 };

/** To be raised whenever the same bytes would give other pixels or another hash, so that old caches are not read. */
const TRANSFORM = "pixels-v1";
const HASH_BYTES = 8;

/** A poster that could be read, height × width × 3 bytes, and its 64-bit perceptual hash. */
export interface Look {
  hash: bigint;
  pixels: Uint8Array;
}

/** A poster that was decoded, known by the SHA-256 of its encoded bytes; or one that could not be, with the reason. */
export type Poster = ({ row: number; sha256: string } & Look) | { row: number; reason: string };

/** Decoded posters on disk, found by the SHA-256 of their encoded bytes. */
export interface PixelCache {
  size: { width: number; height: number };
  /** The pixels, height × width × 3 bytes, or null where they are not kept. */
  get(sha256: string): Promise<Uint8Array | null>;
  look(sha256: string): Promise<Look | null>;
  keep(sha256: string, look: Look): Promise<void>;
  close(): Promise<void>;
}

/** Opens the cache of posters resized to `size` (multiples of 32), in a folder of its own under `folder`. */
export async function openPixels(folder: string, size: { width: number; height: number } = SIZE): Promise<PixelCache> {
  const { width, height } = size;
  const store = await openStore(join(folder, `${TRANSFORM}-${width}x${height}`), {
    recordBytes: HASH_BYTES + width * height * 3,
    kind: "decoded posters",
  });
  const look = async (key: string): Promise<Look | null> => {
    const record = await store.get(key);
    return record && fromRecord(record);
  };
  return {
    size,
    look,
    get: async (key) => (await look(key))?.pixels ?? null,
    keep: (key, kept) => store.put(key, toRecord(kept)),
    close: () => store.close(),
  };
}

function toRecord({ hash, pixels }: Look): Uint8Array {
  const record = Buffer.allocUnsafe(HASH_BYTES + pixels.length);
  record.writeBigUInt64LE(hash);
  record.set(pixels, HASH_BYTES);
  return record;
}

function fromRecord(record: Uint8Array): Look {
  const hash = new DataView(record.buffer, record.byteOffset).getBigUint64(0, true);
  return { hash, pixels: record.subarray(HASH_BYTES) };
}

export interface ReadOptions {
  cache: PixelCache;
  /** Posters decoded at the same time. */
  concurrency?: number;
  /** How many posters there will be, for the progress. */
  total?: number;
  signal?: AbortSignal;
  onProgress?: ProgressListener;
}

/**
 * Decodes and resizes posters, or finds them in the cache, and yields them in their order. One that cannot be read is
 * yielded with its reason. What was decoded before an interruption is kept.
 */
export async function* readPixels(
  posters: AsyncIterable<RawPoster>,
  { cache, concurrency = 4, total, signal, onProgress }: ReadOptions,
): AsyncGenerator<Poster> {
  const meter = new ProgressMeter("decoding posters", "posters", onProgress, total);
  const read = (raw: RawPoster): Promise<Poster> => {
    throwIfInterrupted(signal, "The posters decoded so far are kept.");
    return readPoster(raw, cache);
  };
  for await (const poster of inOrder(posters, read, concurrency)) {
    meter.advance(1);
    yield poster;
  }
}

async function readPoster({ row, bytes }: RawPoster, cache: PixelCache): Promise<Poster> {
  if (!bytes?.length) return { row, reason: "has no image" };
  const key = sha256(bytes);
  const kept = await cache.look(key);
  if (kept) return { row, sha256: key, ...kept };
  let image: Image;
  try {
    image = await decode(bytes);
  } catch (thrown) {
    return { row, reason: reasonOf(thrown) };
  }
  const { width, height } = cache.size;
  const pixels = resize(image, width, height);
  const look = { hash: perceptualHash(pixels, width, height), pixels };
  await cache.keep(key, look);
  return { row, sha256: key, ...look };
}

/** Works on up to `concurrency` items at a time and yields the results in the order of the items. */
async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  concurrency: number,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // whoever awaits it hears of a failure; until then it is not an unhandled rejection
      result.catch(() => {});
      running.push(result);
      if (running.length >= concurrency) yield (await running.shift()) as Result;
    }
    while (running.length > 0) yield (await running.shift()) as Result;
  } finally {
    await Promise.allSettled(running);
  }
}
