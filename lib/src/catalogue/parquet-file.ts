import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import * as zlib from "node:zlib";
import { reasonOf, UserError } from "../errors";
import { readError } from "../files";
import { FACT_COLUMNS, printable, REQUIRED_COLUMNS, requireColumns } from "./columns";

// hyparquet is ESM only: its types, as its functions, come through a dynamic import
const hyparquet = () => import("hyparquet");
type Hyparquet = Awaited<ReturnType<typeof hyparquet>>;
type AsyncBuffer = Parameters<Hyparquet["parquetMetadataAsync"]>[0];
type FileMetaData = Awaited<ReturnType<Hyparquet["parquetMetadataAsync"]>>;
type SchemaTree = ReturnType<Hyparquet["parquetSchema"]>;

/** Rows of one row group, counted from 0 in their file; `end` is exclusive. */
export interface RowRange {
  start: number;
  end: number;
}

/** A parquet file whose footer has been read and whose columns have the types of the schema. */
export interface ParquetFile {
  /** The name shown to users. */
  name: string;
  /** Rows in each row group, in order. */
  groupRows: number[];
  /** The facts of these rows under the schema's names, without reading any image. */
  readFacts(range: RowRange): Promise<Record<string, unknown>[]>;
  /** The image structs of these rows, without reading any other column. */
  readImages(range: RowRange): Promise<{ image?: unknown }[]>;
}

/** Reads the footer and checks the columns; every way to fail is a `UserError` that names the path. */
export async function openParquetFile(path: string, name = basename(path)): Promise<ParquetFile> {
  const metadata = await readFooter(path);
  const { parquetSchema } = await hyparquet();
  const columns = new Map(parquetSchema(metadata).children.map((child) => [child.element.name, child]));
  requireColumns([...columns.keys()], path, [...REQUIRED_COLUMNS, "image"]);
  const facts = FACT_COLUMNS.filter((column) => columns.has(column));
  for (const column of [...facts, "image"]) checkColumn(path, column, columns.get(column) as SchemaTree);
  checkCodecs(path, metadata, [...facts, "image"]);
  return {
    name,
    groupRows: metadata.row_groups.map((group) => Number(group.num_rows)),
    readFacts: (range) => readColumns(path, metadata, range, { columns: facts }),
    // without `utf8: false` the bytes of an image come back as mangled text
    readImages: (range) => readColumns(path, metadata, range, { columns: ["image"], utf8: false }),
  };
}

async function readColumns(
  path: string,
  metadata: FileMetaData,
  { start, end }: RowRange,
  options: { columns: string[]; utf8?: boolean },
): Promise<Record<string, unknown>[]> {
  const { parquetReadObjects } = await hyparquet();
  const read = { metadata, rowStart: start, rowEnd: end, geoparquet: false, compressors, ...options };
  try {
    return await withBuffer(path, (file) => parquetReadObjects({ file, ...read }));
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    const why = reasonOf(thrown);
    throw new UserError(`${path} is damaged in rows ${start} to ${end - 1} (${why}): get the file again.`);
  }
}

async function readFooter(path: string): Promise<FileMetaData> {
  const { parquetMetadataAsync } = await hyparquet();
  return withBuffer(path, async (file) => {
    if (file.byteLength === 0) throw new UserError(`${path} is empty: get the file again.`);
    const begin = Buffer.from(await file.slice(0, Math.min(4, file.byteLength))).toString("latin1");
    if (begin === "PARE") throw new UserError(`${path} is an encrypted parquet file: write it without encryption.`);
    if (begin !== "PAR1") throw new UserError(`${path} is not a parquet file: give a real one, or convert it.`);
    try {
      return await parquetMetadataAsync(file, { geoparquet: false });
    } catch (thrown) {
      throw new UserError(`${path} is cut off or damaged at its end (${reasonOf(thrown)}): get the file again.`);
    }
  });
}

/** Opens the file for as long as `use` takes, so that a reader who stops early leaves nothing open. */
async function withBuffer<T>(path: string, use: (file: AsyncBuffer) => Promise<T>): Promise<T> {
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

/** What a column must hold, by name. */
const WANTED: Record<string, readonly Kind[]> = {
  id: ["numbers"],
  runtime: ["numbers"],
  budget: ["numbers"],
  revenue: ["numbers"],
  genres: ["a list", "text"],
  release_date: ["text", "dates"],
  image: ["images"],
};

type Kind = "numbers" | "text" | "dates" | "a list" | "images" | "nothing" | "values of another type";

function checkColumn(path: string, column: string, tree: SchemaTree): void {
  const wanted = WANTED[column] ?? ["text"];
  const kind = kindOf(tree);
  if (kind === "nothing" || wanted.includes(kind)) return;
  const need = column === "image" ? "a struct of bytes and path" : wanted.join(" or ");
  throw new UserError(`${path}: the column "${column}" holds ${kind}, but must hold ${need}.`);
}

function kindOf({ element, children }: SchemaTree): Kind {
  const marks = [element.converted_type, element.logical_type?.type].map(String);
  const marked = (...names: string[]) => names.some((name) => marks.some((mark) => mark.startsWith(name)));
  if (children.length > 0) {
    const bytes = children.find((child) => child.element.name === "bytes");
    if (marked("LIST")) return "a list";
    return bytes?.element.type === "BYTE_ARRAY" ? "images" : "values of another type";
  }
  if (marked("NULL")) return "nothing";
  if (marked("DATE", "TIMESTAMP") || element.type === "INT96") return "dates";
  if (marked("TIME", "JSON", "BSON", "INTERVAL", "UUID")) return "values of another type";
  if (marked("DECIMAL") || ["INT32", "INT64", "FLOAT", "DOUBLE"].includes(String(element.type))) return "numbers";
  return element.type === "BYTE_ARRAY" ? "text" : "values of another type";
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

function checkCodecs(path: string, metadata: FileMetaData, columns: readonly string[]): void {
  const known = ["UNCOMPRESSED", "SNAPPY", ...Object.keys(compressors)];
  for (const { meta_data: meta } of metadata.row_groups.flatMap((group) => group.columns)) {
    if (!meta || !columns.includes(meta.path_in_schema[0] ?? "") || known.includes(meta.codec)) continue;
    const newer = meta.codec === "ZSTD" ? ", or use Node 22.15 or later" : "";
    throw new UserError(
      `${path} is compressed with ${printable(String(meta.codec)).slice(1, -1)}, which cannot be read here: write it again with snappy${newer}.`,
    );
  }
}
