import type { Poster } from "../catalogue/dedupe";
import { NearHashes } from "../catalogue/near-hashes";
import type { SplitName, Splits } from "../catalogue/split";
import { UserError } from "../errors";

/** What the audit looks at. */
export interface Audited extends Poster {
  id: number;
  title: string;
  year: number | null;
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

const SIDES = ["train", "validation", "test"] as const;

/** Films side after side, and the number of each one's side. */
interface Placed {
  films: readonly Audited[];
  sides: Uint8Array;
}

/** The pairs of films on different sides that may be the same film, counted and listed by kind, in the films' order. */
export function auditLeaks(splits: Splits<Audited>): Record<LeakKind, Leak> {
  const films = SIDES.flatMap((side) => splits[side]);
  const sides = Uint8Array.from(SIDES.flatMap((side, number) => splits[side].map(() => number)));
  const placed = { films, sides };
  return {
    sameId: pairsWithin(
      placed,
      groupBy(placed, ({ id }) => id),
    ),
    sameBytes: pairsWithin(
      placed,
      groupBy(placed, ({ sha256 }) => sha256),
    ),
    samePicture: pairsAlike(placed),
    sameTitleAndYear: pairsWithin(placed, groupBy(placed, titleAndYear)),
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

/** Tells whether a poster, by bytes or picture, is among these. */
export function posterFinder(posters: readonly Poster[]): (poster: Poster) => boolean {
  const bytes = new Set(posters.map(({ sha256 }) => sha256));
  const hashes = new NearHashes(posters.map(({ hash }) => hash));
  return (poster) => bytes.has(poster.sha256) || (!isFlat(poster) && hashes.has(poster.hash));
}

/** "the thing|1982" however it is spaced and capitalised; null where the year is unknown. */
function titleAndYear({ title, year }: Audited): string | null {
  const plain = title.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
  return year === null || plain === "" ? null : `${plain}|${year}`;
}

/** Films that share a key, by the number of their group. */
interface Groups<Key> {
  keys: Key[];
  /** The group of each film; -1 where it has none. */
  of: Int32Array;
  /** Films of each group on each side, [groups, sides]. */
  sizes: number[];
}

function groupBy<Key>({ films, sides }: Placed, keyOf: (film: Audited) => Key | null): Groups<Key> {
  const numbers = new Map<Key, number>();
  const sizes: number[] = [];
  const of = Int32Array.from(films, (film, i) => {
    const key = keyOf(film);
    if (key === null) return -1;
    const number = numbers.get(key) ?? numbers.size;
    if (number === numbers.size) sizes.push(...SIDES.map(() => 0));
    numbers.set(key, number);
    sizes[number * SIDES.length + sides[i]!]!++;
    return number;
  });
  return { keys: [...numbers.keys()], of, sizes };
}

function pairsAlike(placed: Placed): Leak {
  const pictures = groupBy(placed, (film) => (isFlat(film) ? null : film.hash));
  const hashes = new NearHashes(pictures.keys);
  const bytes = groupBy(placed, ({ sha256 }) => sha256);
  return pairsWithin(placed, pictures, { alike: (group) => hashes.near(pictures.keys[group]!), except: bytes });
}

/**
 * Pairs of films on two sides whose groups are one, or `alike`, but not of one group of `except`, whose films share any
 * other group too. They are counted by the groups' sizes, for blank posters could make millions.
 */
function pairsWithin<Key>(
  placed: Placed,
  groups: Groups<Key>,
  { alike = (group) => [group], except }: { alike?: (group: number) => number[]; except?: Groups<unknown> } = {},
): Leak {
  const leak: Leak = { count: 0, pairs: [] };
  for (let a = 0; a < placed.films.length; a++) {
    const side = placed.sides[a]!;
    if (groups.of[a]! < 0 || side === SIDES.length - 1) continue;
    const near = alike(groups.of[a]!);
    const count = laterFilms(groups, near, side) - (except ? laterFilms(except, [except.of[a]!], side) : 0);
    leak.count += count;
    if (count === 0 || leak.pairs.length === LISTED_PAIRS) continue;
    const isPair = (b: number) => near.includes(groups.of[b]!) && (!except || except.of[a] !== except.of[b]);
    for (let b = a + 1; b < placed.films.length && leak.pairs.length < LISTED_PAIRS; b++) {
      if (placed.sides[b]! > side && isPair(b)) leak.pairs.push([sideOf(placed, a), sideOf(placed, b)]);
    }
  }
  return leak;
}

/** How many films of the groups lie on the sides after this one. */
function laterFilms({ sizes }: Groups<unknown>, groups: readonly number[], side: number): number {
  let count = 0;
  for (const group of groups)
    for (let later = side + 1; later < SIDES.length; later++) count += sizes[group * SIDES.length + later]!;
  return count;
}

/** A plain surface has no frequency above the median: all such hash alike, and say nothing. A picture has half its bits set. */
function isFlat({ hash }: Poster): boolean {
  return BigInt.asUintN(64, hash) === 0n;
}

function sideOf({ films, sides }: Placed, film: number): LeakSide {
  const { id, title, year } = films[film]!;
  return { split: SIDES[sides[film]!]!, id, title, year };
}
