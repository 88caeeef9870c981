import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { SchemaElement } from "hyparquet";
import { parquetSource } from "movie-revenue/catalogue/parquet";
import { parseRow } from "movie-revenue/catalogue/row";
import { Random } from "movie-revenue/random";
import { beforeAll, describe, expect, it } from "vitest";
import { FILM_SCHEMA, type FilmRecord, filmRecord, tempFolder, type WriteOptions, writeFilms } from "../fixtures.ts";
import { checkSentence, refusal, suite } from "./suite.ts";

const tried = suite("parquet");

/** What a damaged file costs: the whole of it, by a sentence, or as many of its rows as are said to be invalid. */
type Outcome = { refused: string } | { rows: number; invalid: number };

async function readAll(path: string): Promise<Outcome> {
  let rows = 0;
  let invalid = 0;
  const refused = await refusal(async () => {
    const source = await parquetSource(path);
    for await (const raw of source.rows()) {
      const result = parseRow(raw);
      expect(raw.row).toBe(rows++);
      if (!("invalid" in result)) continue;
      invalid++;
      checkSentence(result.invalid.reason);
    }
    expect(rows).toBe(source.count);
    const all = Array.from({ length: rows }, (_, row) => row);
    for await (const { bytes } of source.posters(all)) expect(bytes === null || bytes instanceof Uint8Array).toBe(true);
  });
  return refused === null ? { rows, invalid } : { refused };
}

const FILMS = Array.from({ length: 12 }, (_, i) => {
  const bytes = Uint8Array.from({ length: 40 }, (_, at) => (at * 7 + i * 31) & 255);
  return filmRecord(i + 1, { image: { bytes, path: `${i}.jpg` }, overview: i % 3 === 0 ? "" : `The story of ${i}.` });
});

const WAYS: Record<string, WriteOptions> = {
  snappy: { rowGroupSize: 5 },
  gzip: { rowGroupSize: 12, codec: "GZIP", compressors: { GZIP: (bytes) => gzipSync(bytes) } },
  plain: { rowGroupSize: 12, codec: "UNCOMPRESSED" },
};

describe.each(Object.entries(WAYS))("a small parquet file, %s", (way, options) => {
  let path = "";
  let whole: Buffer;
  beforeAll(async () => {
    path = await writeFilms(join(await tempFolder(), "films.parquet"), FILMS, options);
    whole = await readFile(path);
    expect(await readAll(path)).toEqual({ rows: 12, invalid: 0 });
  });
  const damaged = async (bytes: Uint8Array): Promise<Outcome> => {
    await writeFile(path, bytes);
    return readAll(path);
  };

  it("is refused where it is cut, at any byte", async () => {
    const lengths = tried.seeds(whole.length);
    await tried.all(lengths, async (length) => {
      expect(await damaged(whole.subarray(0, length))).toHaveProperty("refused");
    });
  });

  it("is read or refused with any bits flipped", async () => {
    // about one in a hundred sends the decoder round in circles, which costs the ten seconds until it is stopped
    await tried.all(tried.seeds(150), async (seed) => {
      const random = new Random([seed, way.length]);
      const bytes = Buffer.from(whole);
      for (let times = 1 + random.integer(4); times > 0; times--) {
        bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8);
      }
      await damaged(bytes);
    });
  });

  it("is read or refused with any byte of its footer another", async () => {
    const footer = whole.readUInt32LE(whole.length - 8) + 8;
    await tried.all(tried.seeds(2000), async (seed) => {
      const random = new Random([seed, 77]);
      const bytes = Buffer.from(whole);
      const at = bytes.length - 1 - random.integer(footer);
      // thrift's varints: runs of high bytes claim huge numbers
      const run = 1 + random.integer(5);
      for (let i = at; i < Math.min(at + run, bytes.length); i++)
        bytes[i] = random.integer(3) === 0 ? random.integer(256) : 0xff;
      await damaged(bytes);
    });
  });
});

const optional = { repetition_type: "OPTIONAL" } as const;
const TYPES: Record<string, { element: Omit<SchemaElement, "name">; values: unknown[] }> = {
  text: {
    element: { type: "BYTE_ARRAY", converted_type: "UTF8", ...optional },
    values: ["x\0y", "1,000", "-3", "\u202e", "NaN"],
  },
  bytes: { element: { type: "BYTE_ARRAY", ...optional }, values: [Uint8Array.of(0xff, 0xfe), Uint8Array.of()] },
  int64: { element: { type: "INT64", ...optional }, values: [-1n, 0n, 2n ** 62n, -(2n ** 62n), 9007199254740993n] },
  int32: { element: { type: "INT32", ...optional }, values: [-1, 0, 2 ** 31 - 1] },
  double: {
    element: { type: "DOUBLE", ...optional },
    values: [Number.NaN, Infinity, -Infinity, -0, 1e308, 5e-324, 0.5],
  },
  boolean: { element: { type: "BOOLEAN", ...optional }, values: [true, false] },
  date: { element: { type: "INT32", converted_type: "DATE", ...optional }, values: [0, -719529, 2 ** 30] },
  json: { element: { type: "BYTE_ARRAY", converted_type: "JSON", ...optional }, values: [{ a: 1 }] },
};

describe("a parquet file of other columns", () => {
  const columns = Object.keys(FILM_SCHEMA) as (keyof FilmRecord)[];

  it("is read or refused where any column is missing", async () => {
    const folder = await tempFolder();
    const required = ["id", "title", "revenue", "image"];
    await tried.all(columns, async (column) => {
      const path = await writeFilms(join(folder, "f.parquet"), FILMS, { omit: [column] });
      const outcome = await readAll(path);
      if (required.includes(column)) expect(outcome).toMatchObject({ refused: expect.stringContaining(`"${column}"`) });
      else expect(outcome).toEqual({ rows: 12, invalid: 0 });
    });
  });

  const cases = columns.flatMap((column) => Object.keys(TYPES).map((type) => ({ column, type })));
  it("is read row by row, or refused, where any column is of another type or name", async () => {
    const folder = await tempFolder();
    await tried.all(
      cases,
      async ({ column, type }) => {
        const { element, values } = TYPES[type]!;
        const all = FILMS.map((_, i) => values[i % values.length]);
        const replaced = (name: string): WriteOptions => ({
          replace: { [column]: { elements: [{ name, ...element }], values: all } },
        });
        const outcome = await readAll(await writeFilms(join(folder, "f.parquet"), FILMS, replaced(column)));
        if ("rows" in outcome) expect(outcome.rows).toBe(12);
      },
      ({ column, type }) => `${column} as ${type}`,
    );
  });
});
