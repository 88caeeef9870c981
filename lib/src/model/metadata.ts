import type { Film } from "../catalogue/film";
import { noSuch, UserError } from "../errors";
import type { Table } from "./matrix";

/** What is known of a film before its release, by group. */
export const METADATA = ["genres", "date", "runtime", "language", "budget", "title", "tagline", "overview"] as const;

export type MetadataGroup = (typeof METADATA)[number];

/** What is known only after the release, or changes with a film's fame: no model may see it. */
export const REFUSED: readonly string[] = [
  ...["popularity", "revenue", "gross", "box_office", "opening_weekend", "profit", "roi"],
  ...["vote_average", "vote_count", "rating", "ratings", "score", "imdb_rating", "metascore", "reviews", "awards"],
];

/** How films become numbers: made from training films alone, kept as JSON. */
export interface MetadataVocabulary {
  groups: MetadataGroup[];
  /** Every genre of the training films, in alphabetical order. */
  genres: string[];
  /** The frequent languages of the training films, in alphabetical order; any other is "other". */
  languages: string[];
}

export interface VocabularyOptions {
  /** The groups of features; all unless given. A group known only after release is a `UserError`. */
  groups?: readonly string[];
  /** False leaves the budget out, whatever the groups. */
  budget?: boolean;
  /** How many training films make a genre, or a language, worth a feature of its own. */
  minGenreFilms?: number;
  minLanguageFilms?: number;
}

/** Makes the vocabulary from training films. */
export function vocabularyOf(
  films: readonly Film[],
  { groups = METADATA, budget = true, minGenreFilms = 1, minLanguageFilms = 10 }: VocabularyOptions = {},
): MetadataVocabulary {
  const genres = films.flatMap((film) => [...new Set(film.genres)]);
  const languages = films.map(({ language }) => language).filter((language) => language !== "");
  return {
    groups: checkedGroups(groups).filter((group) => budget || group !== "budget"),
    genres: frequent(genres, minGenreFilms),
    languages: frequent(languages, minLanguageFilms),
  };
}

/** The groups, or a `UserError` about the first that is known only after release, or not at all. */
export function checkedGroups(groups: readonly string[]): MetadataGroup[] {
  return groups.map((group) => {
    if (REFUSED.includes(group.toLowerCase())) {
      throw new UserError(
        `"${group}" is known only after a film's release, so it would leak the answer: leave it out.`,
      );
    }
    if (!(METADATA as readonly string[]).includes(group)) {
      throw new UserError(noSuch("group of film facts", group, METADATA));
    }
    return group as MetadataGroup;
  });
}

/** What is known of each film as numbers, [films, features]; NaN where it is not known. */
export function metadataOf(films: readonly Film[], vocabulary: MetadataVocabulary): Table {
  const features = checkedGroups(vocabulary.groups).flatMap((group) => GROUPS[group](vocabulary));
  const data = new Float64Array(films.length * features.length);
  films.forEach((film, row) => {
    features.forEach(({ value }, column) => {
      data[row * features.length + column] = value(film);
    });
  });
  return { rows: films.length, columns: features.length, data, names: features.map(({ name }) => name) };
}

interface Feature {
  name: string;
  value: (film: Film) => number;
}

const GROUPS: Record<MetadataGroup, (vocabulary: MetadataVocabulary) => Feature[]> = {
  genres: ({ genres }) => [
    ...genres.map((genre) => ({
      name: `genre ${genre}`,
      // no genre at all means that they are not known
      value: (film: Film) => (film.genres.length > 0 ? Number(film.genres.includes(genre)) : Number.NaN),
    })),
    { name: "genres", value: ({ genres }) => genres.length || Number.NaN },
  ],
  date: () => [
    { name: "year", value: ({ year }) => year ?? Number.NaN },
    { name: "month", value: ({ releaseDate }) => dateOf(releaseDate).month },
    { name: "day of year", value: ({ releaseDate }) => dateOf(releaseDate).dayOfYear },
    { name: "weekday", value: ({ releaseDate }) => dateOf(releaseDate).weekday },
  ],
  runtime: () => [{ name: "runtime", value: ({ runtime }) => runtime ?? Number.NaN }],
  language: ({ languages }) =>
    [...languages, "other"].map((name) => ({
      name: `language ${name}`,
      value: ({ language }) =>
        language === "" ? Number.NaN : Number((languages.includes(language) ? language : "other") === name),
    })),
  budget: () => [
    { name: "log10 budget", value: ({ budget }) => (budget === null ? Number.NaN : Math.log10(budget)) },
    { name: "budget known", value: ({ budget }) => Number(budget !== null) },
  ],
  title: () => [
    { name: "title length", value: ({ title }) => [...title].length },
    { name: "title words", value: ({ title }) => title.split(/\s+/).filter(Boolean).length },
    { name: "title has a number", value: ({ title }) => Number(/\p{N}|\b(II|III|IV|V|VI)\b/u.test(title)) },
    { name: "title has a colon", value: ({ title }) => Number(title.includes(":")) },
  ],
  tagline: () => [
    { name: "tagline known", value: ({ tagline }) => Number(tagline !== "") },
    { name: "tagline length", value: ({ tagline }) => [...tagline].length || Number.NaN },
  ],
  overview: () => [{ name: "overview length", value: ({ overview }) => [...overview].length || Number.NaN }],
};

const UNKNOWN_DATE = { month: Number.NaN, dayOfYear: Number.NaN, weekday: Number.NaN };

/** Month 1–12, day 1–366 and weekday 0–6 from Sunday of `YYYY-MM-DD`; NaN of a year alone, or of nothing. */
function dateOf(releaseDate: string): typeof UNKNOWN_DATE {
  const [year, month, day] = releaseDate.split("-").map(Number);
  if (year === undefined || month === undefined || day === undefined) return UNKNOWN_DATE;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const newYear = new Date(0);
  newYear.setUTCFullYear(year, 0, 1);
  const dayOfYear = Math.round((date.getTime() - newYear.getTime()) / 86_400_000) + 1;
  return { month, dayOfYear, weekday: date.getUTCDay() };
}

/** The values that occur at least `least` times, in alphabetical order. */
function frequent(values: readonly string[], least: number): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= least).map(([value]) => value);
  // by code units: the same in every locale
  return kept.sort();
}
