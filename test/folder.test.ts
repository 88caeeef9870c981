import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { folderSource, idOfName, readFolder } from "movie-revenue/catalogue/folder";
import { parseRow, type RowResult } from "movie-revenue/catalogue/row";
import type { Source } from "movie-revenue/catalogue/source";
import { describe, expect, it } from "vitest";
import { jpeg, tempFolder } from "./fixtures.ts";

/** A folder of images that each hold their own name, and files of facts. */
async function folderOf(images: string[], facts: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await tempFolder();
  for (const image of images) await writeFile(join(folder, image), image);
  for (const [name, content] of Object.entries(facts)) await writeFile(join(folder, name), content);
  return folder;
}

async function rowsOf(source: Source): Promise<RowResult[]> {
  const rows: RowResult[] = [];
  for await (const raw of source.rows()) rows.push(parseRow(raw));
  return rows;
}

/** Row → the image's content, here its name. */
async function postersOf(source: Source, rows: number[]): Promise<[number, string | null][]> {
  const posters: [number, string | null][] = [];
  for await (const { row, bytes } of source.posters(rows)) posters.push([row, bytes && Buffer.from(bytes).toString()]);
  return posters;
}

describe("JSON", () => {
  it("by file name, as `actual_revenue`, without ids", async () => {
    const facts = {
      "alien.jpg": { title: "Alien", actual_revenue: 350_900_000 },
      "smile_2.jpg": { title: "Smile 2", actual_revenue: 0 },
    };
    const folder = await folderOf(["alien.jpg", "smile2.png"], { "movie-data.json": JSON.stringify(facts) });
    const source = await folderSource(folder);
    expect(await rowsOf(source)).toMatchObject([
      { row: { row: 0, id: idOfName("alien.jpg"), title: "Alien", revenue: 350_900_000, genres: [] } },
      { row: { row: 1, id: idOfName("smile2.png"), title: "Smile 2", revenue: null } },
    ]);
    expect([source.name, source.count]).toEqual([folder, 2]);
    expect(await postersOf(source, [0, 1])).toEqual([
      [0, "alien.jpg"],
      [1, "smile2.png"],
    ]);
    expect(source.notes).toEqual(['The name "smile_2.jpg" was taken to mean the image "smile2.png" (by spelling).']);
  });

  it("as a list of records with the schema's columns", async () => {
    const record = {
      file: "a.jpg",
      id: 7,
      title: "A",
      revenue: "12000000",
      genres: ["Drama"],
      release_date: "1999",
      popularity: 9,
    };
    const folder = await folderOf(["a.jpg"], { "facts.json": `\uFEFF${JSON.stringify([record])}` });
    expect(await rowsOf(await folderSource(folder))).toMatchObject([
      { row: { id: 7, revenue: 12_000_000, genres: ["Drama"], year: 1999 } },
    ]);
  });

  it("by something else than file names, with a column of images", async () => {
    const folder = await folderOf(["m.jpg"], {
      "facts.json": '{"603": {"poster": "m.jpg", "title": "M", "revenue": 5}}',
    });
    expect(await postersOf(await folderSource(folder), [0])).toEqual([[0, "m.jpg"]]);
  });
});

describe("CSV", () => {
  it("with semicolons, quotes, a byte order mark and two rows of one image", async () => {
    const csv =
      '\uFEFFimage;id;title;revenue;genres\r\na.jpg;1;"A; ""b""";20000000;"Drama, Comedy"\r\na.jpg;1;A;20000000;\r\n';
    const folder = await folderOf(["a.jpg"], { "films.csv": csv });
    const source = await folderSource(folder);
    expect(await rowsOf(source)).toMatchObject([
      { row: { id: 1, title: 'A; "b"', revenue: 20_000_000, genres: ["Drama", "Comedy"] } },
      { row: { id: 1, title: "A", genres: [] } },
    ]);
    expect(await postersOf(source, [0, 1])).toEqual([
      [0, "a.jpg"],
      [1, "a.jpg"],
    ]);
  });

  it("lists each row that cannot be used, with its line", async () => {
    const csv = 'file,title,revenue\na.jpg,A,5\nb.jpg,B\ngone.jpg,Gone,6\n,None,7\na.jpg,A,"1,000"\n';
    const source = await folderSource(await folderOf(["a.jpg", "b.jpg"], { "films.csv": csv }));
    expect(await rowsOf(source)).toMatchObject([
      { row: { title: "A" } },
      { invalid: { row: 1, reason: "films.csv line 3: has 2 fields, but the first line has 3" } },
      { invalid: { row: 2, reason: 'films.csv line 4: no image is named "gone.jpg", nor nearly so' } },
      { invalid: { row: 3, reason: "films.csv line 5: names no image" } },
      {
        invalid: {
          row: 4,
          reason: 'films.csv line 6: revenue is "1,000", not a plain number of dollars from 0 to 100 billion',
        },
      },
    ]);
  });
});

