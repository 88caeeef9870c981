import fc from "fast-check";
import {
  dedupe,
  hammingDistance,
  type Looked,
  popcount32,
  SAME_PICTURE_DISTANCE,
} from "movie-revenue/catalogue/dedupe";
import { describe, expect, it } from "vitest";

const looked = (row: number, id: number, sha256: string, hash: bigint): Looked => ({
  ...{ row, id, sha256, hash, title: `film ${id}`, genres: [], overview: "", tagline: "", language: "en" },
  ...{ releaseDate: "", year: null, runtime: null, budget: null, revenue: 2e7 },
});

describe("dedupe", () => {
  it("keeps the first row of an id and says what the others looked like", () => {
    const rows = [
      looked(0, 5, "a", 0b0n),
      looked(1, 9, "b", 0xffffn),
      looked(2, 5, "a", 0b0n),
      // as many bits as one picture may differ in, and one more
      looked(3, 5, "c", (1n << BigInt(SAME_PICTURE_DISTANCE)) - 1n),
      looked(4, 5, "d", (1n << BigInt(SAME_PICTURE_DISTANCE + 1)) - 1n),
      // the picture of another film says nothing about this one
      looked(5, 9, "a", 0b0n),
      // a second copy of artwork that is known already
      looked(6, 5, "e", (1n << BigInt(SAME_PICTURE_DISTANCE + 2)) - 1n),
    ];
    const { films, duplicates, dropped } = dedupe(rows);
    expect(films).toEqual([
      { ...rows[0], otherArtwork: [{ sha256: "d", hash: (1n << BigInt(SAME_PICTURE_DISTANCE + 1)) - 1n }] },
      { ...rows[1], otherArtwork: [{ sha256: "a", hash: 0n }] },
    ]);
    expect(duplicates).toEqual({ sameBytes: 1, samePicture: 1, otherArtwork: 3 });
    expect(dropped).toEqual([
      { id: 5, row: 2, kept: 0, kind: "sameBytes" },
      { id: 5, row: 3, kept: 0, kind: "samePicture" },
      { id: 5, row: 4, kept: 0, kind: "otherArtwork" },
      { id: 9, row: 5, kept: 1, kind: "otherArtwork" },
      { id: 5, row: 6, kept: 0, kind: "otherArtwork" },
    ]);
  });

  it("takes equal bytes for the same bytes whatever their hash", () => {
    expect(dedupe([looked(0, 1, "a", 0n), looked(1, 1, "a", 2n ** 64n - 1n)]).duplicates.sameBytes).toBe(1);
  });

  it("accounts for every row", () => {
    const row = fc.record({
      id: fc.integer({ min: 1, max: 9 }),
      sha256: fc.constantFrom("a", "b"),
      hash: fc.bigInt(0n, 255n),
    });
    fc.assert(
      fc.property(fc.array(row), (facts) => {
        const rows = facts.map(({ id, sha256, hash }, i) => looked(i, id, sha256, hash));
        const { films, duplicates, dropped } = dedupe(rows);
        expect(films.length + dropped.length).toBe(rows.length);
        expect(duplicates.sameBytes + duplicates.samePicture + duplicates.otherArtwork).toBe(dropped.length);
        expect(new Set(films.map(({ id }) => id)).size).toBe(films.length);
        for (const { row, kept } of dropped) expect(kept).toBeLessThan(row);
      }),
    );
  });
});

describe("hammingDistance", () => {
  it.each([
    [0n, 0n, 0],
    [0n, 2n ** 64n - 1n, 64],
    // one bit in each half of 64
    [0n, 0x8000000000000001n, 2],
    [0b1010n, 0b0110n, 2],
    // a hash read as a signed number: −1 is 64 ones
    [-1n, 0n, 64],
  ])("of %s and %s is %d", (a, b, expected) => {
    expect(hammingDistance(a, b)).toBe(expected);
  });

  it("counts the ones of the xor", () => {
    const hash = fc.bigInt(0n, 2n ** 64n - 1n);
    fc.assert(
      fc.property(hash, hash, (a, b) => {
        expect(hammingDistance(a, b)).toBe((a ^ b).toString(2).replaceAll("0", "").length);
      }),
    );
  });
});

it.each([
  [0, 0],
  [1, 1],
  [0x80000000, 1],
  [0xffffffff, 32],
  [-1, 32],
  [0x0f0f0f0f, 16],
])("popcount32(%d) is %d", (word, expected) => {
  expect(popcount32(word)).toBe(expected);
});
