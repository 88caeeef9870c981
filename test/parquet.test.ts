import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { parquetSource } from "movie-revenue/catalogue/parquet";
import { parseRow } from "movie-revenue/catalogue/row";
import type { Source } from "movie-revenue/catalogue/source";
import { UserError } from "movie-revenue/errors";
import { describe, expect, it } from "vitest";
import { filmRecord, tempFolder, writeFilms } from "./fixtures.ts";

/** Bytes that are no valid UTF-8, so that text decoding would spoil them. */
const bytesOf = (id: number) => Uint8Array.of(0xff, 0xd8, 0x80, id, 0xc3);
const films = (...ids: number[]) =>
  ids.map((id) => filmRecord(id, { image: { bytes: bytesOf(id), path: `${id}.jpg` } }));

async function idsOf(source: Source): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const { facts } of source.rows()) ids.push(facts.id);
  return ids;
}

async function postersOf(source: Source, rows: number[]): Promise<[number, number[] | null][]> {
  const posters: [number, number[] | null][] = [];
  for await (const { row, bytes } of source.posters(rows)) posters.push([row, bytes && [...bytes]]);
  return posters;
}

async function errorOf(path: string): Promise<string> {
  const thrown = await parquetSource(path).then(
    () => new Error("nothing was thrown"),
    (error: Error) => error,
  );
  expect(thrown).toBeInstanceOf(UserError);
  return thrown.message;
}

describe("rows", () => {
  it("come in order with their place in the file, without the image and popularity", async () => {
    const path = await writeFilms(join(await tempFolder(), "films.parquet"), films(1, 2, 3, 4, 5), { rowGroupSize: 2 });
    const source = await parquetSource(path);
    expect(source.count).toBe(5);
    expect(await idsOf(source)).toEqual([1n, 2n, 3n, 4n, 5n]);
    const rows = [];
    for await (const row of source.rows()) rows.push(row);
    expect(rows.map(({ row, where }) => [row, where])[4]).toEqual([4, "films.parquet row 4"]);
    expect(Object.keys(rows[0]?.facts ?? {}).sort()).toEqual([
      "budget",
      "genres",
      "id",
      "original_language",
      "overview",
      "release_date",
      "revenue",
      "runtime",
      "tagline",
      "title",
    ]);
  });

  it("hold text as strings of any script and nulls as unknown", async () => {
    const odd = filmRecord(7, { title: 'Ō東京 &amp; "x" 🎬', genres: null, overview: null, runtime: null });
    const source = await parquetSource(await writeFilms(join(await tempFolder(), "f.parquet"), [odd]));
    for await (const raw of source.rows()) {
      expect(parseRow(raw)).toMatchObject({
        row: { id: 7, title: 'Ō東京 &amp; "x" 🎬', genres: [], overview: "", runtime: null },
      });
    }
  });

  it("are read from the files of a folder in the order of their names", async () => {
    const folder = await tempFolder();
    await writeFilms(join(folder, "b.parquet"), films(3));
    await writeFilms(join(folder, "a.parquet"), films(1, 2));
    await writeFile(join(folder, "._a.parquet"), "left by another system");
    await writeFile(join(folder, "README.md"), "words");
    const source = await parquetSource(folder);
    expect([source.count, await idsOf(source)]).toEqual([3, [1n, 2n, 3n]]);
    expect(await postersOf(source, [0, 2])).toEqual([
      [0, [...bytesOf(1)]],
      [2, [...bytesOf(3)]],
    ]);
  });

  it("may lack every column but the required ones", async () => {
    const omit = [
      "genres",
      "overview",
      "popularity",
      "release_date",
      "budget",
      "tagline",
      "original_language",
      "runtime",
    ];
    const source = await parquetSource(await writeFilms(join(await tempFolder(), "f.parquet"), films(1), { omit }));
    for await (const raw of source.rows())
      expect(parseRow(raw)).toMatchObject({ row: { id: 1, year: null, genres: [] } });
  });
});

