import { join } from "node:path";
import { throwIfInterrupted, UserError } from "../errors";
import { cachedPixels, type PixelCache } from "../posters/pixels";
import { type ProgressListener, ProgressMeter } from "../progress";
import { sha256 } from "../system/files";
import { openStore, type Store } from "../system/store";
import { type Line, openReader, type ReaderFiles, readerFiles } from "./reader";

export interface WritingOptions {
  /** Folder of the cache. */
  cache: string;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Lines of which the recogniser is less sure are not counted as read. */
const SURELY = 0.6;

/**
 * What is written on posters of the pixel cache, each known by its SHA-256: the lines that are read surely, from the top, one
 * below the other. Kept for each poster, so that a second call costs a read.
 */
export async function writingOn(
  posters: readonly string[],
  pixels: PixelCache,
  { cache, ...options }: WritingOptions,
): Promise<string[]> {
  const files = await readerFiles();
  const store = await openStore(join(cache, "writing-v1"), { kind: "lines read on posters" });
  try {
    const keyOf = (poster: string) => sha256(JSON.stringify([poster, files.hash, pixels.size]));
    const missing = [...new Set(posters)].filter((poster) => !store.has(keyOf(poster)));
    if (missing.length > 0) await readMissing(missing, { files, pixels, store, keyOf, ...options });
    return await Promise.all(
      posters.map(async (poster) => {
        const kept = await store.get(keyOf(poster));
        if (!kept)
          throw new UserError(`The cache of lines read on posters in ${cache} is damaged: delete it and run again.`);
        const lines = JSON.parse(Buffer.from(kept).toString("utf8")) as Line[];
        return lines.flatMap(({ text, sure }) => (sure > SURELY ? text : [])).join("\n");
      }),
    );
  } finally {
    await store.close();
  }
}

interface Reading extends Omit<WritingOptions, "cache"> {
  files: ReaderFiles;
  pixels: PixelCache;
  store: Store;
  keyOf: (poster: string) => string;
}

/** Reads posters and keeps every line, sure or not. */
async function readMissing(
  posters: readonly string[],
  { files, pixels, store, keyOf, onProgress, signal }: Reading,
): Promise<void> {
  const reader = await openReader(files);
  const meter = new ProgressMeter("reading what is written on posters", "posters", onProgress, posters.length);
  try {
    for (const poster of posters) {
      throwIfInterrupted(signal, "What was read so far is kept.");
      const lines = await reader.read({ ...pixels.size, data: await cachedPixels(pixels, poster) });
      await store.put(keyOf(poster), Buffer.from(JSON.stringify(lines)));
      meter.advance(1);
    }
  } finally {
    await reader.close();
  }
}
