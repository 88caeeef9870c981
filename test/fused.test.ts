import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Film } from "movie-revenue/catalogue/film";
import { UserError } from "movie-revenue/errors";
import { type Fused, type FusedData, fitFused, predictFused, predictFusedParts } from "movie-revenue/model/fused";
import { readFused, saveFused } from "movie-revenue/model/fused/file";
import { inputsOf, numbersOf, tableOf } from "movie-revenue/model/fused/inputs";
import { kernelFeatures, momentsOf } from "movie-revenue/model/fused/kernel-features";
import { posterScaleOf, scaledPosters } from "movie-revenue/model/fused/poster-scale";
import { type Matrix, matrixOf, takeRows } from "movie-revenue/model/matrix";
import { metadataOf, vocabularyOf } from "movie-revenue/model/metadata";
import { formatSafetensors, parseSafetensors } from "movie-revenue/model/safetensors";
import { Random } from "movie-revenue/random";
import { beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

const range = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);

const blank: Film = {
  ...{ id: 1, title: "Untitled", genres: [], overview: "", tagline: "", language: "" },
  ...{ releaseDate: "", year: null, runtime: null, budget: null, revenue: null },
};

/** Films whose log10 revenue is 7 + .5·(log10 budget − 7) + .3 per word "gold" + .5·(first poster feature) + a little noise. */
function invented(count: number): { films: Film[]; posters: Matrix } {
  const random = new Random(5);
  const posters = matrixOf(range(count).map(() => range(6).map(() => random.normal())));
  const films = range(count).map((i): Film => {
    const [budget, year, gold] = [10 ** random.uniform(6, 8), 1980 + random.integer(40), random.integer(2)];
    const noise = 0.1 * random.normal();
    const log10 = 7 + 0.5 * (Math.log10(budget) - 7) + 0.3 * gold + 0.5 * posters.data[i * 6]! + noise;
    return {
      ...{ ...blank, id: i, title: `Story ${String.fromCodePoint(0x4e00 + i)}` },
      genres: [["Drama"], ["Action", "Drama"], []][i % 3]!,
      overview: gold ? "They look for gold and silver" : "They look for silver",
      ...{ tagline: i % 5 ? "Go" : "", language: ["en", "fr", ""][i % 3]! },
      ...{ releaseDate: `${year}-0${1 + (i % 9)}-11`, year, runtime: i % 7 ? 90 + (i % 40) : null },
      ...{ budget: i % 4 ? budget : null, revenue: 10 ** log10 },
    };
  });
  return { films, posters: { ...posters, data: Float32Array.from(posters.data) } };
}

const all = invented(260);
const of = (positions: number[], posters = true): FusedData => ({
  films: positions.map((i) => all.films[i]!),
  ...(posters && { posters: takeRows(all.posters, positions) }),
});
const [train, test] = [of(range(200)), of(range(60, 200))];

/** R² against the training mean, of the test films. */
function r2(predictions: Float64Array): number {
  const y = test.films.map(({ revenue }) => Math.log10(revenue!));
  const mean = train.films.reduce((sum, { revenue }) => sum + Math.log10(revenue!), 0) / train.films.length;
  const squares = (of: (i: number) => number) => y.reduce((sum, own, i) => sum + (own - of(i)) ** 2, 0);
  return 1 - squares((i) => predictions[i]!) / squares(() => mean);
}

let fused: Fused;
beforeAll(() => {
  fused = fitFused(train, { seeds: 1 });
});

