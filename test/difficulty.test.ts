import { existsSync } from "node:fs";
import { join } from "node:path";
import { evaluate, makeConfig, train, trainedRun } from "movie-revenue";
import { conformalWidth } from "movie-revenue/evaluation/conformal";
import { difficultyOf, type Forecast, fitDifficulty } from "movie-revenue/evaluation/difficulty";
import { Random } from "movie-revenue/random";
import { beforeAll, describe, expect, it } from "vitest";
import { unknownFilm } from "./runs.ts";
import { workplace, writeColouredFilms } from "./workplace.ts";

let data: string;

beforeAll(async () => {
  const { folder } = await workplace();
  data = await writeColouredFilms(join(folder, "films.parquet"), 60);
});

const forecast = (log10: number, known = true): Forecast => ({
  log10,
  film: known ? { ...unknownFilm, genres: ["Drama"], releaseDate: "1999", runtime: 90, budget: 1e6 } : unknownFilm,
});

describe("difficulty", () => {
  const random = new Random(3);
  const forecasts = Array.from({ length: 600 }, (_, i) => forecast(random.uniform(6, 10), i % 2 === 0));

  it("is the mean size of errors where the prediction is like, either side of what separates them", () => {
    // errors of ± .2 below 8 and of ± .6 above; two leaves say all, and a hundred steps of a twentieth leave .6 % of the way
    const errors = forecasts.map(({ log10 }, i) => (i % 3 ? 1 : -1) * (log10 < 8 ? 0.2 : 0.6));
    const [low, high] = difficultyOf(fitDifficulty(forecasts, errors, { facts: false }), [forecast(7), forecast(9)]);
    expect(low).toBeCloseTo(0.2, 1);
    expect(high).toBeCloseTo(0.6, 1);
    expect(high! / low!).toBeGreaterThan(2.8);
  });

  it("depends on which facts are known, if so asked", () => {
    const errors = forecasts.map(({ film }) => (film.budget === null ? 0.6 : 0.2));
    const sizes = (facts: boolean) =>
      difficultyOf(fitDifficulty(forecasts, errors, { facts }), [forecast(8), forecast(8, false)]);
    expect(sizes(true)[0]).toBeCloseTo(0.2, 2);
    expect(sizes(true)[1]).toBeCloseTo(0.6, 2);
    expect(sizes(false)[0]).toBe(sizes(false)[1]);
  });

  it("is never nothing: a quarter of the median error at least, above 0 even of a model without error", () => {
    const errors = forecasts.map(({ log10 }) => (log10 < 7 ? 0 : 0.4));
    expect(difficultyOf(fitDifficulty(forecasts, errors, { facts: false }), [forecast(6.2)])[0]).toBe(0.1);
    expect(difficultyOf(fitDifficulty(forecasts, new Float64Array(600), { facts: false }), [forecast(7)])[0]).toBe(
      1e-6,
    );
  });
});

describe("a run with scaled intervals", () => {
  const config = (...set: string[]) =>
    makeConfig({
      data,
      set: ["model.width=64", "model.height=64", "evaluation.bootstrap=20", "evaluation.intervals=scaled", ...set],
    });

  it.each(["kernel", "fused"])("of a %s model says how far every prediction may be off", async (kind) => {
    const heard: number[] = [];
    await train(kind, config(`model.kind=${kind}`), { onEpoch: ({ epoch }) => heard.push(epoch) });
    // of the run itself, not of the folds that its intervals are learnt from
    expect(heard).toEqual([1]);
    const { calibration, folder } = await trainedRun(kind);
    const { residuals, scaled } = calibration;
    // 48 training films are too few for a split, so that all are as hard: the intervals are those of constant width
    const [size] = difficultyOf(scaled!.difficulty, [forecast(7.5)]);
    expect(scaled!.multiples.map((multiple) => multiple * size!)).toEqual(
      residuals.map((size) => expect.closeTo(size, 9)),
    );
    const width = conformalWidth(residuals, 0.8)!;
    const { judged, evaluation } = await evaluate(kind);
    for (const { low, high, predicted } of judged) {
      expect(Math.log10(high! / predicted)).toBeCloseTo(width, 9);
      expect(Math.log10(predicted / low!)).toBeCloseTo(width, 9);
    }
    const held = Object.values(evaluation.coverageByBracket).reduce(
      (sum, coverage) => sum + (coverage ? coverage.n * coverage.coverage : 0),
      0,
    );
    expect(held / judged.length).toBeCloseTo(evaluation.intervals.coverage!, 12);
    // what the folds left is gone
    expect(existsSync(join(folder, "difficulty"))).toBe(false);
  });

  it("is refused where films are too few, and where the backbone would learn three times more", async () => {
    await expect(train("few", config("model.kind=kernel", "data.maxFilms=20"))).rejects.toThrow(
      "16 training films are too few for scaled intervals: set evaluation.intervals to constant.",
    );
    expect(() => config("training.freeze=none")).toThrow(
      "The setting evaluation.intervals makes no sense here: scaled intervals would train the backbone three times more.",
    );
  });
});
