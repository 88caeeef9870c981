import { mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readJson, writeError, writeJson } from "../system/files";
import { inOrder } from "../system/in-order";
import type { HubClient } from "./hub-client";
import { type HubFile, sizeOf } from "./hub-download";
import { changed, readRange, type Shard } from "./hub-range";
import type { ParquetBytes, Piece } from "./parquet-decode";
import { type ByteRange, openParquet, type ParquetFile } from "./parquet-file";

/** Requests at the same time. */
const CONCURRENCY = 8;
/** What is asked for to find the footer in one request. */
const TAIL_BYTES = 65_536;

const piece = z.object({ start: z.number(), end: z.number(), at: z.number() });
const keptSchema = z.object({
  size: z.number(),
  sha256: z.optional(z.string()),
  etag: z.optional(z.string()),
  pieces: z.array(piece),
});

/** What is kept of a shard: all but its images. */
export interface KeptFacts {
  shard: Shard;
  bytes: ParquetBytes;
}

/** Where the facts of a shard are kept, and the list of their places beside. */
function pathsOf(folder: string, path: string): { facts: string; list: string } {
  const facts = join(folder, "facts", `${path}.bin`);
  return { facts, list: `${facts}.json` };
}

/** Whether the facts of a shard are kept in a commit's folder. */
export async function hasFacts({ path }: HubFile, folder: string): Promise<boolean> {
  return (await sizeOf(pathsOf(folder, path).list)) > 0;
}

/**
 * The facts of a shard, downloaded by ranges into the commit's folder unless they are there: its footer, and of each row
 * group the columns without the image.
 */
export async function keepFacts(
  client: HubClient,
  file: HubFile & { commit: string },
  { folder, onBytes }: { folder: string; onBytes: (bytes: number) => void },
): Promise<KeptFacts> {
  const kept = await readKept(client, file, folder);
  if (kept) return kept;
  const shard: Shard = { ...file };
  const { facts, list } = pathsOf(folder, file.path);
  await mkdir(dirname(facts), { recursive: true }).catch((thrown) => {
    throw writeError(dirname(facts), thrown);
  });
  const pieces = await downloadFacts(client, shard, { path: `${facts}.partial`, onBytes });
  await rename(`${facts}.partial`, facts).catch((thrown) => {
    throw writeError(facts, thrown);
  });
  await writeJson(list, { size: file.size, sha256: file.sha256, etag: shard.etag, pieces });
  return { shard, bytes: { held: facts, pieces: { size: file.size, of: pieces } } };
}

async function readKept(
  client: HubClient,
  file: HubFile & { commit: string },
  folder: string,
): Promise<KeptFacts | undefined> {
  const { facts, list } = pathsOf(folder, file.path);
  const { data } = keptSchema.safeParse(await readJson(list).catch(() => undefined));
  if (!data) return undefined;
  if (data.size !== file.size || data.sha256 !== file.sha256) throw changed(client.name, file.path);
  // what was cut off behind our back is downloaded anew
  if ((await sizeOf(facts)) !== data.pieces.reduce((sum, { start, end }) => sum + end - start, 0)) return undefined;
  return { shard: { ...file, etag: data.etag }, bytes: { held: facts, pieces: { size: data.size, of: data.pieces } } };
}

async function downloadFacts(
  client: HubClient,
  shard: Shard,
  { path, onBytes }: { path: string; onBytes: (bytes: number) => void },
): Promise<Piece[]> {
  const read = async (range: ByteRange) => ({ range, bytes: await readRange(client, shard, range, onBytes) });
  const ends = await readEnds(shard, read);
  const parquet = await openShard(shard, { client, footer: bytesOf(shard, ends) });
  const ranges = parquet.groupRows.flatMap((_, group) => parquet.factRanges(group));
  const pieces: Piece[] = [];
  let output: Awaited<ReturnType<typeof open>> | undefined;
  let at = 0;
  try {
    output = await open(path, "w");
    const write = async ({ range, bytes }: Part) => {
      await output?.writeFile(bytes);
      pieces.push({ ...range, at });
      at += bytes.length;
    };
    for (const end of ends) await write(end);
    for await (const part of inOrder(ranges, read, CONCURRENCY)) await write(part);
    await output.sync();
    return pieces;
  } catch (thrown) {
    throw (thrown as NodeJS.ErrnoException).code ? writeError(path, thrown) : thrown;
  } finally {
    await output?.close();
  }
}

interface Part {
  range: ByteRange;
  bytes: Uint8Array;
}

/** The first four bytes of a shard and its footer, which is as long as its last eight bytes say. */
async function readEnds({ size }: Shard, read: (range: ByteRange) => Promise<Part>): Promise<Part[]> {
  if (size < 12) return size > 0 ? [await read({ start: 0, end: size })] : [];
  const begin = await read({ start: 0, end: 4 });
  const tail = await read({ start: Math.max(4, size - TAIL_BYTES), end: size });
  const length = Buffer.from(tail.bytes).readUInt32LE(tail.bytes.length - 8);
  const start = Math.max(4, size - 8 - length);
  if (start < tail.range.start) return [begin, await read({ start, end: size })];
  return [begin, { range: { start, end: size }, bytes: tail.bytes.subarray(start - tail.range.start) }];
}

function bytesOf({ size }: Shard, parts: readonly Part[]): ParquetBytes {
  let at = 0;
  const pieces = parts.map(({ range, bytes }) => {
    at += bytes.length;
    return { ...range, at: at - bytes.length };
  });
  return { held: Buffer.concat(parts.map(({ bytes }) => bytes)), pieces: { size, of: pieces } };
}

/** A shard as a parquet file: its facts are where its footer is, its images are asked of the hub. */
export function openShard(
  shard: Shard,
  { client, footer, onBytes }: { client: HubClient; footer: ParquetBytes; onBytes?: (bytes: number) => void },
): Promise<ParquetFile> {
  return openParquet({
    path: `${shard.path} of ${client.name}`,
    name: shard.path,
    footer,
    facts: async () => footer,
    images: async (ranges) => {
      const parts: Part[] = [];
      for (const range of ranges) parts.push({ range, bytes: await readRange(client, shard, range, onBytes) });
      return bytesOf(shard, parts);
    },
  });
}