it("notes the images that no record is about, escaped and cut", async () => {
  const images = Array.from({ length: 12 }, (_, i) => `zebra${String(i).padStart(2, "0")}\u202e.jpg`);
  const source = await folderSource(
    await folderOf(["a.jpg", ...images], { "f.csv": "file,title,revenue\na.jpg,A,5\n" }),
  );
  const listed = Array.from({ length: 10 }, (_, i) => `"zebra0${i}\\u{202e}.jpg"`).join(", ");
  expect(source.notes).toEqual([`No record is about 12 of the images: ${listed} and 2 more.`]);
});

it("takes nothing from outside the folder, nor pipes, folders or hidden files", async () => {
  const folder = join(await folderOf(["secret.jpg"], {}), "posters");
  await mkdir(folder);
  for (const name of ["a.jpg", ".b.jpg"]) await writeFile(join(folder, name), name);
  await writeFile(join(folder, "f.csv"), "file,title,revenue\n../secret.jpg,Secret,5\n");
  await mkdir(join(folder, "c.jpg"));
  execFileSync("mkfifo", [join(folder, "d.jpg")]);
  expect((await readFolder(folder)).images).toEqual(["a.jpg"]);
  const source = await folderSource(folder);
  expect(await rowsOf(source)).toMatchObject([
    { invalid: { reason: 'f.csv line 2: no image is named "../secret.jpg", nor nearly so' } },
  ]);
  expect(await postersOf(source, [0])).toEqual([[0, null]]);
});

it("gives real images as they are on the disk", async () => {
  const folder = await folderOf([], { "f.csv": "file,title,revenue\na.jpg,A,5\n", "a.jpg": await jpeg({ seed: 4 }) });
  for await (const { bytes } of (await folderSource(folder)).posters([0]))
    expect(new Uint8Array(bytes!)).toEqual(await jpeg({ seed: 4 }));
});

it("derives ids from SHA-256, the same everywhere", () => {
  // printf a.jpg | sha256sum → the first 12 hexadecimal digits
  expect(idOfName("a.jpg")).toBe(0x509b0d4641a7);
  expect(idOfName("e\u0301.jpg")).toBe(idOfName("\u00e9.jpg"));
});

describe("bad input is one sentence", () => {
  it.each([
    ["no facts", ["a.jpg"], {}, "The folder DIR has no .json or .csv file of facts: add one."],
    [
      "two files of facts",
      ["a.jpg"],
      { "a.json": "[]", "b.csv": "" },
      'The folder DIR has more than one file of facts ("a.json", "b.csv"): leave one of them there.',
    ],
    ["no images", [], { "a.json": "[]" }, "The folder DIR holds no images: put the posters there."],
    [
      "no records",
      ["a.jpg"],
      { "a.csv": "file,title,revenue\n" },
      "DIR/a.csv holds no records: add one for each image.",
    ],
    [
      "no title",
      ["a.jpg"],
      { "a.csv": "file,titel,revenue\nx,y,z\n" },
      'DIR/a.csv has no column "title": add it (the columns found: "file", "titel", "revenue"). Did you mean "titel"?',
    ],
    [
      "no file names",
      ["a.jpg"],
      { "a.csv": "title,revenue\ny,5\n" },
      'DIR/a.csv has no column "file": add it (the columns found: "title", "revenue").',
    ],
    [
      "two columns of revenue",
      ["a.jpg"],
      { "a.csv": "file,title,revenue,actual_revenue\nx,y,1,2\n" },
      'DIR/a.csv has both "revenue" and "actual_revenue" for the revenue: keep one of them.',
    ],
    [
      "broken JSON",
      ["a.jpg"],
      { "a.json": "{" },
      /^DIR\/a\.json is not valid JSON \(.*\): correct it and run again\.$/,
    ],
    [
      "JSON of another kind",
      ["a.jpg"],
      { "a.json": "5" },
      "DIR/a.json must hold a list of records, or an object with a record for each file name.",
    ],
    [
      "text in another encoding",
      ["a.jpg"],
      { "a.csv": Uint8Array.of(0x66, 0xe9, 0x0a) },
      "DIR/a.csv is not UTF-8 text: save it as CSV in UTF-8.",
    ],
  ] as [string, string[], Record<string, string | Uint8Array>, string | RegExp][])(
    "%s",
    async (_, images, facts, expected) => {
      const folder = await folderOf(images, facts);
      const message = await folderSource(folder).then(
        () => "nothing was thrown",
        (error: Error) => error.message.replaceAll(folder, "DIR"),
      );
      if (typeof expected === "string") expect(message).toBe(expected);
      else expect(message).toMatch(expected);
    },
  );

  it("a record that is none is an invalid row", async () => {
    const facts = '[{"file": "a.jpg", "title": "A", "revenue": 1}, 5]';
    const source = await folderSource(await folderOf(["a.jpg"], { "a.json": facts }));
    expect((await rowsOf(source))[1]).toEqual({ invalid: { row: 1, reason: "a.json record 1: is 5, not a record" } });
  });

  it("a folder that is not there", async () => {
    const folder = join(await tempFolder(), "none");
    await expect(folderSource(folder)).rejects.toThrow(`There is no folder ${folder}.`);
  });
});
