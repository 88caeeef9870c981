import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UserError } from "../errors";
import { projectRoot, readJson, sha256, writeFileAtomic } from "../system/files";
import { Dice } from "./artwork/dice";
import { type PosterFacts, posterSvg } from "./artwork/poster";
import { loadRenderer, renderSvg } from "./artwork/render";
import type { RawPoster, RawRow, Source } from "./source";

/** A line of data/sample/films.json, in the columns of the parquet schema; 0 and [] where unknown. */
export interface SampleFilm {
  id: number;
  title: string;
  genres: { id: number; name: string }[];
  /** `YYYY-MM-DD`. */
  release_date: string;
  /** Minutes. */
  runtime: number;
  /** Dollars. */
  budget: number;
  /** Worldwide gross in dollars. */
  revenue: number;
}

/** A row of the sample: a film, and which of its posters it shows (0 the first, 1 another). */
export interface SampleRow {
  film: SampleFilm;
  artwork: number;
}

export interface SampleOptions {
  /** Folder of caches; rendered posters are kept in `sample-v1` below it. Without it nothing is written. */
  cache?: string;
  /** Only the first rows, that many. Default: all. */
  count?: number;
}

/** One film in 25 comes twice, as films do in the real set. */
const repeatedShare = 0.04;

// raise it when the rasteriser changes: posters are kept under the hash of their drawing, not of their pixels
const cacheFolder = "sample-v1";

/** The facts of the embedded sample, sorted by id. */
export async function sampleFilms(): Promise<SampleFilm[]> {
  return (await readJson(join(projectRoot(), "data/sample/films.json"))) as SampleFilm[];
}

/** The rows that the sample makes of its films: shuffled, 4 % of the films twice, by turns the same poster and another. */
export function sampleRows(films: readonly SampleFilm[]): SampleRow[] {
  const repeats = shuffled(films, 1).slice(0, Math.round(films.length * repeatedShare));
  const rows = [
    ...films.map((film) => ({ film, artwork: 0 })),
    ...repeats.map((film, place) => ({ film, artwork: place % 2 })),
  ];
  return shuffled(rows, 2);
}

/** The poster of a sample's film as SVG; its revenue has no part in it. */
export function samplePoster(film: SampleFilm, artwork: number): string {
  return posterSvg(posterFacts(film), artwork);
}

/** The embedded sample: real facts, posters rendered from them. Throws `UserError` for a count it does not have. */
export async function sampleSource({ cache, count }: SampleOptions = {}): Promise<Source> {
  const all = sampleRows(await sampleFilms());
  if (count !== undefined && !(Number.isInteger(count) && count > 0 && count <= all.length)) {
    throw new UserError(
      `The sample has ${all.length} rows: a count of ${count} cannot be had, choose 1 to ${all.length}.`,
    );
  }
  const rows = all.slice(0, count);
  const folder = cache === undefined ? undefined : join(cache, cacheFolder);
  return {
    name: "sample",
    count: rows.length,
    rows: () => readRows(rows),
    posters: (wanted) => readPosters(rows, wanted, folder),
  };
}

async function* readRows(rows: readonly SampleRow[]): AsyncGenerator<RawRow> {
  for (const [row, { film }] of rows.entries()) {
    const facts = { ...film, overview: "", tagline: "", original_language: "" };
    yield { row, where: `sample row ${row}`, facts };
  }
}

async function* readPosters(
  rows: readonly SampleRow[],
  wanted: readonly number[],
  folder: string | undefined,
): AsyncGenerator<RawPoster> {
  await loadRenderer();
  for (const row of wanted) {
    const { film, artwork } = rows[row] as SampleRow;
    yield { row, bytes: await posterBytes(samplePoster(film, artwork), folder) };
  }
}

/** Rendered, or read from the folder where an earlier run has left it. */
async function posterBytes(svg: string, folder: string | undefined): Promise<Uint8Array> {
  // rendering never waits: let an interrupt be heard between two posters
  await setImmediate();
  if (folder === undefined) return renderSvg(svg);
  const path = join(folder, `${sha256(svg).slice(0, 32)}.png`);
  const kept = await readFile(path).catch(() => undefined);
  if (kept && isWholePng(kept)) return kept;
  const bytes = renderSvg(svg);
  await writeFileAtomic(path, bytes);
  return bytes;
}

/** Starts with PNG's signature and ends with its last chunk. */
function isWholePng(bytes: Buffer): boolean {
  return bytes.subarray(1, 4).toString("latin1") === "PNG" && bytes.subarray(-8, -4).toString("latin1") === "IEND";
}

function posterFacts({ id, title, genres, release_date, runtime, budget }: SampleFilm): PosterFacts {
  return {
    id,
    title,
    genres: genres.map(({ name }) => name),
    year: Number(release_date.slice(0, 4)) || null,
    runtime: runtime || null,
    budget: budget || null,
  };
}

/** In an order of chance that is the same every time. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const ranked = list.map((item, place) => ({ item, place, rank: new Dice(seed, place).unit() }));
  return ranked.sort((a, b) => a.rank - b.rank || a.place - b.place).map(({ item }) => item);
}
