import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig } from "movie-revenue/config";
import {
  exportLatest,
  exportPosters,
  latestFilms,
  linesWithPosters,
  postersOf,
  posterThumbnails,
  wallOfFilms,
} from "movie-revenue/gallery";
import { predict, readFolder } from "movie-revenue/predict";
import { type Prepared, prepare } from "movie-revenue/prepare";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { type FilmRecord, filmRecord, jpeg, png, writeFilms } from "./fixtures.ts";
import { handmadeRun } from "./runs.ts";
import { workplace } from "./workplace.ts";

let folder: string;
let data: string;
let records: FilmRecord[];
let prepared: Prepared;
const config = () => makeConfig({ data });

beforeAll(async () => {
  ({ folder } = await workplace());
  records = await Promise.all(
    Array.from({ length: 24 }, async (_, i) =>
      filmRecord(i + 1, {
        image: { bytes: await (i % 2 === 0 ? jpeg : png)({ seed: i + 1 }), path: "x" },
        // the later the id, the earlier the film; one is without a date
        release_date: i === 5 ? "" : `${2020 - i}-01-01`,
        revenue: 11_000_000 + 1_000_000 * i,
      }),
    ),
  );
  data = await writeFilms(join(folder, "films.parquet"), records, { rowGroupSize: 7 });
  prepared = await prepare(config());
});

describe("latestFilms", () => {
  const film = (id: number, releaseDate: string) => ({ ...prepared.films[0]!, id, releaseDate });
  const ids = (films: { id: number }[]) => films.map(({ id }) => id);

  it("are those released last, the latest first", () => {
    const films = [film(1, "1999-12-31"), film(2, "2001-05-01"), film(3, ""), film(4, "2001"), film(5, "2000-02-29")];
    // a year alone stands before its days
    expect(ids(latestFilms(films))).toEqual([2, 4, 5, 1]);
    expect(ids(latestFilms(films, 2))).toEqual([2, 4]);
  });

  it("of one day stay in their order", () => {
    const films = [1, 2, 3, 4, 5].map((id) => film(id, "2001-05-01"));
    expect(ids(latestFilms(films))).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("linesWithPosters", () => {
  it("gives every film's facts, and the first ones' posters, small", async () => {
    const lines = await linesWithPosters(config(), prepared.films, { count: 2 });
    expect(lines.map(({ id }) => id)).toEqual(prepared.films.map(({ id }) => id));
    expect(lines.map(({ poster }) => poster?.slice(0, 23) ?? null)).toEqual([
      ...Array(2).fill("data:image/jpeg;base64,"),
      ...Array(prepared.films.length - 2).fill(null),
    ]);
    const image = Buffer.from(lines[0]!.poster!.split(",")[1]!, "base64");
    expect((await sharp(image).metadata()).height).toBeLessThanOrEqual(128);
  });
});

describe("postersOf", () => {
  it("gives the bytes of each film as they lie in the source, whatever the order asked", async () => {
    const films = [20, 3, 11].map((id) => prepared.films.find((film) => film.id === id)!);
    const found = new Map<number, Uint8Array>();
    for await (const { film, image } of postersOf(config(), films)) found.set(film.id, image);
    expect(found).toEqual(new Map([3, 11, 20].map((id) => [id, records[id - 1]!.image!.bytes])));
  });
});

describe("exportPosters", () => {
  it("writes posters and labels as predict reads them", async () => {
    const out = join(folder, "exported");
    const labels = await exportPosters(config(), prepared.films.slice(0, 3), out);
    expect((await readdir(out)).sort()).toEqual(["1.jpg", "2.png", "3.jpg", "movie-data.json"]);
    expect(new Uint8Array(await readFile(join(out, "2.png")))).toEqual(records[1]!.image!.bytes);
    const label = (id: number) => ({
      ...{ title: `Film ${id}`, actual_revenue: (10 + id) * 1e6, genres: ["Action", "Comedy"] },
      ...{ overview: `The story of film ${id}.`, tagline: "", original_language: "en" },
      ...{ release_date: `${2021 - id}-01-01`, runtime: 101, budget: 5_000_000 },
    });
    const written = JSON.parse(await readFile(labels, "utf8"));
    expect(written).toEqual({ "1.jpg": label(1), "2.png": label(2), "3.jpg": label(3) });
    // a fused model is told of the film what the source says of it
    const { posters } = await readFolder(out, { labels, size: { width: 224, height: 224 } });
    const { row: _, hash: _hash, id: _id, ...facts } = prepared.films[0]!;
    expect(posters[0]!.subject).toMatchObject(facts);
  });
});

describe("exportLatest", () => {
  it("are test films of the run alone, and predict takes them", async () => {
    await handmadeRun("run", { data, splits: { test: [2, 6, 9, 20] } });
    const { posters, labels } = await exportLatest("run", { count: 2 });
    // the third latest is left out, and 6 has no date
    expect((await readdir(posters)).sort()).toEqual(["2.png", "9.jpg", "movie-data.json"]);
    const { ranked, inexact, unmatched, unlabelled } = await predict("run", posters, { labels });
    expect(ranked.map(({ title }) => title).sort()).toEqual(["Film 2", "Film 9"]);
    expect([inexact, unmatched, unlabelled]).toEqual([[], [], []]);
  });

  it("leaves none of an earlier, longer export, and what is not its own", async () => {
    await handmadeRun("again", { data, splits: { test: [2, 6, 9, 20] } });
    const { posters } = await exportLatest("again");
    expect((await readdir(posters)).sort()).toEqual(["2.png", "20.png", "9.jpg", "movie-data.json"]);
    await writeFile(join(posters, "mine.jpg"), await jpeg({ width: 20, height: 30 }));
    await exportLatest("again", { count: 1 });
    expect((await readdir(posters)).sort()).toEqual(["2.png", "mine.jpg", "movie-data.json"]);
  });
});

describe("wallOfFilms", () => {
  it("hangs training films of each bracket, the same for the same seed", async () => {
    const hung = async (seed: number) => (await wallOfFilms(config(), prepared, { perBracket: 2, seed })).layout;
    const [first, again, other] = [await hung(1), await hung(1), await hung(2)];
    expect((first as { images: object[] }).images).toHaveLength(6);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("hangs no film of the other sides", async () => {
    const wall = await wallOfFilms(config(), prepared, { perBracket: 100 });
    const { train, validation, test } = prepared.splits;
    expect((wall.layout as { images: object[] }).images).toHaveLength(train.length);
    const text = JSON.stringify(wall.data);
    for (const { title } of train) expect(text).toMatch(new RegExp(`${title}\\b`));
    for (const { title } of [...validation, ...test]) expect(text).not.toMatch(new RegExp(`${title}\\b`));
  });
});

describe("posterThumbnails", () => {
  it("leave out what cannot be read", async () => {
    const posters = join(folder, "thumbnails");
    await mkdir(posters);
    await writeFile(join(posters, "good.png"), await png());
    await writeFile(join(posters, "bad.jpg"), "no picture");
    const thumbnails = await posterThumbnails(posters, [
      { file: "good.png" },
      { file: "bad.jpg" },
      { file: "gone.jpg" },
    ]);
    expect(Object.keys(thumbnails)).toEqual(["good.png"]);
    expect(thumbnails["good.png"]).toMatch(/^data:image\/jpeg;base64,/);
  });
});
