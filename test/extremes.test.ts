import { extremes } from "movie-revenue/evaluation/extremes";
import type { Judged } from "movie-revenue/evaluation/metrics";
import { describe, expect, it } from "vitest";

const judged = (title: string, actual: number, predicted: number): Judged => ({
  ...{ id: 1, split: "test", low: null, high: null },
  ...{ title, actual, predicted },
});

// factors: 2, 1, 10, 4, 1.25
const films = [
  judged("double", 1e8, 2e8),
  judged("exact", 3e8, 3e8),
  judged("tenth", 1e9, 1e8),
  judged("quarter", 4e8, 1e8),
  judged("near", 1e8, 1.25e8),
];

describe("extremes", () => {
  it("are the best and the worst by how many times a prediction is off, either way", () => {
    expect(extremes(films, 2)).toEqual([
      { end: "best", title: "exact", actual: 3e8, predicted: 3e8, factor: 1 },
      { end: "best", title: "near", actual: 1e8, predicted: 1.25e8, factor: 1.25 },
      { end: "worst", title: "quarter", actual: 4e8, predicted: 1e8, factor: 4 },
      { end: "worst", title: "tenth", actual: 1e9, predicted: 1e8, factor: 10 },
    ]);
  });

  it("name no film twice where there are few", () => {
    expect(extremes(films).map(({ title }) => title)).toEqual(["exact", "near", "quarter", "tenth"]);
    expect(extremes(films.slice(0, 1))).toEqual([]);
    expect(extremes([])).toEqual([]);
  });

  it("leave the list as it was", () => {
    const before = films.map(({ title }) => title);
    extremes(films);
    expect(films.map(({ title }) => title)).toEqual(before);
  });
});
