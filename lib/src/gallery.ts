import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp from "sharp";
import type { Looked } from "./catalogue/dedupe";
import type { Film } from "./catalogue/film";
import { openSource } from "./catalogue/open";
import type { Config } from "./config";
import { type FilmLine, filmLines, revenuesOf } from "./evaluation/describe";
import { type BracketName, bracketOf, brackets } from "./evaluation/reference";
import { cachedPixels } from "./posters/pixels";
import { cacheFolder, type Prepared, pixelCache, readCatalogue, type WorkOptions } from "./prepare";
import { Random } from "./random";
import type { Figure } from "./reporting/view";
import { posterThumbnail, posterWall } from "./reporting/wall";
import { trainedRun } from "./runs/run";
import { readJson, writeFileAtomic, writeJson } from "./system/files";

/** The labels of an exported folder of posters. */
const LABELS = "movie-data.json";

/** The encoded images of films, by row: as they are kept, where they are, else as they lie in the source. */
export async function* postersOf(
  { data, model }: Config,
  films: readonly Looked[],
  options: WorkOptions = {},
): AsyncGenerator<{ film: Looked; image: Uint8Array }> {
  const kept = await keptPosters(model, films);
  if (kept) return yield* kept;
  const source = await openSource(data.source, { cache: cacheFolder(), ...options });
  const byRow = new Map(films.map((film) => [film.row, film]));
  const rows = [...byRow.keys()].sort((a, b) => a - b);
  for await (const { row, bytes } of source.posters(rows)) {
    const film = byRow.get(row);
    if (film && bytes) yield { film, image: bytes };
  }
}

/** The posters of films of a streamed source, which would be costly to read again; null where one is not kept. */
async function keptPosters(
  model: Config["model"],
  films: readonly Looked[],
): Promise<{ film: Looked; image: Uint8Array }[] | null> {
  const pixels = await pixelCache(model);
  try {
    const kept: { film: Looked; image: Uint8Array }[] = [];
    for (const film of [...films].sort((a, b) => a.row - b.row)) {
      const image = await pixels.getEncoded(film.sha256);
      if (!image) return null;
      kept.push({ film, image });
    }
    return kept;
  } finally {
    await pixels.close();
  }
}

/** Films as lines of a table, the first `count` (20) with a small picture of their poster; one that cannot be read has none. */
export async function linesWithPosters(
  config: Config,
  films: readonly Looked[],
  { count = 20, ...options }: { count?: number } & WorkOptions = {},
): Promise<({ poster: string | null } & FilmLine)[]> {
  const pictures = new Map<number, string | null>();
  for await (const { film, image } of postersOf(config, films.slice(0, count), options)) {
    pictures.set(film.row, await posterThumbnail(image, { height: 128 }).catch(() => null));
  }
  const lines = filmLines(films);
  return films.map(({ row }, i) => ({ poster: pictures.get(row) ?? null, ...lines[i]! }));
}

/** Small JPEGs of posters in the pixel cache, in their order: 2 by 3, whatever shape the model sees them in. */
export async function cachedThumbnails(
  { model }: Config,
  posters: readonly { sha256: string }[],
): Promise<Uint8Array[]> {
  const pixels = await pixelCache(model);
  try {
    const thumbnails: Uint8Array[] = [];
    for (const { sha256 } of posters) {
      const raw = { ...pixels.size, channels: 3 as const };
      const picture = sharp(await cachedPixels(pixels, sha256), { raw }).resize(120, 180, { fit: "fill" });
      thumbnails.push(await picture.jpeg({ quality: 80 }).toBuffer());
    }
    return thumbnails;
  } finally {
    await pixels.close();
  }
}

/** A wall of training films drawn at random from each revenue bracket; the same films for the same seed. */
export async function wallOfFilms(
  config: Config,
  { splits }: Prepared,
  { perBracket = 20, seed = 1, ...options }: { perBracket?: number; seed?: number } & WorkOptions = {},
): Promise<Figure> {
  const edges = brackets(revenuesOf(splits.train));
  const bracketOfFilm = (film: Film): BracketName => bracketOf(film.revenue ?? 0, edges);
  const drawn = (["low", "medium", "high"] as const).flatMap((name, stream) => {
    const films = splits.train.filter((film) => bracketOfFilm(film) === name);
    const order = new Random([seed, stream]).permutation(films.length).slice(0, perBracket);
    return [...order].map((position) => films[position]!);
  });
  const hung = [];
  for await (const { film, image } of postersOf(config, drawn, options)) {
    hung.push({ title: film.title, revenue: film.revenue ?? 0, image, bracket: bracketOfFilm(film) });
  }
  return posterWall(hung);
}

/** The films released last, the latest first; films without a date are passed over. */
export function latestFilms<T extends Film>(films: readonly T[], count = 20): T[] {
  const dated = films.filter(({ releaseDate }) => releaseDate !== "");
  const later = (a: T, b: T) => Number(a.releaseDate < b.releaseDate) - Number(a.releaseDate > b.releaseDate);
  return dated.sort(later).slice(0, count);
}

/** Writes films' posters and a `movie-data.json` of their facts into a folder, as `predict` reads it. */
export async function exportPosters(config: Config, films: readonly Looked[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const labels: Record<string, object> = {};
  for await (const { film, image } of postersOf(config, films)) {
    const name = `${film.id}.${endingOf(image)}`;
    await writeFileAtomic(join(folder, name), image);
    labels[name] = labelOf(film);
  }
  const path = join(folder, LABELS);
  await writeJson(path, labels);
  return path;
}

/** What a label says of a film: all that a model may read of it, under the names of the parquet columns. */
function labelOf(film: Film): object {
  const { title, revenue, genres, overview, tagline, language, releaseDate, runtime, budget } = film;
  const facts = { genres, overview, tagline, original_language: language, release_date: releaseDate, runtime, budget };
  return { title, actual_revenue: revenue, ...facts };
}

/** Writes the latest test films of a run into its folder `latest`: an example of what `predict` is given. */
export async function exportLatest(
  name: string,
  { count = 20, ...options }: { count?: number } & WorkOptions = {},
): Promise<{ posters: string; labels: string }> {
  const run = await trainedRun(name);
  const test = new Set(run.calibration.splits.test);
  const { films } = await readCatalogue(run.config, options);
  const latest = latestFilms(
    films.filter(({ id }) => test.has(id)),
    count,
  );
  const posters = join(run.folder, "latest");
  await removeExported(posters);
  return { posters, labels: await exportPosters(run.config, latest, posters) };
}

/** Removes the posters that an earlier export wrote, which would be films without a label now. */
async function removeExported(folder: string): Promise<void> {
  const labels = join(folder, LABELS);
  if (!existsSync(labels)) return;
  const written = Object.keys((await readJson(labels)) as object);
  await Promise.all(written.map((name) => rm(join(folder, basename(name)), { force: true })));
}

/** Small pictures of a folder's posters as data URIs, by file; what cannot be read is left out. */
export async function posterThumbnails(
  folder: string,
  posters: readonly { file: string }[],
): Promise<Record<string, string>> {
  const thumbnails: Record<string, string> = {};
  for (const { file } of posters) {
    const thumbnail = await readFile(join(folder, file))
      .then(posterThumbnail)
      .catch(() => null);
    if (thumbnail) thumbnails[file] = thumbnail;
  }
  return thumbnails;
}

/** By the first bytes of the formats that are decoded. */
function endingOf(image: Uint8Array): "jpg" | "png" | "webp" {
  if (image[0] === 0xff) return "jpg";
  return image[0] === 0x89 ? "png" : "webp";
}
