import { basename } from "node:path";
import { reasonOf, UserError } from "../errors";
import { FACT_COLUMNS, printable, REQUIRED_COLUMNS, requireColumns } from "./columns";
import {
  CODECS,
  type FileMetaData,
  hyparquet,
  type ParquetBytes,
  type Piece,
  type SchemaTree,
  withBuffer,
} from "./parquet-decode";
import { decodeInThread } from "./parquet-thread";

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
  /** Where a row group's facts, or its images, lie. */
  factRanges(group: number): ByteRange[];
  imageRanges(group: number): ByteRange[];
  /** The facts of these rows, or `DamagedRows`, under the schema's names, without reading any image. */
  readFacts(range: RowRange): Promise<Record<string, unknown>[]>;
  /** The image structs of these rows, or `DamagedRows`, without reading any other column. */
  readImages(range: RowRange): Promise<{ image?: unknown }[]>;
}

/** The rows of one row group cannot be decoded; others may. The message is what is wrong with each of them. */
export class DamagedRows extends Error {
  override name = "DamagedRows";
}

/** Where a parquet file that is not a file on this disk is read from. */
export interface ParquetPlaces {
  /** The name in messages about damage. */
  path: string;
  /** The name shown to users of a row. */
  name: string;
  /** Its first four bytes and its footer. */
  footer: ParquetBytes;
  /** The columns of a row group, whose bytes lie within `ranges`. */
  facts(ranges: readonly ByteRange[]): Promise<ParquetBytes>;
  images(ranges: readonly ByteRange[]): Promise<ParquetBytes>;
}

/** Bytes of a file; `end` is exclusive. */
export type ByteRange = Pick<Piece, "start" | "end">;

/** Reads the footer and checks the columns; every way to fail is a `UserError` that names the path. */
export async function openParquetFile(path: string, name = basename(path)): Promise<ParquetFile> {
  const whole = { held: path };
  return openParquet({ path, name, footer: whole, facts: async () => whole, images: async () => whole });
}

/** The same of a file whose parts lie in several places. */
export async function openParquet({ path, name, footer, ...places }: ParquetPlaces): Promise<ParquetFile> {
  const { metadata, columns } = await readFooter(path, footer);
  requireColumns([...columns.keys()], path, [...REQUIRED_COLUMNS, "image"]);
  const facts = FACT_COLUMNS.filter((column) => columns.has(column));
  for (const column of [...facts, "image"]) checkColumn(path, column, columns.get(column) as SchemaTree);
  checkCodecs(path, metadata, [...facts, "image"]);
  const image = ["image"];
  return {
    name,
    groupRows: metadata.row_groups.map((group) => Number(group.num_rows)),
    factRanges: (group) => rangesOf(metadata, group, facts),
    imageRanges: (group) => rangesOf(metadata, group, image),
    readFacts: (range) => readColumns(path, metadata, range, { columns: facts, from: places.facts }),
    // without `utf8: false` the bytes of an image come back as mangled text
    readImages: (range) => readColumns(path, metadata, range, { columns: image, utf8: false, from: places.images }),
  };
}

/** Columns nearer to each other than this are read in one piece; hyparquet itself skips no gap of 8 KiB. */
const GAP_BYTES = 16_384;

/** Where the columns of a row group lie, in order, neighbours joined. */
function rangesOf(metadata: FileMetaData, group: number, columns: readonly string[]): ByteRange[] {
  const chunks = (metadata.row_groups[group]?.columns ?? []).flatMap(({ meta_data: meta }) => {
    if (!meta || !columns.includes(meta.path_in_schema[0] ?? "")) return [];
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    return [{ start, end: start + Number(meta.total_compressed_size) }];
  });
  const joined: ByteRange[] = [];
  for (const chunk of chunks.sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && chunk.start - last.end < GAP_BYTES) last.end = Math.max(last.end, chunk.end);
    else joined.push(chunk);
  }
  return joined;
}

