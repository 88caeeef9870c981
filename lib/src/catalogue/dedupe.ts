import type { Row } from "./film";

/** What a poster is known by. */
export interface Poster {
  /** SHA-256 of the poster's bytes, in hexadecimal. */
  sha256: string;
  /** Perceptual hash of the poster's pixels, 64 bits. */
  hash: bigint;
}

/** A row whose poster has been looked at. */
export interface Looked extends Row, Poster {
  /** Posters of the film's later rows that show another picture than its own, each picture once. */
  otherArtwork?: readonly Poster[];
}

/** What the poster of a second row of a film is, beside the first one's. */
export type Duplicate = "sameBytes" | "samePicture" | "otherArtwork";

/** A row that was dropped because `kept`, an earlier row, has the same id. */
export interface DroppedRow {
  id: number;
  row: number;
  kept: number;
  kind: Duplicate;
}

/**
 * Two perceptual hashes (posters/hash.ts) that differ in at most so many of 64 bits show one picture.
 * Measured on the 8,105 real posters: re-encoded or slightly cropped artwork lies at 0 to 8, and no two posters of
 * different films lie below 10.
 */
export const SAME_PICTURE_DISTANCE = 8;

/** One row for each film: the first of an id wins, and each later one is compared with it. */
export function dedupe<T extends Looked>(
  rows: readonly T[],
): { films: T[]; duplicates: Record<Duplicate, number>; dropped: DroppedRow[] } {
  const first = new Map<number, T>();
  const others = new Map<number, Poster[]>();
  const dropped: DroppedRow[] = [];
  const duplicates = { sameBytes: 0, samePicture: 0, otherArtwork: 0 };
  for (const row of rows) {
    const kept = first.get(row.id);
    if (kept === undefined) {
      first.set(row.id, row);
      continue;
    }
    const kind = compare(kept, row);
    duplicates[kind]++;
    dropped.push({ id: row.id, row: row.row, kept: kept.row, kind });
    const { sha256, hash } = row;
    const known = others.get(row.id) ?? [];
    if ([kept, ...known].every((picture) => compare(picture, row) === "otherArtwork")) {
      others.set(row.id, [...known, { sha256, hash }]);
    }
  }
  const films = [...first.values()].map((film) => {
    const otherArtwork = others.get(film.id);
    return otherArtwork ? { ...film, otherArtwork } : film;
  });
  return { films, duplicates, dropped };
}

function compare(kept: Poster, other: Poster): Duplicate {
  if (kept.sha256 === other.sha256) return "sameBytes";
  return hammingDistance(kept.hash, other.hash) <= SAME_PICTURE_DISTANCE ? "samePicture" : "otherArtwork";
}

// two views of one word: arithmetic on BigInt halves would make three more of them for each pair
const word = new BigUint64Array(1);
const halves = new Uint32Array(word.buffer);

/** How many of 64 bits differ. */
export function hammingDistance(a: bigint, b: bigint): number {
  word[0] = a ^ b;
  return popcount32(halves[0] as number) + popcount32(halves[1] as number);
}

/** How many of 32 bits are set (Warren, Hacker's Delight, figure 5-2). */
export function popcount32(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
