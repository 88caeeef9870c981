import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClosePair } from "./catalogue/closest";
import type { Looked } from "./catalogue/dedupe";
import type { Config } from "./config";
import { UserError } from "./errors";
import { postersOf } from "./gallery";
import { nearestRows } from "./model/nearest";
import { type FolderPoster, type PosterFolder, type PredictOptions, readFolder } from "./predict";
import { readCatalogue, type WorkOptions } from "./prepare";
import { formatNumber } from "./reporting/format";
import type { Figure } from "./reporting/view";
import { type FilmPoster, filmWall, likenessWall } from "./reporting/wall";
import { featuresSeen } from "./runs/predictor";
import { trainedRun } from "./runs/run";

/** A wall of films in their order, the first `limit` of them. */
export async function wallOf(
  config: Config,
  films: readonly Looked[],
  { limit = 40, title, ...options }: { limit?: number; title?: string } & WorkOptions = {},
): Promise<Figure> {
  const shown = films.slice(0, limit);
  const images = await imagesOf(config, shown, options);
  return filmWall(
    shown.map((film) => hungOf(film, images)),
    { title },
  );
}

/** The pairs of films whose posters are closest by perceptual hash, side by side. */
export async function closestWall(
  config: Config,
  pairs: readonly ClosePair<Looked>[],
  options: WorkOptions = {},
): Promise<Figure> {
  const images = await imagesOf(
    config,
    pairs.flatMap(({ films }) => films),
    options,
  );
  const rows = pairs.map(({ films: [one, other], distance }) => {
    const like = [{ ...hungOf(other, images), likeness: `${distance} of 64 bits differ` }];
    return { poster: hungOf(one, images), like };
  });
  return likenessWall(rows, { title: "Posters closest by perceptual hash" });
}

/** A poster of a folder, and the training films whose posters are most like it, the likest first. */
export interface PosterWithLike extends FolderPoster {
  like: { film: Looked; similarity: number }[];
}

export interface NearestFilms extends Omit<PosterFolder, "posters"> {
  posters: PosterWithLike[];
}

/** For each poster of a folder the training films of a run that its backbone finds most like it: cosine of standardised features. */
export async function nearestFilms(
  name: string,
  folder: string,
  { count = 6, labels, ...options }: PredictOptions & { count?: number } = {},
): Promise<NearestFilms> {
  const run = await trainedRun(name);
  const { posters, ...leftOut } = await readFolder(folder, { ...options, labels, size: run.config.model });
  const known = new Set(run.calibration.splits.train);
  const films = (await readCatalogue(run.config, options)).films.filter(({ id }) => known.has(id));
  if (films.length === 0) throw new UserError(`The data of the run "${name}" no longer holds its training films.`);
  const subjects = [...posters.map(({ subject }) => subject), ...films];
  const { columns, data } = await featuresSeen(run, subjects, options);
  const part = (from: number, rows: number) => ({
    ...{ rows, columns },
    data: data.subarray(from * columns, (from + rows) * columns),
  });
  const near = nearestRows(part(0, posters.length), part(posters.length, films.length), { count });
  return {
    ...leftOut,
    posters: posters.map((poster, i) => ({
      ...poster,
      like: near[i]!.map(({ row, similarity }) => ({ film: films[row]!, similarity })),
    })),
  };
}

/** A row for each poster of a folder: itself, then the films that are most like it, with what they earned. */
export async function nearestWall(
  name: string,
  folder: string,
  { posters }: Pick<NearestFilms, "posters">,
  options: WorkOptions = {},
): Promise<Figure> {
  const { config } = await trainedRun(name);
  const images = await imagesOf(
    config,
    posters.flatMap(({ like }) => like.map(({ film }) => film)),
    options,
  );
  const rows = await Promise.all(
    posters.map(async ({ file, title, subject: { revenue, year }, like }) => ({
      poster: { title, revenue, year, image: await readFile(join(folder, file)) },
      like: like.map(({ film, similarity }) => ({ ...hungOf(film, images), likeness: formatNumber(similarity, 2) })),
    })),
  );
  const notes = [
    "Each poster, then the training films most like it; the small number is 1 for the same poster, 0 for no likeness",
  ];
  return likenessWall(rows, { title: "The films most like each poster", notes });
}

/** Encoded posters by their row in the source. */
async function imagesOf(
  config: Config,
  films: readonly Looked[],
  options: WorkOptions,
): Promise<Map<number, Uint8Array>> {
  const images = new Map<number, Uint8Array>();
  for await (const { film, image } of postersOf(config, films, options)) images.set(film.row, image);
  return images;
}

function hungOf({ title, revenue, year, row }: Looked, images: ReadonlyMap<number, Uint8Array>): FilmPoster {
  return { title, revenue, year, image: images.get(row) ?? new Uint8Array() };
}