async function readColumns(
  path: string,
  metadata: FileMetaData,
  { start, end }: RowRange,
  { from, ...options }: { columns: string[]; utf8?: boolean; from: ParquetPlaces["facts"] },
): Promise<Record<string, unknown>[]> {
  try {
    const { groups, group, offset } = groupsOf(metadata, start);
    const bytes = await from(rangesOf(metadata, group, options.columns));
    const records = await decodeInThread({ bytes, metadata: groups, rows: end - offset, ...options });
    return records.slice(start - offset);
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    throw new DamagedRows(`is in the damaged rows ${start} to ${end - 1} of ${path} (${plainReason(thrown)})`);
  }
}

/** More rows than this in one row group would not fit into memory, whatever the footer claims. */
const MAX_GROUP_ROWS = 10_000_000;

/** Nothing is skipped by them here, and in the footers of a million rows they take hundreds of megabytes. */
function forgetStatistics({ row_groups: groups }: FileMetaData): void {
  for (const { meta_data: meta } of groups.flatMap(({ columns }) => columns)) {
    if (meta) for (const key of ["statistics", "size_statistics", "encoding_stats"] as const) delete meta[key];
  }
}

function checkRows(rows: unknown): void {
  if (typeof rows === "bigint" && rows >= 0n && rows <= MAX_GROUP_ROWS) return;
  throw new Error(`a row group of ${printable(rows)} rows`);
}

/** What hyparquet says quotes what lies in the file: nothing that a terminal would obey may come through. */
function plainReason(thrown: unknown): string {
  return reasonOf(thrown)
    .slice(0, 200)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}

/** The metadata of the row group that holds row `start`, that group's number, and how many rows lie before it. */
function groupsOf(metadata: FileMetaData, start: number): { groups: FileMetaData; group: number; offset: number } {
  let offset = 0;
  const group = metadata.row_groups.findIndex(({ num_rows: rows }) => {
    if (offset + Number(rows) > start) return true;
    offset += Number(rows);
    return false;
  });
  // a copy goes to the thread: the group asked for is enough
  return { groups: { ...metadata, row_groups: metadata.row_groups.slice(group, group + 1) }, group, offset };
}

async function readFooter(
  path: string,
  bytes: ParquetBytes,
): Promise<{ metadata: FileMetaData; columns: Map<string, SchemaTree> }> {
  const { parquetMetadataAsync, parquetSchema } = await hyparquet();
  return withBuffer(bytes, async (file) => {
    if (file.byteLength === 0) throw new UserError(`${path} is empty: get the file again.`);
    const begin = Buffer.from(await file.slice(0, Math.min(4, file.byteLength))).toString("latin1");
    if (begin === "PARE") throw new UserError(`${path} is an encrypted parquet file: write it without encryption.`);
    if (begin !== "PAR1") throw new UserError(`${path} is not a parquet file: give a real one, or convert it.`);
    try {
      const metadata = await parquetMetadataAsync(file, { geoparquet: false, initialFetchSize: 8 });
      for (const { num_rows: rows } of metadata.row_groups) checkRows(rows);
      forgetStatistics(metadata);
      return {
        metadata,
        columns: new Map(parquetSchema(metadata).children.map((child) => [child.element.name, child])),
      };
    } catch (thrown) {
      throw new UserError(`${path} is cut off or damaged at its end (${plainReason(thrown)}): get the file again.`);
    }
  });
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

function checkCodecs(path: string, metadata: FileMetaData, columns: readonly string[]): void {
  for (const { meta_data: meta } of metadata.row_groups.flatMap((group) => group.columns)) {
    if (!meta || !columns.includes(meta.path_in_schema[0] ?? "") || CODECS.includes(meta.codec)) continue;
    const newer = meta.codec === "ZSTD" ? ", or use Node 22.15 or later" : "";
    throw new UserError(
      `${path} is compressed with ${printable(String(meta.codec)).slice(1, -1)}, which cannot be read here: write it again with snappy${newer}.`,
    );
  }
}
