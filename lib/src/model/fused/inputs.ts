import type { Film } from "../../catalogue/film";
import { type Franchise, franchiseFeatures, franchiseOf } from "../franchise";
import type { KernelTerm } from "../kernel-ridge";
import { checkColumns, type Matrix, type Table } from "../matrix";
import { type MetadataVocabulary, metadataOf, vocabularyOf } from "../metadata";
import { type TextVocabulary, textOf, textVocabularyOf, tfidfOf } from "../text";
import { kernelFeatures, type Moments, momentsOf } from "./kernel-features";
import { type PosterScale, posterScaleOf, scaledPosters } from "./poster-scale";

/** Films, and one row for each of numbers that describe its poster, unscaled. */
export interface FusedData {
  films: readonly Film[];
  posters?: Matrix;
}

/** What may be left out, to see what it adds. */
export interface FusedParts {
  poster?: boolean;
  text?: boolean;
  franchise?: boolean;
  budget?: boolean;
}

/** How films become numbers, learnt from training films. What was left out, or says nothing there, is null. */
export interface FusedInputs {
  vocabulary: MetadataVocabulary;
  /** By how much the training films' log10 budget rose in a year. */
  budgetTrend: number | null;
  moments: Moments[];
  franchise: Franchise | null;
  /** Null too where no two training films share a word. */
  text: TextVocabulary | null;
  poster: PosterScale | null;
}

/** The weights of the kernel's terms, beside a noise of 1; chosen as the scales of the facts, in kernel-features.ts. */
const FACTS_KERNEL = { kind: "rbf", weight: 0.56, gamma: 0.25 } as const;
const FACTS_TREND = { kind: "linear", weight: 1 } as const;
const TEXT_TREND = { kind: "linear", weight: 0.15 } as const;
/** Its gamma is divided by the number of features: it measures their mean squared difference. */
const POSTER_KERNEL = { kind: "rbf", weight: 0.2, gamma: 1.5 } as const;

/** Learns from training films how films become numbers. */
export function inputsOf(
  { films, posters }: FusedData,
  { poster = true, text = true, franchise = true, budget = true }: FusedParts = {},
): FusedInputs {
  const vocabulary = vocabularyOf(films, { budget });
  const earlier = franchise ? franchiseOf(films) : null;
  const budgetTrend = budget ? budgetTrendOf(films) : null;
  return {
    ...{ vocabulary, budgetTrend, franchise: earlier },
    moments: momentsOf(tableOf({ vocabulary, budgetTrend, franchise: earlier }, films)),
    text: text ? textVocabularyOf(textsOf(films)) : null,
    poster: poster && posters ? posterScaleOf(posters) : null,
  };
}

/** What the trees and the kernel see of films. */
export function numbersOf(inputs: FusedInputs, { films, posters }: FusedData): { table: Table; terms: KernelTerm[] } {
  const { moments, text, poster } = inputs;
  const table = tableOf(inputs, films);
  const { near, trend } = kernelFeatures(table, moments);
  const terms: KernelTerm[] = [
    { ...FACTS_KERNEL, rows: near },
    { ...FACTS_TREND, rows: trend },
  ];
  if (text) terms.push({ ...TEXT_TREND, rows: tfidfOf(textsOf(films), text) });
  if (poster && posters) {
    checkColumns(posters, poster.means.length);
    const gamma = POSTER_KERNEL.gamma / posters.columns;
    terms.push({ ...POSTER_KERNEL, gamma, rows: scaledPosters(posters, poster) });
  }
  return { table, terms };
}

/** The facts of films: metadata, the budget beside others of its year, and what the franchise had earned. */
export function tableOf(
  { vocabulary, budgetTrend, franchise }: Pick<FusedInputs, "vocabulary" | "budgetTrend" | "franchise">,
  films: readonly Film[],
): Table {
  const tables = [metadataOf(films, vocabulary)];
  if (budgetTrend !== null) tables.push(budgetForYear(films, budgetTrend));
  if (franchise) tables.push(franchiseFeatures(franchise, films));
  return tables.reduce(beside);
}

/** By how much the log10 budget rose in a year, by least squares; 0 where fewer than two years are known. */
function budgetTrendOf(films: readonly Film[]): number {
  const known = films.flatMap(({ budget, year }) => (budget && year ? [{ x: year, y: Math.log10(budget) }] : []));
  const [x0, y0] = [mean(known.map(({ x }) => x)), mean(known.map(({ y }) => y))];
  const squares = known.reduce((sum, { x }) => sum + (x - x0) ** 2, 0);
  return squares === 0 ? 0 : known.reduce((sum, { x, y }) => sum + (x - x0) * (y - y0), 0) / squares;
}

/** Log10 of the budget that would have been as large in the year 2000, [films, 1]. */
function budgetForYear(films: readonly Film[], trend: number): Table {
  const data = Float64Array.from(films, ({ budget, year }) =>
    budget && year ? Math.log10(budget) - trend * (year - 2000) : Number.NaN,
  );
  return { rows: films.length, columns: 1, data, names: ["log10 budget for its year"] };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}

function textsOf(films: readonly Film[]): string[] {
  return films.map((film) => `${textOf(film)}\n${film.tagline}`);
}

/** The columns of two tables of the same films. */
function beside(a: Table, b: Table): Table {
  const columns = a.columns + b.columns;
  const data = new Float64Array(a.rows * columns);
  for (let row = 0; row < a.rows; row++) {
    data.set(a.data.subarray(row * a.columns, (row + 1) * a.columns), row * columns);
    data.set(b.data.subarray(row * b.columns, (row + 1) * b.columns), row * columns + a.columns);
  }
  return { rows: a.rows, columns, data, names: [...a.names, ...b.names] };
}
