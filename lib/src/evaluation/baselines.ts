import { z } from "zod";
import { log10Revenue } from "../catalogue/clean";
import type { Film } from "../catalogue/film";
import { UserError } from "../errors";
import { type Matrix, matrixOf } from "../model/matrix";
import { METADATA, metadataOf, type VocabularyOptions, vocabularyOf } from "../model/metadata";
import { fitRidge, predictRidge } from "../model/ridge";
import { fitTrees, predictTrees, type TreesOptions } from "../model/trees";
import { treesSchema } from "../model/trees/schema";
import { mean, median } from "./quantiles";

/** The forecasts that any model must beat, from the simplest on. */
export const BASELINES = ["mean", "median", "year", "genre", "colours", "metadata", "metadata+budget"] as const;

export type BaselineName = (typeof BASELINES)[number];

/** Films and the colour features of their posters (`colourFeatures`), a row each; without them no baseline of colours. */
export interface BaselineData {
  films: readonly Film[];
  colours?: Matrix;
}

/** Training films of a mean that a year's own films are averaged with, so that a year of one film says little. */
const YEAR_PRIOR = 10;
/** Chosen by 5-fold cross-validation of real films; flat around here. */
const TREES: TreesOptions = {
  trees: 500,
  learningRate: 0.03,
  maxLeaves: 8,
  minLeaf: 10,
  rowShare: 0.7,
  columnShare: 0.5,
};
const GENRE_PENALTIES = [1, 3, 10, 30, 100];
/** For colour features from 0 to 1, as they are. */
const COLOUR_PENALTIES = [1, 3, 10, 30, 100, 300, 1000];

const numbers = z.array(z.number());
const linear = z.object({ weights: numbers, intercept: z.number(), penalty: z.number() });
const metadata = z.object({
  vocabulary: z.object({
    groups: z.array(z.enum(METADATA)),
    ...{ genres: z.array(z.string()), languages: z.array(z.string()) },
  }),
  trees: treesSchema,
});
const schema = z.object({
  version: z.literal(1),
  mean: z.number(),
  median: z.number(),
  /** Each year's mean, already drawn towards the mean of all. */
  year: z.object({ means: z.record(z.string().regex(/^\d+$/), z.number()) }).nullable(),
  genre: z.object({ genres: z.array(z.string()), ridge: linear }).nullable(),
  colours: linear.nullable(),
  metadata,
  "metadata+budget": metadata,
  /** Why a baseline is null. */
  omitted: z.partialRecord(z.enum(BASELINES), z.string()),
});

/** The baselines as JSON, fitted on training films alone; log10 dollars. */
export type FittedBaselines = z.infer<typeof schema>;

/** Fits every baseline that the training films allow; the rest are null, and `omitted` says why. */
export function fitBaselines({ films, colours }: BaselineData): FittedBaselines {
  const y = Float64Array.from(films, log10OfTraining);
  if (y.length === 0) throw new UserError("There are no training films to make a baseline from: add films.");
  const year = fitYear(films, y);
  const genre = fitGenre(films, y);
  const omitted: FittedBaselines["omitted"] = {};
  if (!year) omitted.year = "no training film has a year";
  if (!genre) omitted.genre = "no training film has a genre";
  if (!colours) omitted.colours = "the training posters' colours were not given";
  return {
    version: 1,
    mean: mean(y),
    median: Math.log10(median(films.map(({ revenue }) => revenue!))),
    ...{ year, genre },
    colours: colours ? fitLinear(colours, y, COLOUR_PENALTIES) : null,
    metadata: fitMetadata(films, y, { budget: false }),
    "metadata+budget": fitMetadata(films, y),
    omitted,
  };
}

/** Reads fitted baselines from JSON; a `UserError` names the file where it is not what `fitBaselines` made. */
export function parseBaselines(json: unknown, path: string): FittedBaselines {
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const { path: place, message } = error.issues[0]!;
  throw new UserError(
    `${path} holds no baselines of this version (${place.join(".")}: ${message}): train the run again.`,
  );
}

/**
 * What each baseline predicts, log10 dollars, one for each film. A film without a year, or of a year that training lacks,
 * gets the training mean from `year`; one without a genre that training knows gets it from `genre`. A baseline that was
 * not fitted, or lacks the colours, is left out: `omittedBaselines` says why.
 */
