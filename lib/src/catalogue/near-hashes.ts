import { popcount32, SAME_PICTURE_DISTANCE } from "./dedupe";

/** Bits of a chunk, and the values it can have. */
const CHUNK_BITS = 16;
const VALUES = 1 << CHUNK_BITS;

/**
 * How many bits of each of four chunks may differ in the search. Two hashes within 8 bits differ in at most 2 bits of
 * the first chunk, or else in at least 3 there and so in at most 1 of another: 2 + 1 + 1 + 1 = 8 - 3 bits to give away.
 */
const RADII = [2, 1, 1, 1];

/** What a chunk within a radius of another is, as bits to flip: none, each one, each two. */
const FLIPS = [0, 1, 2].map((radius) => {
  const ones = Array.from({ length: CHUNK_BITS }, (_, bit) => 1 << bit);
  const twos = ones.flatMap((bit, i) => ones.slice(i + 1).map((other) => bit | other));
  return Uint16Array.from([[0], ones, twos].slice(0, radius + 1).flat());
});

/**
 * 64-bit hashes among which those within `SAME_PICTURE_DISTANCE` of another are found without trying all of them, and
 * none is missed: multi-index hashing (Norouzi, Punjani, Fleet 2012).
 */
export class NearHashes {
  private readonly tables: Table[];

  constructor(hashes: readonly bigint[]) {
    // halves: to compare two BigInts makes three more of them
    const words = Uint32Array.from(hashes.flatMap((hash) => halvesOf(hash)));
    this.tables = RADII.map((_, chunk) => tableOf(words, chunk));
  }

  /** Positions of the hashes near this one, itself included, ascending. */
  near(hash: bigint): number[] {
    const found = new Set<number>();
    this.visit(hash, (position) => {
      found.add(position);
      return false;
    });
    return [...found].sort((a, b) => a - b);
  }

  /** Whether any hash is near this one. */
  has(hash: bigint): boolean {
    return this.visit(hash, () => true);
  }

  /** Tells of each near hash, some more than once, until `enough` says so; whether it did. */
  private visit(hash: bigint, enough: (position: number) => boolean): boolean {
    const [high, low] = halvesOf(hash);
    for (let chunk = 0; chunk < RADII.length; chunk++) {
      const { starts, positions, words } = this.tables[chunk]!;
      const own = chunkOf(high, low, chunk);
      for (const flip of FLIPS[RADII[chunk]!]!) {
        const end = starts[(own ^ flip) + 1]!;
        for (let i = starts[own ^ flip]!; i < end; i++) {
          const distance = popcount32(high ^ words[2 * i]!) + popcount32(low ^ words[2 * i + 1]!);
          if (distance <= SAME_PICTURE_DISTANCE && enough(positions[i]!)) return true;
        }
      }
    }
    return false;
  }
}

/** Hashes in the order of one chunk's value; those of value v are `[starts[v], starts[v + 1])`. */
interface Table {
  starts: Uint32Array;
  positions: Uint32Array;
  /** The hashes again, as two halves each: candidates lie side by side, and so are read many times faster. */
  words: Uint32Array;
}

/** A counting sort by the chunk's value. */
function tableOf(hashes: Uint32Array, chunk: number): Table {
  const n = hashes.length / 2;
  const [starts, positions, words] = [new Uint32Array(VALUES + 1), new Uint32Array(n), new Uint32Array(2 * n)];
  const valueAt = (i: number) => chunkOf(hashes[2 * i]!, hashes[2 * i + 1]!, chunk);
  for (let i = 0; i < n; i++) starts[valueAt(i) + 1]!++;
  for (let value = 0; value < VALUES; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice();
  for (let i = 0; i < n; i++) {
    const at = next[valueAt(i)]!++;
    positions[at] = i;
    words[2 * at] = hashes[2 * i]!;
    words[2 * at + 1] = hashes[2 * i + 1]!;
  }
  return { starts, positions, words };
}

function halvesOf(hash: bigint): [high: number, low: number] {
  return [Number(BigInt.asUintN(32, hash >> 32n)), Number(BigInt.asUintN(32, hash))];
}

function chunkOf(high: number, low: number, chunk: number): number {
  const half = chunk < 2 ? high : low;
  return (chunk % 2 === 0 ? half >>> CHUNK_BITS : half) & (VALUES - 1);
}
