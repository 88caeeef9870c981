import { z } from "zod";
import { log10Revenue } from "../catalogue/clean";
import type { Film } from "../catalogue/film";
import { titleFinder } from "../catalogue/title-groups";
import { stemsOf } from "../catalogue/title-stems";
import type { Table } from "./matrix";

/** What training films earned, and the stems of their titles, by which later films of their franchises find them. */
export const franchiseSchema = z.object({
  films: z.array(
    z.object({
      stems: z.object({ head: z.string(), hero: z.string().nullable(), subtitle: z.string().nullable() }),
      /** `YYYY-MM-DD` or `YYYY`. */
      released: z.string().regex(/^\d{4}(-\d\d-\d\d)?$/),
      log10Revenue: z.number(),
    }),
  ),
});

/** The franchise look-up as JSON, from training films alone. */
export type Franchise = z.infer<typeof franchiseSchema>;

type Member = Franchise["films"][number];

/** Log10 dollars of the earlier films of a film's title group (title-groups.ts), and how many they are. */
export const FRANCHISE_FEATURES = ["earlier mean", "earlier latest", "earlier films"] as const;

/** Keeps the training films whose revenue and date are known: no other can be told to be an earlier one. */
export function franchiseOf(films: readonly Film[]): Franchise {
  const known = films.filter(({ revenue, releaseDate }) => revenue !== null && revenue > 0 && releaseDate !== "");
  return {
    films: known.map(({ title, releaseDate, revenue }) => ({
      stems: stemsOf(title),
      released: releaseDate,
      log10Revenue: log10Revenue(revenue),
    })),
  };
}

/**
 * What the franchise had earned before each film: the mean and the latest log10 revenue of the training films of its
 * title group that were released on an earlier day, and their number, [films, 3]. NaN, NaN and 0 where there is none; all
 * NaN where the film's own date is not known. Of a film known by its year alone, earlier years are earlier, later years
 * later; a film is therefore never before itself.
 */
export function franchiseFeatures({ films }: Franchise, queries: readonly Film[]): Table {
  const find = titleFinder(films.map(({ stems }) => stems));
  const columns = FRANCHISE_FEATURES.length;
  const data = new Float64Array(queries.length * columns).fill(Number.NaN);
  queries.forEach(({ title, releaseDate }, row) => {
    if (releaseDate === "") return;
    const group = find(stemsOf(title)).map((film) => films[film]!);
    const earlier = group.filter(({ released }) => lastDay(released) < firstDay(releaseDate));
    data[row * columns + 2] = earlier.length;
    if (earlier.length === 0) return;
    data[row * columns] = earlier.reduce((sum, film) => sum + film.log10Revenue, 0) / earlier.length;
    data[row * columns + 1] = earlier.reduce(later).log10Revenue;
  });
  return { rows: queries.length, columns, data, names: [...FRANCHISE_FEATURES] };
}

/** Of two films the one released last; of one day, the one that earned more, so that no order of the films matters. */
function later(a: Member, b: Member): Member {
  const [one, other] = [lastDay(a.released), lastDay(b.released)];
  if (one !== other) return one > other ? a : b;
  return a.log10Revenue > b.log10Revenue ? a : b;
}

/** The first day that a date may mean, `YYYY-01-01` of a year. */
function firstDay(date: string): string {
  return date.length === 4 ? `${date}-01-01` : date;
}

function lastDay(date: string): string {
  return date.length === 4 ? `${date}-12-31` : date;
}
