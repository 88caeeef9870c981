import { log10Revenue } from "../catalogue/clean";
import type { Film } from "../catalogue/film";
import type { SplitName, Splits } from "../catalogue/split";
import { mean, median } from "./quantiles";

/** The revenue of one split's films. */
export interface SplitDescription {
  split: SplitName;
  films: number;
  /** Dollars. */
  medianRevenue: number;
  meanLog10: number;
  /** Of log10 dollars, over n − 1. */
  standardDeviation: number;
}

/** Size and revenue of each split, for a table that shows whether they are alike. */
export function describeSplits(splits: Splits<Film>): SplitDescription[] {
  return (["train", "validation", "test"] as const).map((split) => {
    const dollars = revenuesOf(splits[split]);
    const log10 = dollars.map(log10Revenue);
    const meanLog10 = mean(log10);
    const squares = log10.reduce((sum, value) => sum + (value - meanLog10) ** 2, 0);
    const standardDeviation = Math.sqrt(squares / (log10.length - 1));
    return { split, films: dollars.length, medianRevenue: median(dollars), meanLog10, standardDeviation };
  });
}

/** Revenue in dollars of each film; 0 where it is unknown. */
export function revenuesOf(films: readonly Pick<Film, "revenue">[]): number[] {
  return films.map(({ revenue }) => revenue ?? 0);
}

/** Revenue in dollars of the films of each split. */
export function revenuesBySplit({ train, validation, test }: Splits<Film>): Splits<number> {
  return { train: revenuesOf(train), validation: revenuesOf(validation), test: revenuesOf(test) };
}

/** What a table shows of films. */
export type FilmLine = Pick<Film, "id" | "title" | "genres" | "year" | "runtime" | "budget" | "revenue">;

/** Films without their posters and longer texts, for a table. */
export function filmLines(films: readonly Film[]): FilmLine[] {
  return films.map(({ id, title, genres, year, runtime, budget, revenue }) => {
    return { id, title, genres, year, runtime, budget, revenue };
  });
}
