import { execFileSync } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRow } from "movie-revenue/catalogue/row";
import { type SampleFilm, sampleFilms, samplePoster, sampleRows, sampleSource } from "movie-revenue/catalogue/sample";
import type { Source } from "movie-revenue/catalogue/source";
import { UserError } from "movie-revenue/errors";
import { projectRoot, sha256 } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

let films: SampleFilm[] = [];
beforeAll(async () => {
  films = await sampleFilms();
});

/** Each row and the hash of its poster's bytes. */
async function postersOf(source: Source, rows: number[]): Promise<[number, string][]> {
  const posters: [number, string][] = [];
  for await (const { row, bytes } of source.posters(rows)) posters.push([row, sha256(bytes as Uint8Array)]);
  return posters;
}

describe("the facts", () => {
  it("are the 2,000 films that data/sample/README.md counts, each id once and in order", () => {
    expect(films.length).toBe(2000);
    expect(new Set(films.map(({ id }) => id)).size).toBe(2000);
    expect(films.every(({ id }, i) => i === 0 || id > films[i - 1]!.id)).toBe(true);
    expect(films.filter(({ revenue }) => revenue > 10_000_000).length).toBe(1450);
    expect(films.filter(({ revenue }) => revenue === 0).length).toBe(37);
  });

  it("hold no date of the future that a two-digit year would make, and no row that the schema refuses", async () => {
    const dates = films.map(({ release_date }) => release_date).sort();
    expect([dates[0], dates.at(-1)]).toEqual(["1915-02-08", "2011-12-23"]);
    const source = await sampleSource();
    for await (const raw of source.rows()) expect(parseRow(raw)).toHaveProperty("row.id", raw.facts.id);
  });

  // opened in the theatres on 15 December 1939, 18 December 2009 and 29 August 2008 (US)
  it.each([
    ["Gone with the Wind", "1939-12-15", 390_525_192],
    ["Avatar", "2009-12-18", 2_767_891_499],
    ["Obsluhoval jsem anglického krále", "2008-08-29", 7_174_984],
  ])("know %s", (title, date, revenue) => {
    expect(films.find((film) => film.title === title)).toMatchObject({ release_date: date, revenue });
  });
});

describe("scripts/make-sample.mjs", () => {
  it("puts right what is known to be wrong, drops what cannot be, and gives the same bytes twice", async () => {
    const folder = await tempFolder();
    const movie = (title: unknown, date: string, rest = {}) => ({
      Title: title,
      "Release Date": date,
      "Worldwide Gross": 5,
      "Production Budget": 3,
      "Running Time min": null,
      "Major Genre": null,
      "Creative Type": null,
      ...rest,
    });
    const movies = [
      movie(1941, "Dec 14 1979"),
      movie(null, "Nov 03 2006"),
      movie("No Date", "sometime"),
      movie("Wizard,  The", "Aug 25 2039", { "Major Genre": "Musical", "Creative Type": "Fantasy" }),
      movie("CachÈ", "Dec 23 2005", {
        "Worldwide Gross": null,
        "Running Time min": 117,
        "Major Genre": "Thriller/Suspense",
      }),
      movie("Last of Its File", "Dec 23 2011", { "Major Genre": "Romantic Comedy" }),
    ];
    await writeFile(join(folder, "movies.json"), JSON.stringify(movies));
    const make = async (name: string): Promise<string> => {
      const script = join(projectRoot(), "scripts/make-sample.mjs");
      execFileSync(process.execPath, [script, join(folder, "movies.json"), join(folder, name)]);
      return readFile(join(folder, name), "utf8");
    };
    const written = await make("one.json");
    const film = (id: number, title: string, genres: unknown[], release_date: string, runtime = 0, revenue = 5) => ({
      id,
      title,
      genres,
      release_date,
      runtime,
      budget: 3,
      revenue,
    });
    expect(JSON.parse(written)).toEqual([
      film(1, "1941", [], "1979-12-14"),
      film(
        4,
        "The Wizard",
        [
          { id: 10402, name: "Music" },
          { id: 14, name: "Fantasy" },
        ],
        "1939-08-25",
      ),
      film(5, "Caché", [{ id: 53, name: "Thriller" }], "2005-12-23", 117, 0),
      film(
        6,
        "Last of Its File",
        [
          { id: 35, name: "Comedy" },
          { id: 10749, name: "Romance" },
        ],
        "2011-12-23",
      ),
    ]);
    expect(await make("two.json")).toBe(written);
  });
});

