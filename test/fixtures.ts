import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CompressionCodec, SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import sharp from "sharp";
import { afterAll } from "vitest";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A new empty folder that is removed after the test file's last test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "movie-revenue-test-"));
  folders.push(folder);
  return folder;
}

/** A signal that is aborted once it has been asked so many times: training asks after each step, and in validation. */
export function abortedAfter(asked: number): AbortSignal {
  let times = 0;
  const signal = {
    get aborted() {
      return ++times > asked;
    },
  };
  return signal as AbortSignal;
}

/** What `encode` paints: a plain colour, or noise that depends on `seed` alone, so that two posters differ. */
export interface Picture {
  width?: number;
  height?: number;
  /** Red, green, blue, 0 to 255. */
  color?: [number, number, number];
  seed?: number;
}

/** JPEG bytes of a small picture, 12 × 18 where no size is given. */
export function jpeg(picture: Picture = {}): Promise<Uint8Array> {
  return encode(picture, "jpeg");
}

/** PNG bytes of a small picture, 12 × 18 where no size is given. */
export function png(picture: Picture = {}): Promise<Uint8Array> {
  return encode(picture, "png");
}

async function encode(
  { width = 12, height = 18, color, seed = 1 }: Picture,
  format: "jpeg" | "png",
): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height * 3);
  // Park and Miller's minimal standard generator (1988): the same noise everywhere
  for (let i = 0, state = seed % 2147483647 || 1; i < pixels.length; i++) {
    state = (state * 48271) % 2147483647;
    pixels[i] = color ? color[i % 3]! : state % 256;
  }
  return new Uint8Array(
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .toFormat(format)
      .toBuffer(),
  );
}

/** A row in the schema of the parquet files; null anywhere is a parquet null. */
export interface FilmRecord {
  id: number | bigint | null;
  image: { bytes: Uint8Array | null; path: string | null } | null;
  title: string | null;
  genres: { id: number; name: string | null }[] | null;
  overview: string | null;
  popularity: number | null;
  release_date: string | null;
  budget: number | null;
  revenue: number | null;
  tagline: string | null;
  original_language: string | null;
  runtime: number | null;
}

/** A complete record of an invented film; what is given in `facts` replaces the rest. */
export function filmRecord(id: number, facts: Partial<FilmRecord> = {}): FilmRecord {
  return {
    id,
    image: { bytes: Uint8Array.of(0xff, 0xd8, id & 255), path: `${id}.jpg` },
    title: `Film ${id}`,
    genres: [
      { id: 28, name: "Action" },
      { id: 35, name: "Comedy" },
    ],
    overview: `The story of film ${id}.`,
    popularity: 1.5,
    release_date: "2001-02-03",
    budget: 5_000_000,
    revenue: 20_000_000,
    tagline: "",
    original_language: "en",
    runtime: 101,
    ...facts,
  };
}

const optional = { repetition_type: "OPTIONAL" } as const;
const utf8 = { type: "BYTE_ARRAY", converted_type: "UTF8", ...optional } as const;
const int64 = { type: "INT64", ...optional } as const;

/** The elements of each column as `datasets` writes them: pyarrow's three-level list, a struct for the image. */
export const FILM_SCHEMA: Record<keyof FilmRecord, SchemaElement[]> = {
  id: [{ name: "id", ...int64 }],
  image: [
    { name: "image", num_children: 2, ...optional },
    { name: "bytes", type: "BYTE_ARRAY", ...optional },
    { name: "path", ...utf8 },
  ],
  title: [{ name: "title", ...utf8 }],
  genres: [
    { name: "genres", num_children: 1, converted_type: "LIST", ...optional },
    { name: "list", num_children: 1, repetition_type: "REPEATED" },
    { name: "element", num_children: 2, ...optional },
    { name: "id", ...int64 },
    { name: "name", ...utf8 },
  ],
  overview: [{ name: "overview", ...utf8 }],
  popularity: [{ name: "popularity", type: "DOUBLE", ...optional }],
  release_date: [{ name: "release_date", ...utf8 }],
  budget: [{ name: "budget", ...int64 }],
  revenue: [{ name: "revenue", ...int64 }],
  tagline: [{ name: "tagline", ...utf8 }],
  original_language: [{ name: "original_language", ...utf8 }],
  runtime: [{ name: "runtime", ...int64 }],
};

/** How `writeFilms` departs from the schema. */
export interface WriteOptions {
  rowGroupSize?: number;
  codec?: CompressionCodec;
  compressors?: { [K in CompressionCodec]?: (bytes: Uint8Array) => Uint8Array };
  /** Columns that are not written. */
  omit?: string[];
  /** Columns written under another type: their elements and their values, a value for each row. */
  replace?: Record<string, { elements: SchemaElement[]; values: unknown[] }>;
}

/** Writes a parquet file of films and gives its path. */
export async function writeFilms(
  path: string,
  films: readonly FilmRecord[],
  options: WriteOptions = {},
): Promise<string> {
  const { rowGroupSize = 100, codec = "SNAPPY", compressors, omit = [], replace = {} } = options;
  const names = Object.keys(FILM_SCHEMA).filter((name) => !omit.includes(name)) as (keyof FilmRecord)[];
  const schema: SchemaElement[] = [
    { name: "schema", repetition_type: "REQUIRED", num_children: names.length },
    ...names.flatMap((name) => replace[name]?.elements ?? FILM_SCHEMA[name]),
  ];
  const columnData = names.map((name) => ({
    name,
    data: replace[name]?.values ?? films.map((film) => parquetValue(name, film[name])),
  }));
  await writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData, schema, rowGroupSize, codec, compressors })));
  return path;
}

function parquetValue(name: keyof FilmRecord, value: unknown): unknown {
  if (name === "genres") return (value as FilmRecord["genres"])?.map((genre) => ({ ...genre, id: BigInt(genre.id) }));
  return FILM_SCHEMA[name][0]?.type === "INT64" && typeof value === "number" ? BigInt(value) : (value ?? undefined);
}
