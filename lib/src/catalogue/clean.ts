import type { Film } from "./film";

/** The smallest films that are kept. `minBudget` and `minYear` at 0 ask for nothing. */
export interface FilmFilter {
  /** Dollars; a film must have earned more. */
  minRevenue: number;
  /** Dollars; a film must have cost more. */
  minBudget?: number;
  /** The first year kept. */
  minYear?: number;
}

/** Why a film was dropped: the first reason that applies, in this order. */
export const DROP_REASONS = [
  "unknown revenue",
  "low revenue",
  "unknown budget",
  "low budget",
  "unknown year",
  "early year",
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** The base-10 logarithm of dollars; 0 where nothing is known or earned, as in the original project. */
export function log10Revenue(dollars: number | null): number {
  return dollars !== null && dollars > 0 ? Math.log10(dollars) : 0;
}

/** The films that pass the filter, in their order, and how many fell for which reason; what is unknown passes no filter. */
export function filterFilms<T extends Pick<Film, "revenue" | "budget" | "year">>(
  films: readonly T[],
  filter: FilmFilter,
): { kept: T[]; dropped: Record<DropReason, number> } {
  const dropped = noneDropped();
  const kept = films.filter((film) => {
    const reason = reasonToDrop(film, filter);
    if (reason) dropped[reason]++;
    return reason === null;
  });
  return { kept, dropped };
}

/** A count of 0 for each reason. */
export function noneDropped(): Record<DropReason, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
}

/** Why the filter drops a film, or null where it keeps it. */
export function reasonToDrop(
  { revenue, budget, year }: Pick<Film, "revenue" | "budget" | "year">,
  { minRevenue, minBudget = 0, minYear = 0 }: FilmFilter,
): DropReason | null {
  if (revenue === null) return "unknown revenue";
  if (revenue <= minRevenue) return "low revenue";
  if (minBudget > 0) {
    if (budget === null) return "unknown budget";
    if (budget <= minBudget) return "low budget";
  }
  if (minYear > 0) {
    if (year === null) return "unknown year";
    if (year < minYear) return "early year";
  }
  return null;
}