describe("the fused model", () => {
  it("averages the trees and the kernel, and the kernel's mean is that of the training films", () => {
    const { trees, kernel } = predictFusedParts(fused, test);
    expect([...predictFused(fused, test)]).toEqual([...trees.map((value, i) => (value + kernel[i]!) / 2)]);
    const sum = train.films.reduce((total, { revenue }) => total + Math.log10(revenue!), 0);
    expect(fused.kernel.mean).toBeCloseTo(sum / 200, 12);
  });

  it("learns what budget, text and poster each tell, and less where one is left out", () => {
    const whole = r2(predictFused(fused, test));
    const without = (part: "budget" | "text" | "poster") =>
      r2(predictFusedParts(fitFused(train, { seeds: 1, [part]: false }), test).kernel);
    const kernel = r2(predictFusedParts(fused, test).kernel);
    // of the variance the poster gives .25, the budgets known .75 · .083 and the word .0225
    expect(whole).toBeGreaterThan(0.2);
    for (const part of ["budget", "text", "poster"] as const) expect(without(part)).toBeLessThan(kernel);
    expect(without("poster")).toBeLessThan(kernel - 0.2);
  });

  it("keeps what is left out out of the model", () => {
    const bare = fitFused(train, { seeds: 1, poster: false, text: false, franchise: false, budget: false });
    expect([bare.poster, bare.text, bare.franchise]).toEqual([null, null, null]);
    expect(bare.trees[0]!.names.filter((name) => /budget|earlier/.test(name))).toEqual([]);
    const moved = test.films.map((film) => ({ ...film, budget: 1, overview: "gold", tagline: "Went" }));
    const same = { films: moved.map((film, i) => ({ ...film, overview: test.films[i]!.overview })) };
    const taglines = { films: test.films.map((film) => ({ ...film, tagline: "Went" })) };
    expect(predictFused(bare, same)).toEqual(predictFused(bare, taglines));
  });

  it("gives a film the same number alone as among others, bit for bit", () => {
    const among = predictFused(fused, test);
    const alone = range(60, 200).map((i) => predictFused(fused, of([i]))[0]);
    expect(alone).toEqual([...among]);
    const reversed = predictFused(fused, of(range(60, 200).reverse()));
    expect([...reversed].reverse()).toEqual([...among]);
  });

  it("is the same when fitted again, and grows each of several trees from another draw", () => {
    expect(predictFused(fitFused(train, { seeds: 1 }), test)).toEqual(predictFused(fused, test));
    const { trees } = fitFused(of(range(60)), { seeds: 2 });
    expect(trees[0]).not.toEqual(trees[1]);
  });

  it("predicts a film of which nothing is known", () => {
    const posters = matrixOf([range(6).map(() => 0)]);
    expect(predictFused(fused, { films: [blank], posters })[0]).toBeGreaterThan(6);
    expect(
      predictFused(fused, { films: [], posters: { ...posters, rows: 0, data: new Float64Array(0) } }),
    ).toHaveLength(0);
  });

  it("never sees the revenue of what it predicts, nor what the source adds after release", () => {
    const told = test.films.map((film) => ({ ...film, revenue: 1e9, popularity: 99, vote_average: 9 }));
    expect(predictFused(fused, { ...test, films: told })).toEqual(predictFused(fused, test));
  });

  it("uses the franchise: a sequel of a success is worth more than one of a failure", () => {
    const series = range(40).flatMap((i): Film[] => {
      const name = String.fromCodePoint(0x5000 + i);
      const revenue = i % 2 ? 1e9 : 1e7;
      const part = (releaseDate: string, title: string) => ({ ...blank, title, releaseDate, year: 2000, revenue });
      return [part("2000-01-01", name), part("2000-06-01", `${name} 2`)];
    });
    const sequel = (i: number) => ({
      ...blank,
      title: `${String.fromCodePoint(0x5000 + i)} 3`,
      releaseDate: "2001-01-01",
    });
    const [failure, success] = predictFused(fitFused({ films: series }), { films: [sequel(0), sequel(1)] });
    // two apart in truth; the rest is drawn to the mean, as 80 films ask for
    expect(success! - failure!).toBeGreaterThan(0.5);
  });

  it("learns from one film, or from films that share no word", () => {
    const one = fitFused({ films: [{ ...blank, revenue: 1e8 }] }, { seeds: 1 });
    expect([...predictFused(one, { films: [blank] })]).toEqual([8]);
    expect(one.text).toBeNull();
  });
});

