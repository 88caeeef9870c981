import { UsageError } from "../errors";
import type { Film } from "./film";

/** From and to, both included; either may be left open by null. */
export type Range = readonly [from: number | null, to: number | null];

/** What films are wanted; what is not said is not asked. */
export interface FilmQuery {
  /** A part of the title, in capitals or not. */
  title?: string;
  /** The film has all of these. */
  genres?: readonly string[];
  /** ISO 639-1 codes, of which the film has one. */
  languages?: readonly string[];
  years?: Range;
  /** Minutes. */
  runtime?: Range;
  /** Dollars. */
  budget?: Range;
  revenue?: Range;
}

/** The films that a query asks for, in their order; an unknown number is in no range. */
export function findFilms<T extends Film>(films: readonly T[], query: FilmQuery): T[] {
  for (const name of ["years", "runtime", "budget", "revenue"] as const) refuseUpsideDown(name, query[name]);
  const title = query.title?.toLowerCase() ?? "";
  return films.filter(
    (film) =>
      film.title.toLowerCase().includes(title) &&
      (query.genres ?? []).every((genre) => film.genres.includes(genre)) &&
      (!query.languages || query.languages.includes(film.language)) &&
      isWithin(film.year, query.years) &&
      isWithin(film.runtime, query.runtime) &&
      isWithin(film.budget, query.budget) &&
      isWithin(film.revenue, query.revenue),
  );
}

function isWithin(value: number | null, range: Range | undefined): boolean {
  if (!range) return true;
  const [from, to] = range;
  return value !== null && (from === null || value >= from) && (to === null || value <= to);
}

function refuseUpsideDown(name: string, range: Range | undefined): void {
  const [from = null, to = null] = range ?? [];
  if (from === null || to === null || from <= to) return;
  throw new UsageError(`${name} goes from ${from} to ${to}: put the smaller number first.`);
}
