import fc from "fast-check";
import type { Film } from "movie-revenue/catalogue/film";
import { titleFinder, titleGroups } from "movie-revenue/catalogue/title-groups";
import { stemsOf } from "movie-revenue/catalogue/title-stems";
import { franchiseFeatures, franchiseOf } from "movie-revenue/model/franchise";
import { describe, expect, it } from "vitest";

const film = (title: string, releaseDate = "", revenue: number | null = null): Film => ({
  ...{ id: 1, title, genres: [], overview: "", tagline: "", language: "" },
  ...{ releaseDate, year: releaseDate ? Number(releaseDate.slice(0, 4)) : null, runtime: null, budget: null, revenue },
});

/** [mean, latest, number] of one film. */
const featuresOf = (train: Film[], query: Film) => [...franchiseFeatures(franchiseOf(train), [query]).data];

const ROCKY = [
  film("Rocky", "1976-11-21", 1e8),
  film("Rocky IV", "1985-11-21", 1e6),
  film("Rocky II", "1979-06-15", 1e7),
  film("Heat", "1995-12-15", 1e9),
];
const NONE = [Number.NaN, Number.NaN, 0];

describe("what earlier films of the title group earned", () => {
  it("is the mean and the latest log10 revenue, and how many", () => {
    // 10⁸, 10⁷ and 10⁶: mean 7, the latest is IV of 1985
    expect(featuresOf(ROCKY, film("Rocky Balboa", "2006-12-20"))).toEqual(NONE);
    expect(featuresOf(ROCKY, film("Rocky V", "1990-11-16"))).toEqual([7, 6, 3]);
    // before IV: 10⁸ and 10⁷
    expect(featuresOf(ROCKY, film("Rocky III", "1982-05-28"))).toEqual([7.5, 7, 2]);
    expect(featuresOf(ROCKY, film("Casino", "1995-11-22"))).toEqual(NONE);
  });

  it("is of strictly earlier films: never the film itself, nor another of that day", () => {
    expect(featuresOf(ROCKY, ROCKY[0]!)).toEqual(NONE);
    expect(featuresOf(ROCKY, ROCKY[2]!)).toEqual([8, 8, 1]);
    expect(featuresOf(ROCKY, film("Rocky: The Rival", "1976-11-21"))).toEqual(NONE);
  });

  it("does not change with what any later film earned", () => {
    const other = ROCKY.map((one) => (one.releaseDate >= "1982" ? { ...one, revenue: 5 } : one));
    const query = film("Rocky III", "1982-05-28");
    expect(featuresOf(other, query)).toEqual(featuresOf(ROCKY, query));
  });

  it("is not known where the date is not, and a year alone is told from other years alone", () => {
    const unknown = [Number.NaN, Number.NaN, Number.NaN];
    expect(featuresOf(ROCKY, film("Rocky V", ""))).toEqual(unknown);
    expect(featuresOf(ROCKY, film("Rocky V", "1985"))).toEqual([7.5, 7, 2]);
    expect(featuresOf(ROCKY, film("Rocky V", "1986"))).toEqual([7, 6, 3]);
    const years = [film("Saw", "2004", 1e8)];
    expect(featuresOf(years, film("Saw II", "2004-12-31"))).toEqual(NONE);
    expect(featuresOf(years, film("Saw II", "2005-01-01"))).toEqual([8, 8, 1]);
    expect(featuresOf(years, years[0]!)).toEqual(NONE);
  });

  it("ignores films without a date or a revenue", () => {
    const train = [film("Saw", "", 1e8), film("Saw II", "2005", null), film("Saw III", "2006", 0)];
    expect(franchiseOf(train).films).toEqual([]);
    expect(featuresOf(train, film("Saw IV", "2007"))).toEqual(NONE);
  });

  it("joins two groups that a new title belongs to both of", () => {
    const train = [film("Freddy", "1984", 1e7), film("Jason Lives", "1986", 1e9)];
    expect(featuresOf(train, film("Freddy Returns: Jason Lives", "2003"))).toEqual([8, 9, 2]);
  });

  it("names its columns, takes no film, and survives JSON", () => {
    const franchise = franchiseOf(ROCKY);
    const table = franchiseFeatures(JSON.parse(JSON.stringify(franchise)), ROCKY);
    expect(table).toEqual(franchiseFeatures(franchise, ROCKY));
    expect(table).toMatchObject({ rows: 4, columns: 3, names: ["earlier mean", "earlier latest", "earlier films"] });
    expect(franchiseFeatures(franchise, []).rows).toBe(0);
    expect(JSON.stringify(franchise)).not.toContain("Rocky");
  });

  it("of two films of one day, takes the one that earned more as the latest, in any order", () => {
    const train = [film("Saw", "2004", 1e6), film("Saw II", "2004", 1e8)];
    expect(featuresOf(train, film("Saw III", "2005"))).toEqual([7, 8, 2]);
    expect(featuresOf(train.reverse(), film("Saw III", "2005"))).toEqual([7, 8, 2]);
  });
});

describe("the group of another title", () => {
  const word = fc.constantFrom(
    "the",
    "red",
    "sea",
    "dawn",
    "returns",
    "begins",
    "and",
    "2",
    "ii",
    "part",
    ":",
    "!",
    "é",
  );
  const title = fc.array(word, { maxLength: 6 }).map((words) => words.join(" "));

  it("holds the films that titleGroups would put together with it", () => {
    fc.assert(
      fc.property(fc.array(title, { maxLength: 12 }), title, (titles, other) => {
        const all = titleGroups([...titles, other]);
        const expected = all.find((group) => group.includes(titles.length))!.slice(0, -1);
        expect(titleFinder(titles.map(stemsOf))(stemsOf(other))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("is found among 20,000 films in a moment", () => {
    const find = titleFinder(
      Array.from({ length: 20_000 }, (_, i) => stemsOf(`Film ${String.fromCodePoint(0x4e00 + i)}`)),
    );
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) find(stemsOf(`Film ${String.fromCodePoint(0x4e00 + i)}: The Sequel`));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
