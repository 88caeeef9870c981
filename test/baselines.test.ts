import type { Film } from "movie-revenue/catalogue/film";
import { UserError } from "movie-revenue/errors";
import {
  BASELINES,
  fitBaselines,
  omittedBaselines,
  parseBaselines,
  predictBaselines,
} from "movie-revenue/evaluation/baselines";
import { matrixOf } from "movie-revenue/model/matrix";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";

const film = (facts: Partial<Film> = {}): Film => ({
  ...{ id: 1, title: "Film", genres: [], overview: "", tagline: "", language: "", releaseDate: "" },
  ...{ year: null, runtime: null, budget: null, revenue: 1e8 },
  ...facts,
});

/** Films whose revenue follows genre, year, budget and the poster's first colour, with some chance. */
function invented(count: number, seed: number) {
  const random = new Random(seed);
  const films: Film[] = [];
  const colours: number[][] = [];
  for (let id = 0; id < count; id++) {
    const drama = random.double() < 0.5;
    const year = 1990 + random.integer(20);
    const cost = random.uniform(5, 8);
    const red = random.double();
    const log10 = 7 + (drama ? 0 : 0.3) + (year - 1990) * 0.02 + (cost - 5) * 0.3 + red * 0.4 + random.normal() * 0.1;
    films.push(film({ id, genres: [drama ? "Drama" : "War"], year, budget: 10 ** cost, revenue: 10 ** log10 }));
    colours.push([red, random.double()]);
  }
  return { films, colours: matrixOf(colours) };
}

const train = invented(600, 1);
const test = invented(300, 2);
const fitted = fitBaselines(train);

const mse = (predicted: Float64Array) =>
  predicted.reduce((sum, value, i) => sum + (value - Math.log10(test.films[i]!.revenue!)) ** 2, 0) / predicted.length;

