import type { Film } from "../catalogue/film";
import { median } from "./quantiles";

/** A film that stands far from the others by one of its facts. */
export interface Outlier {
  id: number;
  title: string;
  year: number | null;
  fact: FactName;
  value: number;
  /** Modified z-score of the fact's logarithm: below 0, the value is small. */
  score: number;
}

/** Minutes, dollars, and dollars earned for one spent. */
const FACTS = {
  runtime: ({ runtime }: Film) => runtime,
  budget: ({ budget }: Film) => budget,
  revenue: ({ revenue }: Film) => revenue,
  "revenue / budget": ({ revenue, budget }: Film) => (revenue && budget ? revenue / budget : null),
} as const;

export type FactName = keyof typeof FACTS;

/** A normal distribution's third quartile: it makes the score a z-score there. */
const QUARTILE = 0.6745;

/**
 * Films whose runtime, budget, revenue or return is far from the others', the farthest first: by the modified z-score of
 * its logarithm, .6745 (x − median) / median |x − median|, beyond 3.5 (Iglewicz & Hoaglin 1993). Rare films, or wrong rows.
 */
export function outliersOf(films: readonly Film[], { beyond = 3.5 }: { beyond?: number } = {}): Outlier[] {
  const found = (Object.keys(FACTS) as FactName[]).flatMap((fact) => outliersBy(fact, films, beyond));
  return found.sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || a.id - b.id);
}

function outliersBy(fact: FactName, films: readonly Film[], beyond: number): Outlier[] {
  const known = films.flatMap((film) => {
    const value = FACTS[fact](film);
    return value !== null && value > 0 ? [{ film, value, log: Math.log10(value) }] : [];
  });
  if (known.length === 0) return [];
  const middle = median(known.map(({ log }) => log));
  const spread = median(known.map(({ log }) => Math.abs(log - middle)));
  // where more than half are equal, nothing measures how far the others are
  if (spread === 0) return [];
  return known.flatMap(({ film: { id, title, year }, value, log }) => {
    const score = (QUARTILE * (log - middle)) / spread;
    return Math.abs(score) > beyond ? [{ id, title, year, fact, value, score }] : [];
  });
}
