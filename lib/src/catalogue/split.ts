import { UserError } from "../errors";
import { Random } from "../random";
import { titleGroups } from "./title-groups";

const SIDES = ["train", "validation", "test"] as const;

/** The sides a film can fall on. */
export type SplitName = (typeof SIDES)[number];

/** Something for each side: ids, films, tensors. */
export type Splits<T> = Record<SplitName, T[]>;

/** The positions 0 … n − 1 cut in two exactly as `datasets.Dataset.train_test_split(test_size, seed)` cuts them. */
export function trainTestSplit(
  n: number,
  { testSize, seed }: { testSize: number; seed: number },
): { train: number[]; test: number[] } {
  const testCount = heldOut(n, testSize);
  const order = [...new Random(seed).permutation(n)];
  return { train: order.slice(testCount), test: order.slice(0, testCount) };
}

/** How many of n films a fraction sets aside, rounded up; at least one must remain. */
function heldOut(n: number, fraction: number): number {
  if (!(fraction > 0 && fraction < 1)) {
    throw new UserError(`A split of ${fraction} cannot be made: give a fraction between 0 and 1, as 0.1.`);
  }
  const count = Math.ceil(fraction * n);
  if (count < n) return count;
  throw new UserError(`${n} film(s) are too few to set ${fraction} of them aside: use more films or a smaller split.`);
}

/**
 * How films fall on the sides. `random`: as `train_test_split` applied twice. `date`: the newest test, those before them
 * validate, the oldest train; a film without a date trains, for it cannot be shown to be new. `group`: as random, but
 * films of one title group (title-groups.ts) fall on one side.
 */
export const SPLIT_METHODS = ["random", "date", "group"] as const;

export type SplitMethod = (typeof SPLIT_METHODS)[number];

/** What a split may look at. */
export interface Splittable {
  id: number;
  /** `YYYY-MM-DD`, `YYYY` (taken for the year's first day), or "". */
  releaseDate?: string;
  title?: string;
}

/**
 * Splits films (one row for each id): `test` is a fraction of all films, `validation` a fraction of those that remain,
 * both rounded up. Throws a `UserError` where a side would be empty or an id repeats.
 */
export function splitFilms<T extends Splittable>(
  films: readonly T[],
  {
    by = "random",
    test = 0.1,
    validation = 0.1,
    seed = 42,
  }: { by?: SplitMethod; test?: number; validation?: number; seed?: number } = {},
): Splits<T> {
  refuseRepeatedIds(films);
  if (by === "date") return splitByDate(films, { test, validation });
  if (by === "group") return splitByGroup(films, { test, validation, seed });
  const outer = trainTestSplit(films.length, { testSize: test, seed });
  const remaining = outer.train.map((position) => films[position] as T);
  const inner = trainTestSplit(remaining.length, { testSize: validation, seed });
  return {
    train: inner.train.map((position) => remaining[position] as T),
    validation: inner.test.map((position) => remaining[position] as T),
    test: outer.test.map((position) => films[position] as T),
  };
}

/** The films that a split by date cannot place: they train. */
export function undatedFilms<T extends Splittable>(films: readonly T[]): T[] {
  return films.filter(({ releaseDate }) => !releaseDate);
}

/** Films of one day are ordered by id, so that the order of the rows does not matter. */
function splitByDate<T extends Splittable>(
  films: readonly T[],
  fractions: { test: number; validation: number },
): Splits<T> {
  const { test, validation } = sideSizes(films.length, fractions);
  const dated = films.filter(({ releaseDate }) => releaseDate);
  if (dated.length < test + validation) {
    throw new UserError(
      `Only ${dated.length} of ${films.length} films have a release date, too few to split by date: split by random.`,
    );
  }
  const order = [...undatedFilms(films), ...dated.sort(byDate)];
  const cut = films.length - test;
  return {
    train: order.slice(0, cut - validation),
    validation: order.slice(cut - validation, cut),
    test: order.slice(cut),
  };
}

function byDate(a: Splittable, b: Splittable): number {
  const [first, second] = [a.releaseDate ?? "", b.releaseDate ?? ""];
  if (first === second) return a.id - b.id;
  return first < second ? -1 : 1;
}

/** Groups are drawn in a random order; each goes to test while it fits there, else to validation, else to train. */
function splitByGroup<T extends Splittable>(
  films: readonly T[],
  { seed, ...fractions }: { test: number; validation: number; seed: number },
): Splits<T> {
  const room = sideSizes(films.length, fractions);
  const groups = titleGroups(films.map(({ title }) => title ?? ""));
  const splits: Splits<T> = { train: [], validation: [], test: [] };
  for (const drawn of new Random(seed).permutation(groups.length)) {
    const group = groups[drawn]!;
    const fits = (side: "test" | "validation") => splits[side].length + group.length <= room[side];
    const side = fits("test") ? "test" : fits("validation") ? "validation" : "train";
    for (const position of group) splits[side].push(films[position]!);
  }
  const empty = SIDES.find((side) => splits[side].length === 0);
  if (empty === undefined) return splits;
  throw new UserError(
    `Split by group, ${films.length} film(s) of ${groups.length} title group(s) leave no film for ${empty}: ` +
      "use more films or split by random.",
  );
}

/** How many films validate and test, as the random split has it. */
function sideSizes(n: number, fractions: { test: number; validation: number }): { test: number; validation: number } {
  const test = heldOut(n, fractions.test);
  return { test, validation: heldOut(n - test, fractions.validation) };
}

function refuseRepeatedIds(films: readonly { id: number }[]): void {
  const seen = new Set<number>();
  for (const { id } of films) {
    if (seen.has(id)) {
      throw new UserError(`Film ${id} is there twice and could fall on two sides: remove duplicates before splitting.`);
    }
    seen.add(id);
  }
}
