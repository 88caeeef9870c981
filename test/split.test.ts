import { createHash } from "node:crypto";
import fc from "fast-check";
import { dedupe, type Looked } from "movie-revenue/catalogue/dedupe";
import { type SplitName, splitFilms, trainTestSplit } from "movie-revenue/catalogue/split";
import { UserError } from "movie-revenue/errors";
import { describe, expect, it } from "vitest";
import golden from "./golden/split.json" with { type: "json" };

const SIDES: SplitName[] = ["train", "validation", "test"];
const filmsOf = (n: number) => Array.from({ length: n }, (_, i) => ({ id: 7 * i + 3 }));
const idsOf = (films: { id: number }[]) => films.map(({ id }) => id);

describe("trainTestSplit", () => {
  it.each(golden.once)("cuts $n films by $testSize as datasets does", ({ n, testSize, train, test }) => {
    const cut = () => trainTestSplit(n, { testSize, seed: 42 });
    if (train === null) expect(cut).toThrow(UserError);
    else expect(cut()).toEqual({ train, test });
  });

  it.each([0, 1, -0.1, 1.5, Number.NaN])("refuses a split of %d", (testSize) => {
    expect(() => trainTestSplit(10, { testSize, seed: 42 })).toThrow(
      `A split of ${testSize} cannot be made: give a fraction between 0 and 1, as 0.1.`,
    );
  });

  it("says when there are too few films", () => {
    expect(() => trainTestSplit(1, { testSize: 0.1, seed: 42 })).toThrow(
      "1 film(s) are too few to set 0.1 of them aside: use more films or a smaller split.",
    );
  });
});

describe("splitFilms gives the ids of train_test_split applied twice", () => {
  it.each(golden.small)("$n films", ({ n, splits }) => {
    if (splits === null) return expect(() => splitFilms(filmsOf(n))).toThrow(/too few/);
    const films = splitFilms(filmsOf(n));
    expect({ train: idsOf(films.train), validation: idsOf(films.validation), test: idsOf(films.test) }).toEqual(splits);
  });

  it.each(golden.large)("$n films, test $test, validation $validation, seed $seed", (expected) => {
    const { n, test, validation, seed, splits } = expected;
    const films = splitFilms(filmsOf(n), { test, validation, seed });
    for (const side of SIDES) {
      const ids = idsOf(films[side]);
      const sha256 = createHash("sha256").update(ids.join(",")).digest("hex");
      expect({ n: ids.length, first: ids.slice(0, 5), sha256 }).toEqual(splits[side]);
    }
  });

  it("3,923 films fall 3,177 / 353 / 393", () => {
    const films = splitFilms(filmsOf(3923));
    expect(SIDES.map((side) => films[side].length)).toEqual([3177, 353, 393]);
  });
});

describe("splitFilms", () => {
  it("refuses an id that is there twice", () => {
    expect(() => splitFilms([{ id: 1 }, { id: 2 }, { id: 1 }])).toThrow(
      "Film 1 is there twice and could fall on two sides: remove duplicates before splitting.",
    );
  });

  it("never lets one film fall on two sides, however often its rows repeat", () => {
    const ids = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 40, maxLength: 200 });
    const fraction = fc.double({ min: 0.05, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(ids, fraction, fraction, fc.nat(), (rowIds, test, validation, seed) => {
        fc.pre(new Set(rowIds).size >= 5);
        const rows = rowIds.map((id, row) => ({ id, row, sha256: `${row}`, hash: BigInt(row) }) as Looked);
        const splits = splitFilms(dedupe(rows).films, { test, validation, seed });
        const all = SIDES.flatMap((side) => idsOf(splits[side]));
        expect(all.length).toBe(new Set(rowIds).size);
        expect(new Set(all)).toEqual(new Set(rowIds));
        for (const side of SIDES) expect(splits[side].length).toBeGreaterThan(0);
      }),
    );
  });
});
