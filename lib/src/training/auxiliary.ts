import type { Film } from "../catalogue/film";
import { metadataOf, vocabularyOf } from "../model/metadata";

/** What else a poster may tell of its film, to be learnt beside revenue (Caruana 1997). */
export interface Auxiliary {
  names: string[];
  /** Row-major [films, names], mean 0 and deviation 1 over the films that it is known of; NaN of the others. */
  targets: Float32Array;
  /** How much all of it counts beside the loss of revenue. */
  weight: number;
}

/** A genre of fewer films than this teaches nothing. */
const FEWEST_FILMS = 20;

/** Genres, year and log10 budget of training films; what is the same for all is left out. */
export function auxiliaryOf(films: readonly Film[], weight: number): Auxiliary {
  const groups = ["genres", "date", "budget"];
  const table = metadataOf(films, vocabularyOf(films, { groups, minGenreFilms: FEWEST_FILMS }));
  const columns = table.names.flatMap((name, column) => {
    if (!/^(genre .*|year|log10 budget)$/.test(name)) return [];
    const values = Float64Array.from(films, (_, row) => table.data[row * table.columns + column]!);
    const scaled = standardised(values);
    return scaled ? [{ name, scaled }] : [];
  });
  const targets = new Float32Array(films.length * columns.length);
  for (const [column, { scaled }] of columns.entries()) {
    for (const [row, value] of scaled.entries()) targets[row * columns.length + column] = value;
  }
  return { names: columns.map(({ name }) => name), targets, weight };
}

/** By the mean and deviation of the values that are known; null where these are all the same. */
function standardised(values: Float64Array): Float64Array | null {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
  return deviation > 0 ? values.map((value) => (value - mean) / deviation) : null;
}