describe("what the kernel sees", () => {
  it("is scaled metadata, and 0 where it is not known", () => {
    const films: Film[] = [
      { ...blank, title: "Saw 2", genres: ["Drama"], year: 2000, releaseDate: "2000-03-01", runtime: 100, budget: 1e7 },
      { ...blank, title: "Up", year: 2010, releaseDate: "2010", tagline: "Go" },
    ];
    const vocabulary = vocabularyOf(films);
    const table = metadataOf(films, vocabulary);
    const moments = momentsOf(table);
    expect(moments).toEqual([
      { name: "log10 budget", mean: 7, deviation: 0 },
      { name: "year", mean: 2005, deviation: 5 },
      { name: "runtime", mean: Math.log(100), deviation: 0 },
    ]);
    const { near, trend } = kernelFeatures(table, moments);
    const row = ({ columns, data }: Matrix, i: number) => [...data.subarray(i * columns, (i + 1) * columns)];
    const floats = (values: number[]) => values.map(Math.fround);
    const day = (2 * Math.PI * 61) / 365.25;
    const [c1, s1, c2, s2] = [Math.cos(day), Math.sin(day), Math.cos(2 * day), Math.sin(2 * day)];
    // budget, its being unknown, year, runtime, four of the 61st day, Friday, no weekday, Drama, how many genres, another
    // language, number, colon, words, tagline, overview
    const [one, two] = [0.1 * Math.log1p(2), 0.1 * Math.log1p(1)];
    expect(row(near, 0)).toEqual(
      floats([0, 0, -0.9, 0, 0.2 * c1, 0.2 * s1, 0.3 * c2, 0.3 * s2, 0, 0, 0.8, 0.25, 0, 0.1, 0, one, 0, 0]),
    );
    expect(row(near, 1)).toEqual(floats([0, 1.5, 0.9, 0, 0, 0, 0, 0, 0, 0.7, 0, 0, 0, 0, 0, two, 1.2, 0]));
    // budget, its being unknown, runtime, two of the day, Friday, Wednesday, Drama, another language, none known, number,
    // tagline, its length
    expect(row(trend, 0)).toEqual(floats([0, 0, 0, 0.1 * c2, 0.1 * s2, 0, 0.1, 0.3, 0, 0.2, 0.2, 0, 0]));
    expect(row(trend, 1)).toEqual(floats([0, 0.7, 0, 0, 0, 0, 0, 0, 0, 0.2, 0, 0.6, 0.3 * (Math.log1p(2) / 2)]));
  });

  it("counts nothing beyond three deviations", () => {
    const films = [1990, 2000].map((year) => ({ ...blank, year }));
    const vocabulary = vocabularyOf(films);
    const moments = momentsOf(metadataOf(films, vocabulary));
    const far = kernelFeatures(metadataOf([{ ...blank, year: 3000 }], vocabulary), moments);
    expect([...far.near.data]).toContain(Math.fround(0.9 * 3));
  });

  it("is a poster less the training mean over the deviation, and nothing of a constant feature", () => {
    const posters = matrixOf([
      [1, 0.1],
      [3, 0.1],
      [5, 0.1],
    ]);
    const scale = posterScaleOf(posters);
    // deviation √(8/3)
    const first = Math.fround(-2 * Math.fround(Math.sqrt(3 / 8)));
    expect([...scaledPosters(matrixOf([[1, 9]]), scale).data]).toEqual([first, 0]);
  });

  it("is what the franchise had earned, on the scale of the training films", () => {
    const saw = (title: string, releaseDate: string, revenue: number | null) => ({
      ...blank,
      title,
      releaseDate,
      revenue,
    });
    const films = [saw("Saw", "2004", 1e8), saw("Saw II", "2005", 1e6), saw("Saw III", "2006", 1e7)];
    const { terms } = numbersOf(inputsOf({ films }), { films: [saw("Saw IV", "2007", null), blank] });
    const last = (term: number, film: number) => {
      const { columns, data } = terms[term]!.rows as Matrix;
      return [...data.subarray((film + 1) * columns - 3, (film + 1) * columns)];
    };
    // II and III follow on 8 and 7 in the mean: 7.5 ± .5, and on 8 and 6 at last: 7 ± 1; IV follows on 7 and 7
    expect(last(0, 0)).toEqual([-0.1, 0, 0.1].map(Math.fround));
    expect(last(1, 0)).toEqual([-0.35, 0, 0.2].map(Math.fround));
    expect([...last(0, 1), ...last(1, 1)]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("what the trees see", () => {
  it("is the budget as it would have been in the year 2000 too", () => {
    const films = [
      { ...blank, year: 2000, budget: 1e7 },
      { ...blank, year: 2010, budget: 1e8 },
    ];
    const inputs = inputsOf({ films });
    expect(inputs.budgetTrend).toBeCloseTo(0.1, 14);
    const { data, columns, names } = tableOf(inputs, [
      { ...blank, year: 2020, budget: 1e8 },
      { ...blank, budget: 1e8 },
    ]);
    const column = names.indexOf("log10 budget for its year");
    expect(data[column]).toBeCloseTo(8 - 0.1 * 20, 12);
    expect(data[columns + column]).toBeNaN();
    expect(inputsOf({ films: films.slice(1) }).budgetTrend).toBe(0);
    expect(tableOf(inputsOf({ films }, { budget: false }), films).names.join()).not.toContain("budget");
  });
});

describe("the file of a fused model", () => {
  it("reads back as it was, and predicts the same, bit for bit", async () => {
    const path = join(await tempFolder(), "fused.safetensors");
    await saveFused(path, fused);
    const read = await readFused(path);
    expect(read).toEqual(fused);
    expect(predictFused(read, test)).toEqual(predictFused(fused, test));
  });

  it("keeps no title and no overview as written", async () => {
    const path = join(await tempFolder(), "fused.safetensors");
    await saveFused(path, fused);
    const text = await readFile(path, "latin1");
    expect(text).not.toMatch(/Story|They look/);
  });

  it("may lack every part", async () => {
    const path = join(await tempFolder(), "fused.safetensors");
    const bare = fitFused(of(range(30), false), { seeds: 1, text: false, franchise: false, budget: false });
    await saveFused(path, bare);
    expect(await readFused(path)).toEqual(bare);
  });

  it.each<[string, (file: ReturnType<typeof parseSafetensors>, json: Record<string, never>) => void]>([
    ["has no model", ({ metadata }) => delete metadata.fused],
    ["has no coefficients", ({ tensors }) => delete tensors.coefficients],
    ["has a NaN among its rows", ({ tensors }) => tensors["terms.0"]!.data.fill(Number.NaN, 0, 1)],
    [
      "has a film too few",
      ({ tensors }) => Object.assign(tensors.coefficients!, { shape: [199], data: new Float32Array(199) }),
    ],
    [
      "has weights of other words",
      ({ tensors }) => Object.assign(tensors["terms.2"]!, { shape: [1], data: new Float32Array(1) }),
    ],
    ["is of another version", (_, json) => Object.assign(json, { version: 2 })],
    ["has a tree that goes round in circles", (_, json) => at(json, "trees", 0, "trees", 0, "left").fill(0)],
    ["has a tree of another feature", (_, json) => at(json, "trees", 0, "trees", 0, "feature").fill(999)],
    ["has a genre too many", (_, json) => at(json, "vocabulary", "genres").push("Western")],
    ["has no moments", (_, json) => Object.assign(json, { moments: [] })],
    ["has a term too few", (_, json) => at(json, "terms").pop()],
    ["says that it needs no poster", (_, json) => Object.assign(json, { poster: false })],
    ["has a year for a date", (_, json) => Object.assign(at(json, "franchise", "films")[0], { released: "soon" })],
  ])("is refused where it %s", async (_, damage) => {
    const path = join(await tempFolder(), "fused.safetensors");
    await saveFused(path, fused);
    const file = parseSafetensors(await readFile(path));
    const json = JSON.parse(file.metadata.fused!);
    damage(file, json);
    if (file.metadata.fused) file.metadata.fused = JSON.stringify(json);
    await writeFile(path, formatSafetensors(file.tensors, file.metadata));
    await expect(readFused(path)).rejects.toThrow(UserError);
    await expect(readFused(path)).rejects.toThrow(`${path} holds no fused model`);
  });

  it("is refused where it is missing or cut off", async () => {
    const path = join(await tempFolder(), "fused.safetensors");
    await expect(readFused(path)).rejects.toThrow(`There is no file ${path}.`);
    await saveFused(path, fused);
    await writeFile(path, (await readFile(path)).subarray(0, 5000));
    await expect(readFused(path)).rejects.toThrow(UserError);
  });
});

describe("a fused model refuses", () => {
  const { posters, ...films } = test;
  it.each<[string, () => unknown, RegExp]>([
    ["films without posters where it was fitted with them", () => predictFused(fused, films), /fitted with posters/],
    [
      "posters of other films",
      () => predictFused(fused, of([1]) && { ...films, posters: of([1]).posters! }),
      /1 posters for 60/,
    ],
    [
      "posters of other features",
      () => predictFused(fused, { films: [blank], posters: matrixOf([[1, 2]]) }),
      /6 features, not 2/,
    ],
    [
      "a poster that is no number",
      () => predictFused(fused, { films: [blank], posters: matrixOf([[1, 2, 3, 4, Number.NaN, 6]]) }),
      /poster of "Untitled" has a feature that is NaN/,
    ],
    ["a training film without revenue", () => fitFused({ films: [blank] }), /"Untitled" has no revenue/],
    ["no training film", () => fitFused({ films: [] }), /no training films/],
    ["no tree", () => fitFused(train, { seeds: 0 }), /seeds must be a whole number from 1, not 0/],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(UserError);
    expect(act).toThrow(message);
  });
});

/** What stands at a path of a JSON value. */
// biome-ignore lint/suspicious/noExplicitAny: JSON that the test damages
function at(json: any, ...path: (string | number)[]): any {
  return path.reduce((value, key) => value[key], json);
}