describe("predictBaselines", () => {
  const predicted = predictBaselines(fitted, test);

  it("has a prediction of each baseline for each film", () => {
    expect(Object.keys(predicted)).toEqual([...BASELINES]);
    for (const values of Object.values(predicted)) {
      expect(values).toHaveLength(300);
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(omittedBaselines(fitted, test)).toEqual({});
  });

  it("finds what was planted: each fact lowers the error by about its variance", () => {
    const fall = (name: (typeof BASELINES)[number]) => mse(predicted.mean!) - mse(predicted[name]!);
    // ¼ · 0.3² by genre; 0.02² · (20² − 1) / 12 by year; 0.4² / 12 by colour; the budget's 0.9² / 12 is the largest
    expect(Math.abs(fall("genre") - 0.0225)).toBeLessThan(0.01);
    expect(Math.abs(fall("year") - 0.0133)).toBeLessThan(0.01);
    expect(Math.abs(fall("colours") - 0.0133)).toBeLessThan(0.01);
    expect(fall("metadata")).toBeGreaterThan(fall("genre"));
    expect(fall("metadata+budget") - fall("metadata")).toBeGreaterThan(0.04);
  });

  it("is the same after JSON", () => {
    const again = parseBaselines(JSON.parse(JSON.stringify(fitted)), "baselines.json");
    expect(predictBaselines(again, test)).toEqual(predicted);
  });

  it("does not see the revenue of the films that it judges, nor the budget but where it says so", () => {
    const films = test.films.map((film) => ({ ...film, revenue: null }));
    expect(predictBaselines(fitted, { ...test, films })).toEqual(predicted);
    const poor = predictBaselines(fitted, {
      films: test.films.map((film) => ({ ...film, budget: 1 })),
      colours: test.colours,
    });
    const changed = BASELINES.filter((name) => poor[name]!.some((value, i) => value !== predicted[name]![i]));
    expect(changed).toEqual(["metadata+budget"]);
  });

  it("falls to the training mean where a film has no known year or genre", () => {
    const films = [film(), film({ year: 1890, genres: ["Opera"] })];
    const { mean, year, genre } = predictBaselines(fitted, { films });
    expect([year, genre]).toEqual([mean, mean]);
    // a genre that training knows counts, whatever stands beside it
    const both = predictBaselines(fitted, { films: [film({ genres: ["Opera", "War"] }), film({ genres: ["War"] })] })
      .genre!;
    expect(both[0]).toBe(both[1]);
    expect(both[0]).not.toBe(mean![0]);
  });

  it("leaves colours out where there are none, and says so", () => {
    const { films } = test;
    expect(predictBaselines(fitted, { films })).not.toHaveProperty("colours");
    expect(omittedBaselines(fitted, { films })).toEqual({ colours: "the posters' colours were not given" });
    const without = fitBaselines({ films: train.films });
    expect(predictBaselines(without, test)).not.toHaveProperty("colours");
    expect(omittedBaselines(without, test)).toEqual({ colours: "the training posters' colours were not given" });
  });

  it("takes no films, and refuses colours of other films", () => {
    const none = predictBaselines(fitted, { films: [] });
    expect(Object.values(none).map((values) => values.length)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(() => predictBaselines(fitted, { films: [film()], colours: test.colours })).toThrow(
      new UserError("There are colours of 300 posters for 1 films: give one row each."),
    );
  });
});

describe("fitBaselines", () => {
  it("takes means, and draws a year's towards the mean by ten films", () => {
    const films = [
      ...[1e7, 1e7].map((revenue) => film({ revenue, year: 2000 })),
      ...[1e8, 1e9].map((revenue) => film({ revenue, year: 2001 })),
    ];
    const { mean, median, year, omitted } = fitBaselines({ films });
    // (7 + 7 + 8 + 9) / 4; the middle of $10M and $100M; (7 + 7 + 10 · 7.75) / 12, (8 + 9 + 10 · 7.75) / 12
    expect([mean, median]).toEqual([7.75, Math.log10(5.5e7)]);
    expect(year).toEqual({ means: { 2000: 91.5 / 12, 2001: 94.5 / 12 } });
    expect(omitted.genre).toBe("no training film has a genre");
  });

  it("predicts a single film's revenue for any", () => {
    const one = fitBaselines({ films: [film({ genres: ["War"], year: 2000 })], colours: matrixOf([[0.5]]) });
    const predicted = predictBaselines(one, {
      films: [film({ genres: ["War"], budget: 5 })],
      colours: matrixOf([[0.1]]),
    });
    for (const name of BASELINES) expect(predicted[name]![0]).toBeCloseTo(8, 12);
  });

  it.each([
    [[], "There are no training films to make a baseline from: add films."],
    [[film({ title: 'A "b"', revenue: null })], 'The training film "A \\"b\\"" has no revenue: leave it out.'],
    [[film({ revenue: 0 })], 'The training film "Film" has no revenue: leave it out.'],
  ])("refuses films that teach nothing: %#", (films, message) => {
    expect(() => fitBaselines({ films })).toThrow(new UserError(message));
  });
});

describe("parseBaselines", () => {
  const json = () => JSON.parse(JSON.stringify(fitted));

  it.each([
    ["another version", { ...json(), version: 2 }, "version: "],
    ["a number that is none", { ...json(), mean: null }, "mean: "],
    ["another thing", [1], ": "],
  ])("refuses %s and names the file", (_, content, place) => {
    expect(() => parseBaselines(content, "run/baselines.json")).toThrow(UserError);
    expect(() => parseBaselines(content, "run/baselines.json")).toThrow(
      `run/baselines.json holds no baselines of this version (${place}`,
    );
  });

  it("refuses a tree that would be walked for ever, and popularity", () => {
    const round = json();
    round.metadata.trees.trees[0].left[0] = 0;
    expect(() => parseBaselines(round, "b.json")).toThrow("(metadata.trees.trees.0: ");
    const leaking = json();
    leaking.metadata.vocabulary.groups.push("popularity");
    expect(() => parseBaselines(leaking, "b.json")).toThrow("(metadata.vocabulary.groups.7: ");
  });
});
