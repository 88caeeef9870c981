import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { type Film, knownFacts, UNKNOWN_FILM } from "./catalogue/film";
import { matchNames, type NameMatch } from "./catalogue/names";
import { parseRow } from "./catalogue/row";
import type { RawPoster } from "./catalogue/source";
import type { Config } from "./config";
import { reasonOf, UserError } from "./errors";
import { type RankedPrediction, type RankingSummary, rankPredictions } from "./evaluation/ranking";
import { readPixels } from "./posters/pixels";
import { pixelCache, type WorkOptions } from "./prepare";
import { readsFacts } from "./runs/ensemble";
import { predictFilms, type Subject } from "./runs/predictor";
import { trainedRun } from "./runs/run";
import { readJson } from "./system/files";

/** File endings that are read as posters. */
const IMAGE_ENDINGS = [".jpg", ".jpeg", ".png", ".webp"];

export interface PredictOptions extends WorkOptions {
  /** A JSON file of `{ "poster.jpg": { "title": …, "actual_revenue": dollars, "genres": […], "release_date": … } }`. */
  labels?: string;
}

/** A folder of posters, predicted; what was left out of it, and why. */
export interface Predicted {
  /** The greatest prediction first; money in dollars. */
  ranked: RankedPrediction[];
  summary: RankingSummary;
  /** Posters that cannot be read, with the reason. */
  skipped: { file: string; reason: string }[];
  /** Labels that belong to a poster of a slightly different name. */
  inexact: NameMatch[];
  /** Labels that belong to no poster. */
  unmatched: { name: string; reason: string }[];
  /** Posters without a label; empty where no labels were given. */
  unlabelled: string[];
  /** Posters of whose film a fused model was told neither genre, date, runtime nor budget: it knows their title at most. */
  factless: string[];
  /** Whether intervals are `scaled` by how hard a film is, as one without facts, or as wide as all, `constant`. */
  intervals: Config["evaluation"]["intervals"];
}

/** Predicts every poster of a folder by a trained run and ranks them, beside what they earned where labels say so. */
export async function predict(
  name: string,
  folder: string,
  { labels, ...options }: PredictOptions = {},
): Promise<Predicted> {
  const run = await trainedRun(name);
  const { posters, ...leftOut } = await readFolder(folder, { ...options, labels, size: run.config.model });
  const subjects = posters.map(({ subject }) => subject);
  const made = await predictFilms(run, subjects, options);
  const predictions = posters.map(({ file, title, subject }, i) => {
    return { file, title, ...made[i]!, actual: subject.revenue };
  });
  const { bootstrap: samples, seed } = run.config.evaluation;
  const reference = run.calibration.reference;
  return {
    ...rankPredictions(predictions, { reference, samples, seed }),
    ...leftOut,
    factless: (await readsFacts(run))
      ? posters.filter(({ subject }) => knowsNothing(subject)).map(({ file }) => file)
      : [],
    intervals: run.config.evaluation.intervals,
  };
}

/** A poster of a folder, and what its label says of the film; without a label its file's name is shown as the title. */
export interface FolderPoster {
  file: string;
  title: string;
  subject: Subject;
}

/** The readable posters of a folder, and an account of the others and of the labels. */
export interface PosterFolder extends Pick<Predicted, "skipped" | "inexact" | "unmatched" | "unlabelled"> {
  posters: FolderPoster[];
}

/** Reads a folder's posters into the pixel cache and gives each its label; a `UserError` where none can be read. */
export async function readFolder(
  folder: string,
  { labels, size, ...options }: PredictOptions & { size: { width: number; height: number } },
): Promise<PosterFolder> {
  const files = await imageFiles(folder);
  const known = labels ? await readLabels(labels) : new Map<string, Film>();
  const titles = new Map([...known].map(([key, { title }]) => [key, title]));
  const { matched, inexact, unmatched, unused } = matchNames(files, [...known.keys()], titles);
  const filmOf = new Map([...matched].map(([key, file]) => [file, known.get(key)!]));
  const { posters, skipped } = await readPosters(folder, files, { ...options, size });
  return {
    posters: [...posters].map(([file, sha256]) => {
      const film = filmOf.get(file);
      return {
        file,
        title: film?.title ?? basename(file, extname(file)),
        subject: { ...(film ?? UNKNOWN_FILM), sha256 },
      };
    }),
    ...{ skipped, inexact, unmatched, unlabelled: labels ? unused : [] },
  };
}

function knowsNothing(film: Film): boolean {
  return !Object.values(knownFacts(film)).includes(true);
}

/** The images of a folder, by name; a `UserError` where there is none. */
export async function imageFiles(folder: string): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UserError(`There is no folder ${folder}.`);
    if (code === "ENOTDIR") throw new UserError(`${folder} is a file: give the folder that holds the posters.`);
    throw new UserError(`${folder} cannot be read: ${reasonOf(thrown)}.`);
  }
  const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  const images = files.filter((name) => IMAGE_ENDINGS.includes(extname(name).toLowerCase())).sort();
  if (images.length > 0) return images;
  throw new UserError(`The folder ${folder} holds no poster: put ${IMAGE_ENDINGS.join(", ")} files into it.`);
}

/** Decodes the images of a folder into the pixel cache: file → SHA-256, and what could not be read. */
export async function readPosters(
  folder: string,
  files: readonly string[],
  {
    size,
    mayBeNone = false,
    ...options
  }: WorkOptions & { size?: { width: number; height: number }; mayBeNone?: boolean },
): Promise<{ posters: Map<string, string>; skipped: { file: string; reason: string }[] }> {
  const cache = await pixelCache(size);
  const posters = new Map<string, string>();
  const skipped: { file: string; reason: string }[] = [];
  try {
    for await (const poster of readPixels(bytesOf(folder, files), { cache, total: files.length, ...options })) {
      const file = files[poster.row]!;
      if ("reason" in poster) skipped.push({ file, reason: poster.reason });
      else posters.set(file, poster.sha256);
    }
  } finally {
    await cache.close();
  }
  if (posters.size > 0 || mayBeNone) return { posters, skipped };
  throw new UserError(`No poster in ${folder} can be read (${skipped[0]?.file} ${skipped[0]?.reason}).`);
}

async function* bytesOf(folder: string, files: readonly string[]): AsyncGenerator<RawPoster> {
  for (const [row, file] of files.entries()) {
    yield { row, bytes: await readFile(join(folder, file)).catch(() => null) };
  }
}

const labelSchema = z.record(
  z.string(),
  z.looseObject({
    title: z.string().optional(),
    actual_revenue: z.number().nonnegative().nullish(),
    revenue: z.number().nonnegative().nullish(),
  }),
);

/** Films by the file name of their label; beside title and `actual_revenue` it may hold any column of the parquet files. */
async function readLabels(path: string): Promise<Map<string, Film>> {
  const parsed = labelSchema.safeParse(await readJson(path));
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join(".") || "the top";
    throw new UserError(
      `${path} is wrong at ${where}: write {"poster.jpg": {"title": "…", "actual_revenue": 1000000}}.`,
    );
  }
  return new Map(
    Object.entries(parsed.data).map(([file, { actual_revenue: actual, ...facts }], row) => {
      const named = { title: basename(file, extname(file)), ...facts };
      const where = `${path}, ${JSON.stringify(file)}`;
      const result = parseRow({ row, where, facts: { ...named, id: row + 1, revenue: actual ?? facts.revenue } });
      if ("invalid" in result) throw new UserError(`${result.invalid.reason}: correct the label, or leave it out.`);
      return [file, result.row];
    }),
  );
}
