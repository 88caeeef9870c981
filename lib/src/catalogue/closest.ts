import { type Looked, popcount32 } from "./dedupe";

/** Two films whose posters are alike, and how many of the 64 bits of their hashes differ. */
export interface ClosePair<T> {
  films: [T, T];
  distance: number;
}

/**
 * The pairs of films whose posters differ least by perceptual hash, the closest first; posters in one colour, which all
 * hash alike, are left out. Every pair is tried: `NearHashes` finds one picture's copies, and what is closest among
 * different posters lies beyond its 8 bits.
 */
export function closestPosters<T extends Pick<Looked, "hash">>(
  films: readonly T[],
  { count = 10 }: { count?: number } = {},
): ClosePair<T>[] {
  const drawn = films.filter(({ hash }) => BigInt.asUintN(64, hash) !== 0n);
  const high = Uint32Array.from(drawn, ({ hash }) => Number(BigInt.asUintN(32, hash >> 32n)));
  const low = Uint32Array.from(drawn, ({ hash }) => Number(BigInt.asUintN(32, hash)));
  const pairs: ClosePair<T>[] = [];
  let farthest = 65;
  for (let a = 0; a < drawn.length; a++) {
    for (let b = a + 1; b < drawn.length; b++) {
      const distance = popcount32(high[a]! ^ high[b]!) + popcount32(low[a]! ^ low[b]!);
      if (distance >= farthest) continue;
      pairs.push({ films: [drawn[a]!, drawn[b]!], distance });
      if (pairs.length < 2 * count) continue;
      // sorting is stable: of equal pairs, the earlier stay
      pairs.sort((one, other) => one.distance - other.distance).splice(count);
      farthest = pairs.at(-1)!.distance;
    }
  }
  return pairs.sort((one, other) => one.distance - other.distance).slice(0, count);
}
