import { UserError } from "../errors";
import { Random } from "../random";

/** The sides a film can fall on. */
export type SplitName = "train" | "validation" | "test";

/** Something for each side: ids, films, tensors. */
export type Splits<T> = Record<SplitName, T[]>;

/** The positions 0 … n − 1 cut in two exactly as `datasets.Dataset.train_test_split(test_size, seed)` cuts them. */
export function trainTestSplit(
  n: number,
  { testSize, seed }: { testSize: number; seed: number },
): { train: number[]; test: number[] } {
  if (!(testSize > 0 && testSize < 1)) {
    throw new UserError(`A split of ${testSize} cannot be made: give a fraction between 0 and 1, as 0.1.`);
  }
  const testCount = Math.ceil(testSize * n);
  if (testCount >= n) {
    throw new UserError(
      `${n} film(s) are too few to set ${testSize} of them aside: use more films or a smaller split.`,
    );
  }
  const order = [...new Random(seed).permutation(n)];
  return { train: order.slice(testCount), test: order.slice(0, testCount) };
}

/**
 * Splits films (one row for each id) as `train_test_split` applied twice does: `test` is a fraction of all films,
 * `validation` a fraction of those that remain. Throws a `UserError` where a side would be empty or an id repeats.
 */
export function splitFilms<T extends { id: number }>(
  films: readonly T[],
  { test = 0.1, validation = 0.1, seed = 42 }: { test?: number; validation?: number; seed?: number } = {},
): Splits<T> {
  refuseRepeatedIds(films);
  const outer = trainTestSplit(films.length, { testSize: test, seed });
  const remaining = outer.train.map((position) => films[position] as T);
  const inner = trainTestSplit(remaining.length, { testSize: validation, seed });
  return {
    train: inner.train.map((position) => remaining[position] as T),
    validation: inner.test.map((position) => remaining[position] as T),
    test: outer.test.map((position) => films[position] as T),
  };
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
