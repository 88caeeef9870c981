import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RawPoster } from "../catalogue/source";
import { reasonOf, throwIfInterrupted, UserError } from "../errors";
import { type ProgressListener, ProgressMeter } from "../progress";
import { sha256 } from "../system/files";
import { inOrder } from "../system/in-order";
import { openStore, type Store } from "../system/store";
import { decode, type Image } from "./decode";
import { perceptualHash } from "./hash";
import { reduce } from "./reduce";
import { resize } from "./resample";

/** Pixels of a poster as the models read it. */
export const SIZE = { width: 224, height: 224 };

/** To be raised whenever the same bytes would give other pixels or another hash, so that old caches are not read. */
const TRANSFORM = "pixels-v1";
/** The same of reduced posters. */
const REDUCTION = "posters-v1";
const HASH_BYTES = 8;

/** A poster that could be read, height × width × 3 bytes, and its 64-bit perceptual hash. */
export interface Look {
  hash: bigint;
  pixels: Uint8Array;
}

/** A poster that was decoded, known by the SHA-256 of its encoded bytes; or one that could not be, with the reason. */
export type Poster = ({ row: number; sha256: string } & Look) | { row: number; reason: string };

/**
 * Decoded posters on disk, found by the SHA-256 of their encoded bytes. Of those of a large source the encoded bytes are
 * kept instead, a tenth of the pixels, and decoded whenever they are asked for.
 */
export interface PixelCache {
  size: { width: number; height: number };
  has(sha256: string): boolean;
  /** The pixels, height × width × 3 bytes, or null where they are not kept. */
  get(sha256: string): Promise<Uint8Array | null>;
  look(sha256: string): Promise<Look | null>;
  keep(sha256: string, look: Look): Promise<void>;
  /** The encoded bytes, or null where they are not what is kept. */
  getEncoded(sha256: string): Promise<Uint8Array | null>;
  keepEncoded(sha256: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The pixels of a poster that was decoded before; a `UserError` where the cache has lost it. */
export async function cachedPixels(pixels: PixelCache, poster: string): Promise<Uint8Array> {
  const found = await pixels.get(poster);
  if (found) return found;
  throw new UserError(`The pixel cache no longer holds poster ${poster}: run the command again.`);
}

/** Opens the cache of posters resized to `size` (multiples of 32), in a folder of its own under `folder`. */
export async function openPixels(folder: string, size: { width: number; height: number } = SIZE): Promise<PixelCache> {
  const { width, height } = size;
  const store = await openStore(join(folder, `${TRANSFORM}-${width}x${height}`), {
    recordBytes: HASH_BYTES + width * height * 3,
    kind: "decoded posters",
  });
  const openEncoded = () => openStore(join(folder, REDUCTION), { kind: "reduced posters" });
  let encoded: Store | undefined = existsSync(join(folder, REDUCTION)) ? await openEncoded() : undefined;
  let opening: Promise<Store> | undefined;
  const look = async (key: string): Promise<Look | null> => {
    const record = await store.get(key);
    if (record) return fromRecord(record);
    const bytes = await encoded?.get(key);
    return bytes ? lookOf(await decode(bytes), size) : null;
  };
  return {
    size,
    has: (key) => store.has(key) || (encoded?.has(key) ?? false),
    look,
    get: async (key) => (await look(key))?.pixels ?? null,
    keep: (key, kept) => store.put(key, toRecord(kept)),
    getEncoded: async (key) => (await encoded?.get(key)) ?? null,
    keepEncoded: async (key, bytes) => {
      if (!encoded) opening ??= openEncoded();
      encoded ??= await opening;
      await encoded?.put(key, bytes);
    },
    close: async () => {
      await store.close();
      await encoded?.close();
    },
  };
}

function lookOf(image: Image, { width, height }: PixelCache["size"]): Look {
  const pixels = resize(image, width, height);
  return { hash: perceptualHash(pixels, width, height), pixels };
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
  /** Whether posters are reduced, and kept so instead of as pixels: what is yielded is then the reduced poster. */
  reduced?: boolean;
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
  { cache, reduced = false, concurrency = 4, total, signal, onProgress }: ReadOptions,
): AsyncGenerator<Poster> {
  const meter = new ProgressMeter("decoding posters", "posters", onProgress, total);
  const read = (raw: RawPoster): Promise<Poster> => {
    throwIfInterrupted(signal, "The posters decoded so far are kept.");
    return reduced ? readReduced(raw, cache) : readPoster(raw, cache);
  };
  for await (const poster of inOrder(posters, read, concurrency)) {
    meter.advance(1);
    yield poster;
  }
}

async function readPoster({ row, bytes, problem = "has no image" }: RawPoster, cache: PixelCache): Promise<Poster> {
  if (!bytes?.length) return { row, reason: problem };
  const key = sha256(bytes);
  const kept = await cache.look(key);
  if (kept) return { row, sha256: key, ...kept };
  const image = await imageOr(bytes);
  if (typeof image === "string") return { row, reason: image };
  const look = lookOf(image, cache.size);
  await cache.keep(key, look);
  return { row, sha256: key, ...look };
}

async function readReduced({ row, bytes, problem = "has no image" }: RawPoster, cache: PixelCache): Promise<Poster> {
  if (!bytes?.length) return { row, reason: problem };
  const image = await imageOr(bytes);
  if (typeof image === "string") return { row, reason: image };
  const poster = await reduce(bytes, image);
  await cache.keepEncoded(poster.sha256, poster.bytes);
  return { row, sha256: poster.sha256, ...lookOf(poster.image, cache.size) };
}

/** The decoded image, or why there is none. */
function imageOr(bytes: Uint8Array): Promise<Image | string> {
  return decode(bytes).catch(reasonOf);
}
