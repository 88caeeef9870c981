import { type FileHandle, open } from "node:fs/promises";
import * as zlib from "node:zlib";
import { readError } from "../files";

// hyparquet is ESM only: its types, as its functions, come through a dynamic import
export const hyparquet = () => import("hyparquet");
type Hyparquet = Awaited<ReturnType<typeof hyparquet>>;
export type AsyncBuffer = Parameters<Hyparquet["parquetMetadataAsync"]>[0];
export type FileMetaData = Awaited<ReturnType<Hyparquet["parquetMetadataAsync"]>>;
export type SchemaTree = ReturnType<Hyparquet["parquetSchema"]>;

/** Rows of a parquet file, decoded: the first `rows` of `metadata`'s row groups. */
export interface DecodeJob {
  path: string;
  metadata: FileMetaData;
  rows: number;
  columns: string[];
  utf8?: boolean;
}

/** Decodes the rows, under the names of their columns; rejects with whatever hyparquet throws. */
export async function decodeRows({ path, rows, ...options }: DecodeJob): Promise<Record<string, unknown>[]> {
  const { parquetReadObjects } = await hyparquet();
  const read = { ...options, rowStart: 0, rowEnd: rows, geoparquet: false, compressors };
  return withBuffer(path, (file) => parquetReadObjects({ file, ...read }));
}

/** Opens the file for as long as `use` takes, so that a reader who stops early leaves nothing open. */
export async function withBuffer<T>(path: string, use: (file: AsyncBuffer) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (thrown) {
    throw readError(path, thrown);
  }
  try {
    const { size } = await handle.stat();
    return await use({ byteLength: size, slice: (start, end = size) => readRange(handle, start, end, size) });
  } finally {
    await handle.close();
  }
}

async function readRange(handle: FileHandle, start: number, end: number, size: number): Promise<ArrayBuffer> {
  // a damaged footer can ask for anything: refuse before allocating
  if (!(start >= 0 && start <= end && end <= size))
    throw new Error(`bytes ${start} to ${end} of ${size} are asked for`);
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