describe("posters", () => {
  it("come as exact bytes for the wanted rows only, null where there are none", async () => {
    const some = [...films(1, 2, 3, 4, 5, 6), filmRecord(7, { image: null })];
    some.push(filmRecord(8, { image: { bytes: null, path: "8.jpg" } }));
    const path = await writeFilms(join(await tempFolder(), "films.parquet"), some, { rowGroupSize: 2 });
    expect(await postersOf(await parquetSource(path), [1, 4, 5, 6, 7])).toEqual([
      [1, [...bytesOf(2)]],
      [4, [...bytesOf(5)]],
      [5, [...bytesOf(6)]],
      [6, null],
      [7, null],
    ]);
  });

  it("do not keep their row group alive: each has a buffer of its own", async () => {
    const source = await parquetSource(await writeFilms(join(await tempFolder(), "f.parquet"), films(1, 2)));
    for await (const { bytes } of source.posters([0, 1])) expect(bytes?.buffer.byteLength).toBe(5);
  });

  it("touch only the row groups that hold wanted rows", async () => {
    const path = await writeFilms(join(await tempFolder(), "f.parquet"), films(1, 2, 3, 4), { rowGroupSize: 2 });
    const source = await parquetSource(path);
    // spoil the first group's image bytes: they begin with the first film's, stored plainly
    const content = await readFile(path);
    content.fill(0xff, 60, content.indexOf(Buffer.from(bytesOf(1))) + 5);
    await writeFile(path, content);
    expect(await postersOf(source, [3])).toEqual([[3, [...bytesOf(4)]]]);
  });

  it("that cannot be decoded cost their row group, and each says so", async () => {
    const all = Array.from({ length: 8000 }, (_, i) => filmRecord(i + 1));
    const path = await writeFilms(join(await tempFolder(), "f.parquet"), all, { rowGroupSize: 100 });
    const spoil = async (text: string) => {
      const content = await readFile(path);
      const at = content.indexOf(text);
      // the page's header lies before its values
      content.fill(0xff, at - 60, at + 40);
      await writeFile(path, content);
    };
    await spoil("4001.jpg");
    const source = await parquetSource(path);
    const rows: unknown[] = [];
    for await (const { row, bytes, problem } of source.posters([3999, 4000, 4050, 4100]))
      rows.push([row, bytes?.length, problem]);
    const wrong = expect.stringMatching(/^is in the damaged rows 4000 to 4099 of .*f\.parquet \(.+\)$/);
    expect(rows).toEqual([
      [3999, 3, undefined],
      [4000, undefined, wrong],
      [4050, undefined, wrong],
      [4100, 3, undefined],
    ]);
    await spoil("Film 4001");
    const invalid: number[] = [];
    for await (const raw of (await parquetSource(path)).rows()) {
      const parsed = parseRow(raw);
      if (!("invalid" in parsed)) continue;
      invalid.push(parsed.invalid.row);
      expect(parsed.invalid.reason).toMatch(/^f\.parquet row 40\d\d: is in the damaged rows 4000 to 4099 of .*\(.+\)$/);
    }
    expect(invalid).toEqual(Array.from({ length: 100 }, (_, i) => 4000 + i));
  });

  it.each([[[1, 0]], [[0, 0]], [[2]], [[-1]], [[0.5, Number.NaN]]])("refuse rows %j of 2", async (rows) => {
    const source = await parquetSource(await writeFilms(join(await tempFolder(), "f.parquet"), films(1, 2)));
    await expect(postersOf(source, rows)).rejects.toThrow(RangeError);
  });
});

describe("compression", () => {
  it.each([
    ["UNCOMPRESSED", (bytes: Uint8Array) => bytes],
    ["GZIP", (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))],
    ["BROTLI", (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes))],
  ] as const)("%s is read", async (codec, compress) => {
    const path = join(await tempFolder(), "f.parquet");
    await writeFilms(path, films(1, 2), { codec, compressors: { [codec]: compress } });
    const source = await parquetSource(path);
    expect(await idsOf(source)).toEqual([1n, 2n]);
    expect(await postersOf(source, [1])).toEqual([[1, [...bytesOf(2)]]]);
  });

  it("is named where it cannot be read", async () => {
    const path = join(await tempFolder(), "f.parquet");
    await writeFilms(path, films(1), { codec: "LZO", compressors: { LZO: (bytes) => bytes } });
    expect(await errorOf(path)).toBe(
      `${path} is compressed with LZO, which cannot be read here: write it again with snappy.`,
    );
  });
});

