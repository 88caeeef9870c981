import type { Film } from "movie-revenue/catalogue/film";
import { UserError } from "movie-revenue/errors";
import { METADATA, type MetadataVocabulary, metadataOf, REFUSED, vocabularyOf } from "movie-revenue/model/metadata";
import { describe, expect, it } from "vitest";

const film = (facts: Partial<Film> = {}): Film => ({
  ...{ id: 1, title: "Film", genres: ["Drama"], overview: "", tagline: "", language: "en" },
  ...{ releaseDate: "2001-02-03", year: 2001, runtime: 100, budget: 1e7, revenue: 2e7 },
  ...facts,
});

/** The features of one film by name. */
function numbersOf(facts: Partial<Film>, vocabulary: MetadataVocabulary): Record<string, number> {
  const { names, data } = metadataOf([film(facts)], vocabulary);
  return Object.fromEntries(names.map((name, column) => [name, data[column]!]));
}

const unknown: Partial<Film> = {
  ...{ genres: [], overview: "", tagline: "", language: "", releaseDate: "", year: null, runtime: null, budget: null },
};

describe("vocabularyOf", () => {
  const train = [film(), film({ genres: ["Comedy", "Drama"], language: "fr" }), film({ genres: [], language: "" })];

  it("knows the training films' genres and frequent languages, in order, as JSON", () => {
    const vocabulary = vocabularyOf(train, { minLanguageFilms: 1 });
    expect(vocabulary).toEqual({ groups: [...METADATA], genres: ["Comedy", "Drama"], languages: ["en", "fr"] });
    expect(JSON.parse(JSON.stringify(vocabulary))).toEqual(vocabulary);
    expect(vocabularyOf(train).languages).toEqual([]);
    expect(vocabularyOf(train, { minGenreFilms: 2 }).genres).toEqual(["Drama"]);
  });

  it("counts a film once for a genre that it names twice", () => {
    expect(vocabularyOf([film({ genres: ["War", "War"] })], { minGenreFilms: 2 }).genres).toEqual([]);
  });

  it.each(REFUSED)("refuses %s, which is known only after release", (group) => {
    const message = `"${group}" is known only after a film's release, so it would leak the answer: leave it out.`;
    expect(() => vocabularyOf(train, { groups: ["genres", group] })).toThrow(new UserError(message));
    // nor by a vocabulary that someone has edited
    const edited = { ...vocabularyOf(train), groups: [group] } as unknown as MetadataVocabulary;
    expect(() => metadataOf(train, edited)).toThrow(new UserError(message));
  });

  it("refuses popularity however it is written, and names the nearest of what is not known", () => {
    expect(() => vocabularyOf(train, { groups: ["Popularity"] })).toThrow('"Popularity" is known only after');
    expect(() => vocabularyOf(train, { groups: ["genre"] })).toThrow(
      new UserError('There is no group of film facts "genre": did you mean "genres"?'),
    );
  });
});

describe("metadataOf", () => {
  const vocabulary = vocabularyOf([film({ genres: ["Drama", "War"] }), film({ language: "fr" })], {
    minLanguageFilms: 1,
  });

  it("says what is known before release", () => {
    const facts = {
      ...{ title: "Rocky II: Again", genres: ["War", "Music"], tagline: "Soon", overview: "A fight.", language: "fr" },
      ...{ releaseDate: "1980-03-01", year: 1980, runtime: 120, budget: 1e6 },
    };
    // 1980 was a leap year: 31 + 29 + 1 days; 1 March was a Saturday
    expect(numbersOf(facts, vocabulary)).toEqual({
      ...{ "genre Drama": 0, "genre War": 1, genres: 2, year: 1980, month: 3, "day of year": 61, weekday: 6 },
      ...{
        runtime: 120,
        "language en": 0,
        "language fr": 1,
        "language other": 0,
        "log10 budget": 6,
        "budget known": 1,
      },
      ...{ "title length": 15, "title words": 3, "title has a number": 1, "title has a colon": 1 },
      ...{ "tagline known": 1, "tagline length": 4, "overview length": 8 },
    });
  });

  it("leaves a gap for what is not known", () => {
    const numbers = numbersOf(unknown, vocabulary);
    const known = Object.entries(numbers).filter(([, value]) => !Number.isNaN(value));
    expect(known).toEqual([
      ["budget known", 0],
      ["title length", 4],
      ["title words", 1],
      ["title has a number", 0],
      ["title has a colon", 0],
      ["tagline known", 0],
    ]);
  });

  it("knows no season of a year alone", () => {
    const { year, month, weekday } = numbersOf({ releaseDate: "1999", year: 1999 }, vocabulary);
    expect([year, month, weekday]).toEqual([1999, Number.NaN, Number.NaN]);
    expect(numbersOf({ releaseDate: "1999-01-01" }, vocabulary)["day of year"]).toBe(1);
  });

  it("calls a language that training lacks other", () => {
    expect(numbersOf({ language: "xx" }, vocabulary)).toMatchObject({ "language en": 0, "language other": 1 });
  });

  it("leaves both budget features out where asked to", () => {
    const { names } = metadataOf([film()], vocabularyOf([film()], { budget: false }));
    expect(names.filter((name) => name.includes("budget"))).toEqual([]);
    expect(names).toContain("runtime");
  });

  it("does not change with revenue, id, or facts that it does not know", () => {
    const famous = { ...film({ revenue: 9e9, id: 7 }), popularity: 1000 } as Film;
    expect(metadataOf([famous], vocabulary)).toEqual(metadataOf([film()], vocabulary));
  });

  it("is a row for each film, none for none", () => {
    const { rows, columns, data, names } = metadataOf([film(), film({ runtime: 90 })], vocabulary);
    expect([rows, data.length]).toEqual([2, 2 * columns]);
    expect(data[columns + names.indexOf("runtime")]).toBe(90);
    expect(metadataOf([], vocabulary).rows).toBe(0);
  });
});
