import { filterFilms, log10Revenue } from "movie-revenue/catalogue/clean";
import { describe, expect, it } from "vitest";

const film = (revenue: number | null, budget: number | null = null, year: number | null = null) => ({
  revenue,
  budget,
  year,
});
const none = {
  "unknown revenue": 0,
  "low revenue": 0,
  "unknown budget": 0,
  "low budget": 0,
  "unknown year": 0,
  "early year": 0,
};

describe("log10Revenue", () => {
  it.each([
    [10_000_000, 7],
    [1, 0],
    [0, 0],
    [null, 0],
    // the highest grossing film of the data: log10 of 2.923706026e9 is 9 + log10(2.923706026) = 9.465934
    [2_923_706_026, 9.4659337],
  ])("%j dollars → %d", (dollars, expected) => {
    expect(log10Revenue(dollars)).toBeCloseTo(expected, 6);
  });
});

describe("filterFilms", () => {
  it("keeps films that earned more than the minimum, not those that earned just that", () => {
    const films = [film(10_000_001), film(10_000_000), film(9_999_999), film(null), film(5e8)];
    expect(filterFilms(films, { minRevenue: 1e7 })).toEqual({
      kept: [films[0], films[4]],
      dropped: { ...none, "low revenue": 2, "unknown revenue": 1 },
    });
  });

  it("does not ask for a budget or a year unless told to", () => {
    expect(filterFilms([film(2e7, null, null)], { minRevenue: 1e7 }).kept).toHaveLength(1);
  });

  it("filters by budget (more than) and year (from), and what is unknown passes neither", () => {
    const films = [
      film(2e7, 100_001, 2000),
      film(2e7, 100_000, 2000),
      film(2e7, null, 2000),
      film(2e7, 5e6, 1999),
      film(2e7, 5e6, null),
    ];
    const { kept, dropped } = filterFilms(films, { minRevenue: 1e6, minBudget: 100_000, minYear: 2000 });
    expect(kept).toEqual([films[0]]);
    expect(dropped).toEqual({ ...none, "low budget": 1, "unknown budget": 1, "early year": 1, "unknown year": 1 });
  });

  it("counts a film once, under its first reason", () => {
    const { dropped } = filterFilms([film(1, 1, 1900)], { minRevenue: 1e6, minBudget: 100, minYear: 2000 });
    expect(dropped).toEqual({ ...none, "low revenue": 1 });
  });

  it("counts nothing in an empty list", () => {
    expect(filterFilms([], { minRevenue: 1e7 })).toEqual({ kept: [], dropped: none });
  });
});