describe("bad input is one sentence", () => {
  it("nothing there", async () => {
    const path = join(await tempFolder(), "none.parquet");
    expect(await errorOf(path)).toBe(`There is no file or folder ${path}.`);
  });

  it("an empty folder", async () => {
    const folder = await tempFolder();
    expect(await errorOf(folder)).toBe(`The folder ${folder} holds no .parquet files: put some there.`);
  });

  it.each([
    ["text", "id,title\n1,x\n", "is not a parquet file: give a real one, or convert it."],
    ["three bytes", "PAR", "is not a parquet file: give a real one, or convert it."],
    ["no byte", "", "is empty: get the file again."],
    ["an encrypted footer", "PARE....PARE", "is an encrypted parquet file: write it without encryption."],
  ])("a file of %s", async (_, content, why) => {
    const path = join(await tempFolder(), "f.parquet");
    await writeFile(path, content);
    expect(await errorOf(path)).toBe(`${path} ${why}`);
  });

  it("a file cut off anywhere", async () => {
    const path = await writeFilms(join(await tempFolder(), "f.parquet"), films(1, 2, 3));
    const { length } = await readFile(path);
    for (const size of [length - 1, length - 9, Math.floor(length / 2), 8, 5, 4]) {
      await truncate(path, size);
      expect(await errorOf(path)).toMatch(/f\.parquet is cut off or damaged at its end \(.*\): get the file again\.$/);
    }
  });

  it("a file without rows", async () => {
    const path = await writeFilms(join(await tempFolder(), "f.parquet"), []);
    expect(await errorOf(path)).toBe(`${path} holds no rows: give a file that has some.`);
  });

  it.each(["id", "title", "revenue", "image"])("a file without %s", async (column) => {
    const path = await writeFilms(join(await tempFolder(), "f.parquet"), films(1), { omit: [column] });
    expect(await errorOf(path)).toMatch(
      new RegExp(`f\\.parquet has no column "${column}": add it \\(the columns found: "`),
    );
  });

  const text = { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" } as const;
  const double = { type: "DOUBLE", repetition_type: "OPTIONAL" } as const;
  it.each([
    ["revenue", text, "12", "text, but must hold numbers"],
    ["id", text, "tt1", "text, but must hold numbers"],
    ["title", double, 5, "numbers, but must hold text"],
    ["image", text, "poster.jpg", "text, but must hold a struct of bytes and path"],
    ["genres", double, 5, "numbers, but must hold a list or text"],
  ])("a file whose %s is of another type", async (name, element, value, why) => {
    const replace = { [name]: { elements: [{ name, ...element }], values: [value] } };
    const path = await writeFilms(join(await tempFolder(), "f.parquet"), films(1), { replace });
    expect(await errorOf(path)).toBe(`${path}: the column "${name}" holds ${why}.`);
  });

  it("a folder named like a file", async () => {
    const path = join(await tempFolder(), "f.parquet");
    await mkdir(path);
    expect(await errorOf(path)).toBe(`The folder ${path} holds no .parquet files: put some there.`);
  });
});

const real = process.env.MOVIE_REVENUE_REAL;

describe.skipIf(!real)("the real posters (MOVIE_REVENUE_REAL)", () => {
  // the counts of the data's own description: 8,105 rows, 5,785 above $10M of 3,923 films, 500 of unknown revenue
  it("are all valid, and each has a JPEG", async () => {
    const source = await parquetSource(real as string);
    const revenues: (number | null)[] = [];
    const ids = new Set<number>();
    for await (const raw of source.rows()) {
      const result = parseRow(raw);
      if (!("row" in result)) throw new Error(result.invalid.reason);
      revenues.push(result.row.revenue);
      if ((result.row.revenue ?? 0) > 10_000_000) ids.add(result.row.id);
    }
    const above = revenues.filter((revenue) => (revenue ?? 0) > 10_000_000);
    const unknown = revenues.filter((revenue) => revenue === null);
    expect([source.count, revenues.length, above.length, ids.size, unknown.length]).toEqual([
      8105, 8105, 5785, 3923, 500,
    ]);
    let jpegs = 0;
    for await (const { bytes } of source.posters([...revenues.keys()]))
      if (bytes?.[0] === 0xff && bytes[1] === 0xd8) jpegs++;
    expect(jpegs).toBe(8105);
  });
});
