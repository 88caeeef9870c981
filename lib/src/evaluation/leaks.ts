import { popcount32, SAME_PICTURE_DISTANCE } from "../catalogue/dedupe";
import type { SplitName, Splits } from "../catalogue/split";

/** What the audit looks at. */
export interface Audited {
  id: number;
  title: string;
  year: number | null;
  /** SHA-256 of the poster's bytes, in hexadecimal. */
  sha256: string;
  /** Perceptual hash of the poster, 64 bits. */
  hash: bigint;
}

/**
 * How two films on different sides may be one: the same id (a fault), poster bytes, or poster picture (other bytes,
 * nearly the same hash), or the same title and year (another edition, or two films of one name).
 */
export type LeakKind = "sameId" | "sameBytes" | "samePicture" | "sameTitleAndYear";

/** A film as a leak names it. */
export interface LeakSide {
  split: SplitName;
  id: number;
  title: string;
  year: number | null;
}

/** How many pairs of films leak in one way; only the first are listed. */
export interface Leak {
  count: number;
  pairs: [LeakSide, LeakSide][];
}

/** How many pairs of a kind are listed: blank posters could make millions. */
export const LISTED_PAIRS = 100;

type Placed = Audited & { split: SplitName };

/** The pairs of films on different sides that may be the same film, counted and listed by kind. */
export function auditLeaks(splits: Splits<Audited>): Record<LeakKind, Leak> {
  const films = (["train", "validation", "test"] as const).flatMap((split) =>
    splits[split].map((film): Placed => ({ ...film, split })),
  );
  return {
    sameId: pairsSharing(films, ({ id }) => String(id)),
    sameBytes: pairsSharing(films, ({ sha256 }) => sha256),
    samePicture: pairsAlike(films),
    sameTitleAndYear: pairsSharing(films, titleAndYear),
  };
}

/** "the thing|1982" however it is spaced and capitalised; null where the year is unknown. */
function titleAndYear({ title, year }: Audited): string | null {
  const plain = title.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
  return year === null || plain === "" ? null : `${plain}|${year}`;
}

function pairsSharing(films: readonly Placed[], keyOf: (film: Placed) => string | null): Leak {
  const groups = new Map<string, Placed[]>();
  for (const film of films) {
    const key = keyOf(film);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(film);
    else groups.set(key, [film]);
  }
  const leak: Leak = { count: 0, pairs: [] };
  for (const group of groups.values()) noteAcross(leak, group, () => true);
  return leak;
}

/** Naive, over hashes cut in two uint32: sixteen million pairs take a fraction of a second, as BigInt many seconds. */
function pairsAlike(films: readonly Placed[]): Leak {
  const high = Uint32Array.from(films, ({ hash }) => Number(BigInt.asUintN(32, hash >> 32n)));
  const low = Uint32Array.from(films, ({ hash }) => Number(BigInt.asUintN(32, hash)));
  const leak: Leak = { count: 0, pairs: [] };
  noteAcross(leak, films, (a, b) => {
    const distance = popcount32(high[a]! ^ high[b]!) + popcount32(low[a]! ^ low[b]!);
    return distance <= SAME_PICTURE_DISTANCE && films[a]!.sha256 !== films[b]!.sha256;
  });
  return leak;
}

/** Notes the pairs across two sides that are alike; the films lie side after side. */
function noteAcross(leak: Leak, films: readonly Placed[], alike: (a: number, b: number) => boolean): void {
  let otherSides = 0;
  for (let a = 0; a < films.length; a++) {
    while (otherSides < films.length && films[otherSides]!.split === films[a]!.split) otherSides++;
    for (let b = otherSides; b < films.length; b++) {
      if (!alike(a, b)) continue;
      leak.count++;
      if (leak.pairs.length < LISTED_PAIRS) leak.pairs.push([sideOf(films[a]!), sideOf(films[b]!)]);
    }
  }
}

function sideOf({ split, id, title, year }: Placed): LeakSide {
  return { split, id, title, year };
}
