import { parseRow } from "movie-revenue/catalogue/row";
import { describe, expect, it } from "vitest";

const facts = {
  id: 9359n,
  title: "Maverick",
  genres: [
    { id: 28n, name: "Action" },
    { id: 37n, name: "Western" },
  ],
  overview: "A gambler.",
  popularity: 1.4,
  release_date: "1994-05-20",
  budget: 75_000_000n,
  revenue: 183_031_272n,
  tagline: "In their hands…",
  original_language: "en",
  runtime: 127n,
};

/** What one changed column becomes, or the reason why the row is invalid. */
function parsed(change: Record<string, unknown>): Record<string, unknown> | string {
  const result = parseRow({ row: 3, where: "films.parquet row 3", facts: { ...facts, ...change } });
  return "row" in result ? { ...result.row } : result.invalid.reason;
}

describe("a valid row", () => {
  it("becomes a film, without popularity", () => {
    expect(parsed({})).toEqual({
      row: 3,
      id: 9359,
      title: "Maverick",
      genres: ["Action", "Western"],
      overview: "A gambler.",
      tagline: "In their hands…",
      language: "en",
      releaseDate: "1994-05-20",
      year: 1994,
      runtime: 127,
      budget: 75_000_000,
      revenue: 183_031_272,
    });
  });

  it("needs only an id: everything else may be unknown", () => {
    const unknown = { genres: [], overview: "", tagline: "", language: "", releaseDate: "", year: null };
    const expected = { row: 0, id: 1, title: "", ...unknown, runtime: null, budget: null, revenue: null };
    expect(parseRow({ row: 0, where: "x", facts: { id: 1 } })).toEqual({ row: expected });
  });
});

describe("unknown", () => {
  it.each([0, 0n, "", " ", "0", "0.0", -0, null, undefined])("a number written as %o is null", (value) => {
    expect(parsed({ revenue: value, budget: value, runtime: value })).toMatchObject({
      revenue: null,
      budget: null,
      runtime: null,
    });
  });

  it.each(["", "  ", null, undefined, 0])("text written as %o is empty", (value) => {
    expect(parsed({ title: value, overview: value, original_language: value, release_date: value })).toMatchObject({
      title: "",
      overview: "",
      language: "",
      releaseDate: "",
      year: null,
    });
  });
});

describe("numbers as text, from CSV and JSON", () => {
  it.each([
    ["350900000", 350_900_000],
    [" 42 ", 42],
    ["127.0", 127],
    ["2.5e8", 250_000_000],
    ["1e11", 100_000_000_000],
    ["1446000000.5", 1_446_000_000.5],
  ])("reads %o as %d", (written, expected) =>
    expect(parsed({ revenue: written })).toMatchObject({ revenue: expected }),
  );

  it.each(["1,000", "350.900", "1.446.000", "$5", "5M", "abc", "NaN", "Infinity", "0x10", "1e400"])(
    "does not guess what %o means",
    (written) => {
      const reason = `films.parquet row 3: revenue is "${written}", not a plain number of dollars from 0 to 100 billion`;
      expect(parsed({ revenue: written })).toBe(reason);
    },
  );
});

describe("invalid rows", () => {
  it.each([
    [{ revenue: -5n }, "revenue is -5, not a plain number of dollars from 0 to 100 billion"],
    [{ budget: Number.NaN }, "budget is NaN, not a plain number of dollars from 0 to 100 billion"],
    [{ budget: Number.POSITIVE_INFINITY }, "budget is Infinity, not a plain number of dollars from 0 to 100 billion"],
    [{ revenue: 2n ** 53n }, "revenue is 9007199254740992, not a plain number of dollars from 0 to 100 billion"],
    [{ revenue: 100_000_000_001 }, "revenue is 100000000001, not a plain number of dollars from 0 to 100 billion"],
    [{ budget: "1e15" }, 'budget is "1e15", not a plain number of dollars from 0 to 100 billion'],
    [{ runtime: true }, "runtime is true, not a plain number of minutes, 0 or more"],
    [{ runtime: "-1" }, 'runtime is "-1", not a plain number of minutes, 0 or more'],
    [{ id: 0n }, "id is 0, not a whole number from 1 to 2^53 - 1"],
    [{ id: -7 }, "id is -7, not a whole number from 1 to 2^53 - 1"],
    [{ id: 1.5 }, "id is 1.5, not a whole number from 1 to 2^53 - 1"],
    [{ id: null }, "id is null, not a whole number from 1 to 2^53 - 1"],
    // 2^53 is the first whole number that a double may stand for by mistake
    [{ id: 9007199254740992n }, "id is 9007199254740992, not a whole number from 1 to 2^53 - 1"],
    [{ title: 1917 }, "title is 1917, not text"],
    [{ tagline: ["a"] }, 'tagline is ["a"], not text'],
    [{ genres: 5 }, "genres is 5, not a list of genre names"],
    [{ genres: [3] }, "genres is [3], not a list of genre names"],
    [{ genres: "[{'name': 'Action'}]" }, `genres is "[{'name': 'Action'}]", not a list of genre names`],
  ])("%o", (change, why) => expect(parsed(change)).toBe(`films.parquet row 3: ${why}`));

  it("writes a hostile value on one line, cut and escaped", () => {
    const reason = parsed({ revenue: `\u001b[31m\n${"x".repeat(100)}` });
    // escape, "[31m" and a line break are 6 of the 40 characters
    expect(reason).toBe(
      `films.parquet row 3: revenue is "\\u001b[31m\\n${"x".repeat(34)}…", not a plain number of dollars from 0 to 100 billion`,
    );
  });

  it("keeps its position, and the problem that the source found before any fact", () => {
    expect(parseRow({ row: 8, where: "facts.csv line 9", facts: {}, problem: "has 2 fields" })).toEqual({
      invalid: { row: 8, reason: "facts.csv line 9: has 2 fields" },
    });
  });
});

describe("dates", () => {
  it.each([
    ["2024-02-29", "2024-02-29", 2024],
    ["2000-02-29", "2000-02-29", 2000],
    ["1925", "1925", 1925],
    [1999, "1999", 1999],
    [new Date("2001-02-03T00:00:00Z"), "2001-02-03", 2001],
    ["0", "", null],
  ])("%o", (written, releaseDate, year) =>
    expect(parsed({ release_date: written })).toMatchObject({ releaseDate, year }),
  );

  // 1900 is no leap year: divisible by 100 and not by 400
  it.each([
    "2023-02-29",
    "1900-02-29",
    "2001-13-01",
    "2001-00-10",
    "2001-04-31",
    "01/02/2003",
    "2001-2-3",
    "99",
    "20010203",
    "0000",
    "2001-01-01T00:00",
  ])("%s is no date", (written) => {
    const reason = `release_date is "${written}", not a calendar date YYYY-MM-DD, a year YYYY, or empty`;
    expect(parsed({ release_date: written })).toBe(`films.parquet row 3: ${reason}`);
  });
});

describe("genres", () => {
  it.each([
    [[{ id: 1, name: "Drama" }, { id: 2, name: "" }, null], ["Drama"]],
    [
      ["Drama", " Comedy ", "Drama"],
      ["Drama", "Comedy"],
    ],
    ['[{"id": 18, "name": "Drama"}, {"id": 35, "name": "Comedy"}]', ["Drama", "Comedy"]],
    ["Drama, Science Fiction", ["Drama", "Science Fiction"]],
    ["Drama|Comedy", ["Drama", "Comedy"]],
    ["", []],
    [null, []],
  ])("%o", (written, genres) => expect(parsed({ genres: written })).toMatchObject({ genres }));
});
