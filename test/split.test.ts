import { createHash } from "node:crypto";
import fc from "fast-check";
import { dedupe, type Looked } from "movie-revenue/catalogue/dedupe";
import { type SplitName, splitFilms, trainTestSplit, undatedFilms } from "movie-revenue/catalogue/split";
import { titleGroups } from "movie-revenue/catalogue/title-groups";
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

describe("splitFilms by date", () => {
  const film = (id: number, releaseDate: string) => ({ id, releaseDate });
  const films = [
    film(1, "2001-05-01"),
    film(2, ""),
    film(3, "1999-12-31"),
    film(4, "2010"),
    film(5, "2010-01-01"),
    film(6, "1980"),
    film(7, "1999-12-31"),
    film(8, "2021-07-07"),
    film(9, ""),
    film(10, "1970-01-01"),
  ];

  it("trains on the oldest, then validates, and tests on the newest", () => {
    // ⌈10 · 0.2⌉ = 2 newest: 2021 and 2010-01-01 (a bare 2010 stands before it); ⌈8 · 0.3⌉ = 3 before: 1999 (7), 2001, 2010
    const splits = splitFilms(films, { by: "date", test: 0.2, validation: 0.3 });
    expect(SIDES.map((side) => idsOf(splits[side]))).toEqual([
      [2, 9, 10, 6, 3],
      [7, 1, 4],
      [5, 8],
    ]);
  });

  it("does not depend on the order of the films, nor on the seed", () => {
    const options = { by: "date", test: 0.2, validation: 0.3 } as const;
    const dated = films.filter(({ releaseDate }) => releaseDate);
    const splits = splitFilms(dated, options);
    expect(splitFilms([...dated].reverse(), { ...options, seed: 7 })).toEqual(splits);
  });

  it("counts the films without a date, which train", () => {
    expect(idsOf(undatedFilms(films))).toEqual([2, 9]);
  });

  it("says where too few films have a date", () => {
    const mostlyUndated = films.map(({ id }) => film(id, id === 1 ? "2001" : ""));
    expect(() => splitFilms(mostlyUndated, { by: "date" })).toThrow(
      "Only 1 of 10 films have a release date, too few to split by date: split by random.",
    );
  });
});

describe("splitFilms by group", () => {
  const titled = (titles: string[]) => titles.map((title, id) => ({ id: id + 1, title }));

  it("keeps the films of one title group on one side, in sides of the random split's sizes", () => {
    const names = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 60, maxLength: 150 });
    fc.assert(
      fc.property(names, fc.nat(), (heroes, seed) => {
        // hero 1 to 25 with many sequels, and forty films alone
        const alone = Array.from({ length: 40 }, (_, i) => `alone${"x".repeat(i)}`);
        const films = titled([...heroes.map((hero, i) => `hero${"y".repeat(hero)}: sequel ${i}`), ...alone]);
        const splits = splitFilms(films, { by: "group", seed });
        const sideOf = new Map(SIDES.flatMap((side) => splits[side].map(({ id }) => [id, side] as const)));
        expect(sideOf.size).toBe(films.length);
        for (const group of titleGroups(films.map(({ title }) => title)))
          expect(new Set(group.map((position) => sideOf.get(films[position]!.id))).size).toBe(1);
        const random = splitFilms(films, { seed });
        for (const side of ["test", "validation"] as const) {
          expect(splits[side].length).toBeLessThanOrEqual(random[side].length);
          expect(splits[side].length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("is random's size to the film where most films stand alone, decided by the seed", () => {
    const films = titled([...Array.from({ length: 95 }, (_, i) => `f${"o".repeat(i + 1)}`), "Saw", "Saw II", "Saw IV"]);
    const split = (seed: number) => splitFilms(films, { by: "group", seed });
    // ⌈98 · 0.1⌉ = 10, ⌈88 · 0.1⌉ = 9
    expect(SIDES.map((side) => split(1)[side].length)).toEqual([79, 9, 10]);
    expect(split(1)).toEqual(split(1));
    expect(idsOf(split(1).test)).not.toEqual(idsOf(split(2).test));
  });

  it("says when the groups are too few", () => {
    expect(() => splitFilms(titled(["Saw", "Saw II", "Saw III", "Saw IV"]), { by: "group" })).toThrow(
      "Split by group, 4 film(s) of 1 title group(s) leave no film for validation: use more films or split by random.",
    );
  });
});
