import fc from "fast-check";
import { hammingDistance } from "movie-revenue/catalogue/dedupe";
import { NearHashes } from "movie-revenue/catalogue/near-hashes";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";

/** What all pairs say: the reference. */
const allWithin = (hashes: readonly bigint[], hash: bigint) =>
  hashes.flatMap((other, position) => (hammingDistance(hash, other) <= 8 ? [position] : []));

/** The hash with these bits flipped. */
const flipped = (hash: bigint, bits: readonly number[]) => bits.reduce((word, bit) => word ^ (1n << BigInt(bit)), hash);

const hash64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bits = fc.uniqueArray(fc.nat(63), { maxLength: 12 });

describe("NearHashes", () => {
  it("finds a hash whose eight bits differ in any one chunk, or in all four, and none at nine", () => {
    const near = [0, 16, 32, 48].map((from) => [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => from + bit));
    near.push([0, 1, 16, 17, 32, 33, 48, 49]);
    const hashes = near.flatMap((bits) => [flipped(0n, bits), flipped(0n, [...bits, 63])]);
    expect(new NearHashes(hashes).near(0n)).toEqual([0, 2, 4, 6, 8]);
  });

  it("is empty among no hashes", () => {
    expect(new NearHashes([]).near(5n)).toEqual([]);
    expect(new NearHashes([]).has(5n)).toBe(false);
  });

  it("finds exactly what all pairs find", () => {
    const around = fc.tuple(hash64, fc.array(bits, { minLength: 1, maxLength: 30 }));
    fc.assert(
      fc.property(around, ([center, flips]) => {
        const hashes = flips.map((bits) => flipped(center, bits));
        const index = new NearHashes(hashes);
        for (const hash of [center, ...hashes]) {
          expect(index.near(hash)).toEqual(allWithin(hashes, hash));
          expect(index.has(hash)).toBe(allWithin(hashes, hash).length > 0);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("finds exactly what all pairs find among ten thousand", () => {
    const random = new Random(3);
    const base = Array.from({ length: 5000 }, () => random.uint64());
    // the second five thousand lie 4 to 12 bits from the first
    const moved = base.map((hash, i) => {
      return flipped(hash, [...random.permutation(64)].slice(0, 4 + (i % 9)));
    });
    const hashes = [...base, ...moved];
    const index = new NearHashes(hashes);
    const asked = hashes.filter((_, i) => i % 97 === 0);
    expect(asked.map((hash) => index.near(hash))).toEqual(asked.map((hash) => allWithin(hashes, hash)));
    expect(base.filter((hash) => index.near(hash).length === 2)).toHaveLength(5 * Math.ceil(5000 / 9));
  });
});