describe("the rows", () => {
  it("are every film once and 4 % of them twice, half with the same poster, half with another", () => {
    const rows = sampleRows(films);
    expect(rows.length).toBe(2080);
    const posters = new Map<number, string[]>();
    for (const { film, artwork } of rows)
      posters.set(film.id, [...(posters.get(film.id) ?? []), samplePoster(film, artwork)]);
    const pairs = [...posters.values()].filter((drawn) => drawn.length > 1);
    expect([posters.size, pairs.length]).toEqual([2000, 80]);
    expect(pairs.filter(([first, second]) => first === second).length).toBe(40);
    // no two films share a poster: 2,000 first ones and 40 others
    expect(new Set([...posters.values()].flat()).size).toBe(2040);
  });

  it("are shuffled, with the repeats anywhere among them", () => {
    const ids = sampleRows(films).map(({ film }) => film.id);
    const rising = ids.filter((id, i) => i > 0 && id > ids[i - 1]!).length;
    // an order of chance rises half the time; the standard deviation of the count is √(n/12) = 13
    expect(Math.abs(rising - 1040)).toBeLessThan(4 * Math.sqrt(2080 / 12));
    const seconds = ids.flatMap((id, i) => (ids.indexOf(id) < i ? [i / 2080] : []));
    // the later of two places of chance is 2/3 of the way on average, with a deviation of √(1/18) = .24
    const mean = seconds.reduce((sum, place) => sum + place, 0) / seconds.length;
    expect(Math.abs(mean - 2 / 3)).toBeLessThan((4 * Math.sqrt(1 / 18)) / Math.sqrt(80));
  });

  it("come the same every time, numbered, under the columns of the parquet schema", async () => {
    const read = async (): Promise<unknown[]> => {
      const rows: unknown[] = [];
      for await (const row of (await sampleSource({ count: 64 })).rows()) rows.push(row);
      return rows;
    };
    const rows = await read();
    expect(rows).toEqual(await read());
    expect(rows.length).toBe(64);
    const { film } = sampleRows(films)[63]!;
    const facts = { ...film, overview: "", tagline: "", original_language: "" };
    expect(rows[63]).toEqual({ row: 63, where: "sample row 63", facts });
  });

  it.each([0, -1, 1.5, 2081, Number.NaN])("cannot be %d of them", async (count) => {
    await expect(sampleSource({ count })).rejects.toThrow(UserError);
  });
});

describe("the posters", () => {
  it("do not know the revenue, and know the budget", () => {
    const film = films.find(({ revenue }) => revenue > 0)!;
    expect(samplePoster({ ...film, revenue: 1 }, 0)).toBe(samplePoster(film, 0));
    expect(samplePoster({ ...film, revenue: 1e10 }, 1)).toBe(samplePoster(film, 1));
    expect(samplePoster({ ...film, budget: 1e9 }, 0)).not.toBe(samplePoster({ ...film, budget: 1e5 }, 0));
  });

  it("come in the order of the rows asked for, and repeats of a film are the same bytes", async () => {
    const rows = sampleRows(films);
    const first = rows.findIndex((row, i) =>
      rows.some((other, j) => j > i && other.film === row.film && other.artwork === row.artwork),
    );
    const second = rows.findIndex((row, i) => i > first && row.film === rows[first]!.film);
    const posters = await postersOf(await sampleSource(), [second, 3, first]);
    expect(posters.map(([row]) => row)).toEqual([second, 3, first]);
    expect(posters[0]?.[1]).toBe(posters[2]?.[1]);
    expect(posters[1]?.[1]).not.toBe(posters[2]?.[1]);
  });

  it("are kept in the cache, read from it, and drawn again where a kept one is cut short", async () => {
    const cache = await tempFolder();
    const kept = join(cache, "sample-v1");
    const source = await sampleSource({ cache, count: 5 });
    const drawn = await postersOf(source, [0, 1, 2]);
    expect(await readdir(cache)).toEqual(["sample-v1"]);
    const names = await readdir(kept);
    expect(names.length).toBe(3);
    const times = async (): Promise<number[]> =>
      Promise.all(names.map(async (name) => (await stat(join(kept, name))).mtimeMs));
    const before = await times();
    expect(await postersOf(source, [0, 1, 2])).toEqual(drawn);
    expect(await times()).toEqual(before);

    const cut = join(kept, names[0]!);
    await writeFile(cut, (await readFile(cut)).subarray(0, 900));
    expect(await postersOf(source, [0, 1, 2])).toEqual(drawn);
    expect((await stat(cut)).size).toBeGreaterThan(900);
  });

  it("let an interrupt be heard between two of them", async () => {
    let heard = 0;
    const timer = setInterval(() => heard++, 1);
    await postersOf(await sampleSource(), [0, 1, 2, 3]);
    clearInterval(timer);
    expect(heard).toBeGreaterThan(0);
  });
});
