import type { Looked } from "../catalogue/dedupe";
import type { Splits } from "../catalogue/split";
import { posterFinder } from "../evaluation/leaks";

/**
 * Training films, and each once more for every other poster of its own; `film` is its place among the training films. A
 * poster that a film of validation or test shows is left out, by bytes or picture.
 */
export function withOtherArtwork<T extends Looked>({
  train,
  validation,
  test,
}: Splits<T>): { shown: T; film: number }[] {
  const isElsewhere = posterFinder([...validation, ...test]);
  return train.flatMap((own, film) => {
    const others = (own.otherArtwork ?? []).filter((poster) => !isElsewhere(poster));
    return [own, ...others.map((poster): T => ({ ...own, ...poster }))].map((shown) => ({ shown, film }));
  });
}