export function predictBaselines(
  fitted: FittedBaselines,
  { films, colours }: BaselineData,
): Partial<Record<BaselineName, Float64Array>> {
  if (colours && colours.rows !== films.length) {
    throw new UserError(`There are colours of ${colours.rows} posters for ${films.length} films: give one row each.`);
  }
  const { year, genre } = fitted;
  const each = (predict: (film: Film) => number) => Float64Array.from(films, predict);
  const trees = ({ vocabulary, trees }: FittedBaselines["metadata"]) =>
    predictTrees(trees, metadataOf(films, vocabulary));
  return {
    mean: each(() => fitted.mean),
    median: each(() => fitted.median),
    ...(year && { year: each((film) => (film.year === null ? fitted.mean : (year.means[film.year] ?? fitted.mean))) }),
    ...(genre && { genre: predictGenre(genre, films, fitted.mean) }),
    ...(fitted.colours && colours && { colours: predictRidge(fitted.colours, colours) }),
    metadata: trees(fitted.metadata),
    "metadata+budget": trees(fitted["metadata+budget"]),
  };
}

/** The baselines that `predictBaselines` leaves out of these films, and why. */
export function omittedBaselines({ omitted }: FittedBaselines, { colours }: BaselineData): FittedBaselines["omitted"] {
  if (omitted.colours || colours) return omitted;
  return { ...omitted, colours: "the posters' colours were not given" };
}

function log10OfTraining({ title, revenue }: Film): number {
  if (revenue !== null && revenue > 0) return log10Revenue(revenue);
  throw new UserError(`The training film ${JSON.stringify(title)} has no revenue: leave it out.`);
}

/** Each year's mean, drawn towards the mean of all as by `YEAR_PRIOR` more films of it. */
function fitYear(films: readonly Film[], y: Float64Array): FittedBaselines["year"] {
  const sums = new Map<number, { sum: number; count: number }>();
  films.forEach(({ year }, i) => {
    if (year === null) return;
    const { sum, count } = sums.get(year) ?? { sum: 0, count: 0 };
    sums.set(year, { sum: sum + y[i]!, count: count + 1 });
  });
  if (sums.size === 0) return null;
  const overall = mean(y);
  const shrunk = ({ sum, count }: { sum: number; count: number }) =>
    (sum + YEAR_PRIOR * overall) / (count + YEAR_PRIOR);
  return { means: Object.fromEntries([...sums].map(([year, films]) => [year, shrunk(films)])) };
}

/** What each genre adds, from the training films whose genres are known. */
function fitGenre(films: readonly Film[], y: Float64Array): FittedBaselines["genre"] {
  const known = films.flatMap((film, i) => (film.genres.length > 0 ? [i] : []));
  if (known.length === 0) return null;
  const genres = [...new Set(films.flatMap((film) => film.genres))].sort();
  const features = genreFeatures(
    known.map((i) => films[i]!),
    genres,
  );
  const targets = known.map((i) => y[i]!);
  return { genres, ridge: fitLinear(features, targets, GENRE_PENALTIES) };
}

function predictGenre(
  { genres, ridge }: NonNullable<FittedBaselines["genre"]>,
  films: readonly Film[],
  neutral: number,
) {
  const predicted = predictRidge(ridge, { ...genreFeatures(films, genres), columns: genres.length });
  return predicted.map((value, i) => (films[i]!.genres.some((genre) => genres.includes(genre)) ? value : neutral));
}

function genreFeatures(films: readonly Film[], genres: readonly string[]): Matrix {
  return matrixOf(films.map((film) => genres.map((genre) => Number(film.genres.includes(genre)))));
}

function fitLinear(features: Matrix, y: ArrayLike<number>, penalties: readonly number[]): z.infer<typeof linear> {
  const { weights, intercept, penalty } = fitRidge(features, y, { penalties });
  return { weights, intercept, penalty };
}

function fitMetadata(
  films: readonly Film[],
  y: Float64Array,
  options: VocabularyOptions = {},
): FittedBaselines["metadata"] {
  const vocabulary = vocabularyOf(films, options);
  return { vocabulary, trees: fitTrees(metadataOf(films, vocabulary), y, TREES) };
}
