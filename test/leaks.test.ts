import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type Audited,
  assertNoLeaks,
  auditLeaks,
  LISTED_PAIRS,
  withoutSharedPosters,
} from "movie-revenue/evaluation/leaks";
import { Random } from "movie-revenue/random";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { filmRecord, tempFolder, writeFilms } from "./fixtures.ts";
import { waves } from "./pictures.ts";

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
    const poster = { sha256: "x", hash: random.uint64() };
    const trained = film({ id: 7007, title: "The Thing", year: 1982, ...poster });
    const tested = film({ id: 8008, title: "Other", year: null, ...poster });
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

  it("counts the pairs of many films with one picture by their groups, as all pairs would", () => {
    const hash = 0x0123456789abcdefn;
    const some = (n: number, sha256?: string) =>
      Array.from({ length: n }, () => film({ hash, ...(sha256 && { sha256 }) }));
    // 30·10 pairs, of which 20·4 have the same bytes
    const { samePicture } = auditLeaks({
      train: [...some(20, "one"), ...some(10)],
      validation: [],
      test: [...some(4, "one"), ...some(6)],
    });
    expect(samePicture.count).toBe(300 - 80);
    expect(samePicture.pairs).toHaveLength(LISTED_PAIRS);
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

describe("assertNoLeaks stops a split with a planted leak:", () => {
  const planted = (facts: Partial<Audited>, twin: Partial<Audited> = facts) => {
    const [trained, tested] = [film({ id: 7, title: "Up", ...facts }), film({ id: 8, title: 'A "B"', ...twin })];
    return () => assertNoLeaks(auditLeaks({ train: [film(), trained], validation: [film()], test: [tested] }));
  };
  const pair = (first: number, second: number) =>
    `"Up" (id ${first}, train) and "A \\"B\\"" (id ${second}, test), of 1 pair(s): ` +
    "remove one film of each pair, or put both on one side.";

  it.each([
    ["one id", planted({ id: 7 }), `are one film: ${pair(7, 7)}`],
    ["one poster file", planted({ sha256: "x" }), `have one poster file: ${pair(7, 8)}`],
    ["one picture", planted({ hash: 5n }, { hash: 4n }), `have one poster picture: ${pair(7, 8)}`],
  ])("%s", (_, check, message) => {
    expect(check).toThrow(`Films on two sides of the split ${message}`);
  });

  it("but not one title and year, which two films may share", () => {
    expect(planted({ title: "Crash", year: 2004 })).not.toThrow();
    expect(planted({})).not.toThrow();
  });
});

describe("withoutSharedPosters", () => {
  it("takes the films of train and validation out that show a poster of a later side, and nothing else", () => {
    const hash = 0xffff0000ffff0000n;
    const tested = [film({ sha256: "x" }), film({ hash })];
    const validated = [film({ sha256: "x" }), film({ sha256: "y" })];
    const trained = [film(), film({ hash: hash ^ 1n }), film({ sha256: "y" }), film({ sha256: "x" })];
    const { splits, removed } = withoutSharedPosters({ train: trained, validation: validated, test: tested });
    expect(splits).toEqual({ train: [trained[0]], validation: [validated[1]], test: tested });
    expect(removed).toEqual([
      { film: validated[0], from: "validation", keptIn: "test" },
      { film: trained[1], from: "train", keptIn: "test" },
      { film: trained[2], from: "train", keptIn: "validation" },
      { film: trained[3], from: "train", keptIn: "test" },
    ]);
    expect(() => assertNoLeaks(auditLeaks(splits))).not.toThrow();
  });

  it("leaves a split without such films alone", () => {
    const splits = { train: [film(), film()], validation: [film()], test: [film()] };
    expect(withoutSharedPosters(splits)).toEqual({ splits, removed: [] });
  });
});

describe("scripts/hash-threshold.mjs", () => {
  it("counts how far apart posters of one film and of two lie", async () => {
    const poster = async (across: number, down: number, quality = 90) => {
      const { data, width, height } = waves(185, 278, across, down);
      const encoded = await sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality })
        .toBuffer();
      return { bytes: new Uint8Array(encoded), path: "" };
    };
    const [one, two, three, worse] = [
      await poster(3, 2),
      await poster(12, 0),
      await poster(1, 9),
      await poster(3, 2, 50),
    ];
    // id 1: one poster and its copy (the same bytes: no pair), and the poster encoded worse: one artwork, twice over
    const records = [filmRecord(1, { image: one }), filmRecord(1, { image: one }), filmRecord(1, { image: worse })];
    records.push(filmRecord(2, { image: two }), filmRecord(2, { image: three }));
    const file = await writeFilms(join(await tempFolder(), "films.parquet"), records);
    const script = fileURLToPath(new URL("../scripts/hash-threshold.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, file, "--samples", "2"]);
    // two posters encoded again three ways; three and two posters of two films give 3 − 1 and 1 pairs, the films one
    expect(stdout).toContain("Pairs: again 6, same 2, other 1, strangers 1.");
    expect(stdout).toMatch(/^ *8 ← /m);
  });
});
