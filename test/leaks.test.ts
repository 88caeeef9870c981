import { type Audited, auditLeaks, LISTED_PAIRS } from "movie-revenue/evaluation/leaks";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";

let films = 0;
const random = new Random(1);
/** A film that resembles no other, but for what is said of it. */
const film = (facts: Partial<Audited> = {}): Audited => {
  const id = ++films;
  return { id, title: `film ${id}`, year: 1990, sha256: `bytes ${id}`, hash: random.uint64(), ...facts };
};
const countsOf = (leaks: ReturnType<typeof auditLeaks>) =>
  Object.fromEntries(Object.entries(leaks).map(([kind, { count }]) => [kind, count]));
const NONE = { sameId: 0, sameBytes: 0, samePicture: 0, sameTitleAndYear: 0 };

describe("auditLeaks", () => {
  it("finds nothing among different films", () => {
    const splits = { train: [film(), film()], validation: [film()], test: [film()] };
    expect(countsOf(auditLeaks(splits))).toEqual(NONE);
  });

  it("finds nothing in empty sides", () => {
    expect(countsOf(auditLeaks({ train: [], validation: [], test: [film()] }))).toEqual(NONE);
  });

  it("names both films of a pair and their sides", () => {
    const trained = film({ id: 7007, title: "The Thing", year: 1982, sha256: "x" });
    const tested = film({ id: 8008, title: "Other", year: null, sha256: "x" });
    const leaks = auditLeaks({ train: [film(), trained], validation: [film()], test: [tested] });
    expect(countsOf(leaks)).toEqual({ ...NONE, sameBytes: 1 });
    expect(leaks.sameBytes.pairs).toEqual([
      [
        { split: "train", id: 7007, title: "The Thing", year: 1982 },
        { split: "test", id: 8008, title: "Other", year: null },
      ],
    ]);
  });

  it("counts pairs across sides only", () => {
    // of three in train, two in validation and one in test with one id: 3·2 + 3·1 + 2·1 pairs
    const same = () => film({ id: 5000 });
    const splits = { train: [same(), same(), same()], validation: [same(), same()], test: [same()] };
    expect(countsOf(auditLeaks(splits))).toEqual({ ...NONE, sameId: 11 });
  });

  it("takes hashes that differ in up to eight bits, in either half, for one picture, unless the bytes are the same", () => {
    const hash = 0x0123456789abcdefn;
    const splits = {
      train: [film({ hash })],
      validation: [film({ hash: hash ^ 0x8000000f00000007n }), film({ hash: hash ^ 0x8000000f0000000fn })],
      test: [film({ hash })],
    };
    // eight bits to the first of validation, nine to the second, none to test; test to validation the same
    expect(countsOf(auditLeaks(splits))).toEqual({ ...NONE, samePicture: 3 });
    splits.test[0]!.sha256 = splits.train[0]!.sha256;
    expect(countsOf(auditLeaks(splits))).toEqual({ ...NONE, samePicture: 2, sameBytes: 1 });
  });

  it("compares titles without regard to case and spaces, and only with a known year", () => {
    const splits = {
      train: [film({ title: "The  Thing" }), film({ title: "Nameless", year: null }), film({ title: "" })],
      validation: [film({ title: " the thing" }), film({ title: "nameless", year: null }), film({ title: "" })],
      test: [film({ title: "THE THING", year: 2011 })],
    };
    expect(countsOf(auditLeaks(splits))).toEqual({ ...NONE, sameTitleAndYear: 1 });
  });

  it("counts every pair but lists only the first", () => {
    const blanks = (n: number) => Array.from({ length: n }, () => film({ sha256: "blank" }));
    const { sameBytes } = auditLeaks({ train: blanks(30), validation: [], test: blanks(10) });
    expect(sameBytes.count).toBe(300);
    expect(sameBytes.pairs).toHaveLength(LISTED_PAIRS);
  });

  it("audits 10,000 films in seconds", () => {
    const many = (n: number) => Array.from({ length: n }, () => film());
    const started = performance.now();
    expect(countsOf(auditLeaks({ train: many(8100), validation: many(900), test: many(1000) }))).toEqual(NONE);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
