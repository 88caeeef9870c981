import { type FileHandle, open } from "node:fs/promises";
import * as zlib from "node:zlib";
import { readError } from "../system/files";

// hyparquet is ESM only: its types, as its functions, come through a dynamic import
export const hyparquet = () => import("hyparquet");
type Hyparquet = Awaited<ReturnType<typeof hyparquet>>;
export type AsyncBuffer = Parameters<Hyparquet["parquetMetadataAsync"]>[0];
export type FileMetaData = Awaited<ReturnType<Hyparquet["parquetMetadataAsync"]>>;
export type SchemaTree = ReturnType<Hyparquet["parquetSchema"]>;

/** Bytes `start` to `end` of a file, which lie from `at` on in what holds them. */
export interface Piece {
  start: number;
  end: number;
  at: number;
}

/** Where the bytes of a parquet file are: in a file on the disk, or in memory; all of them, or these `pieces`. */
export interface ParquetBytes {
  held: string | Uint8Array;
  pieces?: { size: number; of: readonly Piece[] };
}

/** Rows of a parquet file, decoded: the first `rows` of `metadata`'s row groups. */
export interface DecodeJob {
  bytes: ParquetBytes;
  metadata: FileMetaData;
  rows: number;
  columns: string[];
  utf8?: boolean;
}

/** Decodes the rows, under the names of their columns; rejects with whatever hyparquet throws. */
export async function decodeRows({ bytes, rows, ...options }: DecodeJob): Promise<Record<string, unknown>[]> {
  const { parquetReadObjects } = await hyparquet();
  const read = { ...options, rowStart: 0, rowEnd: rows, geoparquet: false, compressors };
  return withBuffer(bytes, (file) => parquetReadObjects({ file, ...read }));
}

/** Reads bytes `start` to `end` of what is held. */
type Read = (start: number, end: number) => Promise<ArrayBuffer>;

/** Opens the bytes for as long as `use` takes, so that a reader who stops early leaves nothing open. */
export async function withBuffer<T>(
  { held, pieces }: ParquetBytes,
  use: (file: AsyncBuffer) => Promise<T>,
): Promise<T> {
  if (typeof held !== "string") {
    // a copy: a view would give all of what it is a part of
    const read: Read = async (start, end) => new Uint8Array(held.subarray(start, end)).buffer;
    return use(bufferOf(read, held.length, pieces));
  }
  let handle: FileHandle;
  try {
    handle = await open(held, "r");
  } catch (thrown) {
    throw readError(held, thrown);
  }
  try {
    const { size } = await handle.stat();
    return await use(bufferOf((start, end) => readRange(handle, start, end), size, pieces));
  } finally {
    await handle.close();
  }
}

function bufferOf(read: Read, size: number, pieces: ParquetBytes["pieces"]): AsyncBuffer {
  const byteLength = pieces?.size ?? size;
  const of = pieces?.of ?? [{ start: 0, end: size, at: 0 }];
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      const piece = of.find((piece) => start >= piece.start && start <= end && end <= piece.end);
      // a damaged footer can ask for anything: refuse before allocating
      if (!piece) throw new Error(`bytes ${start} to ${end} of ${byteLength} are asked for`);
      return read(start - piece.start + piece.at, end - piece.start + piece.at);
    },
  };
}

async function readRange(handle: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    filled += bytesRead;
  }
  return bytes.buffer;
}

/** hyparquet reads plain and snappy pages by itself; Node's zlib knows these (zstd since 22.15). */
type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;
const compressors: { GZIP: Decompress; BROTLI: Decompress; ZSTD?: Decompress } = {
  GZIP: (bytes, length) => zlib.gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (bytes, length) => zlib.brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
};
const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync?: typeof zlib.gunzipSync };
if (zstdDecompressSync) {
  compressors.ZSTD = (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) });
}

/** The compressions that can be read here. */
export const CODECS: readonly string[] = ["UNCOMPRESSED", "SNAPPY", ...Object.keys(compressors)];
