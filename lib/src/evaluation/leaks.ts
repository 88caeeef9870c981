import { popcount32, SAME_PICTURE_DISTANCE } from "../catalogue/dedupe";
import type { SplitName, Splits } from "../catalogue/split";
import { UserError } from "../errors";

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

const WHAT: Partial<Record<LeakKind, string>> = {
  sameId: "are one film",
  sameBytes: "have one poster file",
  samePicture: "have one poster picture",
};

/**
 * Throws a `UserError` for films on two sides that are one film or show one poster: a model could know the answer by
 * heart. A shared title and year is only listed, for two films may bear one name, and which it is only a reader can tell.
 */
export function assertNoLeaks(leaks: Record<LeakKind, Leak>): void {
  for (const [kind, what] of Object.entries(WHAT)) {
    const { count, pairs } = leaks[kind as LeakKind];
    const [one, other] = pairs[0] ?? [];
    if (count === 0 || !one || !other) continue;
    throw new UserError(
      `Films on two sides of the split ${what}: ${nameOf(one)} and ${nameOf(other)}, of ${count} pair(s): ` +
        "remove one film of each pair, or put both on one side.",
    );
  }
}

function nameOf({ title, id, split }: LeakSide): string {
  return `${JSON.stringify(title)} (id ${id}, ${split})`;
}

/** A film that was taken out, and the side on which its poster stays. */
export interface Removed<T> {
  film: T;
  from: SplitName;
  keptIn: SplitName;
}

/**
 * Splits in which no poster, by bytes or picture, lies on two sides: the test films stay as they are, validation loses
 * what shows a poster of theirs, and train what shows one of either. A split without such pairs is not changed.
 */
export function withoutSharedPosters<T extends Audited>(
  splits: Splits<T>,
): { splits: Splits<T>; removed: Removed<T>[] } {
  const removed: Removed<T>[] = [];
  const sift = (from: SplitName, keepers: readonly SplitName[]) => {
    const finders = keepers.map((side) => ({ side, shows: posterFinder(kept[side]) }));
    return kept[from].filter((film) => {
      const keptIn = finders.find(({ shows }) => shows(film))?.side;
      if (keptIn) removed.push({ film, from, keptIn });
      return keptIn === undefined;
    });
  };
  const kept = { ...splits };
  kept.validation = sift("validation", ["test"]);
  kept.train = sift("train", ["test", "validation"]);
  return { splits: kept, removed };
}

/** Tells whether one of these films shows a film's poster. */
function posterFinder(films: readonly Audited[]): (film: Audited) => boolean {
  const bytes = new Set(films.map(({ sha256 }) => sha256));
  const hashes = halvesOf(films);
  return (film) => {
    if (bytes.has(film.sha256)) return true;
    if (isFlat(film)) return false;
    const own = halvesOf([film]);
    return films.some((_, i) => distanceOf(hashes, i, own, 0) <= SAME_PICTURE_DISTANCE);
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

function pairsAlike(films: readonly Placed[]): Leak {
  const hashes = halvesOf(films);
  const leak: Leak = { count: 0, pairs: [] };
  noteAcross(leak, films, (a, b) => {
    const near = distanceOf(hashes, a, hashes, b) <= SAME_PICTURE_DISTANCE;
    return near && films[a]!.sha256 !== films[b]!.sha256 && !isFlat(films[a]!);
  });
  return leak;
}

/** A plain surface has no frequency above the median: all such hash alike, and say nothing. A picture has half its bits set. */
function isFlat({ hash }: Audited): boolean {
  return BigInt.asUintN(64, hash) === 0n;
}

/** Hashes cut in two uint32: sixteen million pairs take a fraction of a second, as BigInt many seconds. */
interface Halves {
  high: Uint32Array;
  low: Uint32Array;
}

function halvesOf(films: readonly Audited[]): Halves {
  return {
    high: Uint32Array.from(films, ({ hash }) => Number(BigInt.asUintN(32, hash >> 32n))),
    low: Uint32Array.from(films, ({ hash }) => Number(BigInt.asUintN(32, hash))),
  };
}

/** How many of 64 bits differ between hash i of one list and hash j of another. */
function distanceOf(one: Halves, i: number, other: Halves, j: number): number {
  return popcount32(one.high[i]! ^ other.high[j]!) + popcount32(one.low[i]! ^ other.low[j]!);
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
