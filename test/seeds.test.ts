import { join } from "node:path";
import { learningCurves, makeConfig, rowsNamed, SEED_ROWS, spreadOfSeeds } from "movie-revenue";
import type { HeldOut } from "movie-revenue/evaluation/held-out";
import { ablationFigure, learningCurveFigure, seedFigure } from "movie-revenue/reporting/figures";
import { curveRows, seedRows } from "movie-revenue/reporting/tables";
import { crossValidate, foldsFolder } from "movie-revenue/studies/crossvalidate";
import { writeJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { workplace, writeColouredFilms } from "./workplace.ts";

let data: string;
const set = ["model.width=64", "model.height=64"];
const row = { name: "a kernel", preset: "sample", set: ["model.kind=kernel"] };

beforeAll(async () => {
  const { folder } = await workplace();
  data = await writeColouredFilms(join(folder, "films.parquet"), 40);
});

/** Two films a fold, half a log10 dollar from a training mean of 8, each missed by so much. */
const fold = (number: number, miss: number): HeldOut[] =>
  [0.5, -0.5].map((away, i) => {
    const actual = 10 ** (8 + away);
    const id = 2 * number + i + 1;
    return { id, title: `Film ${id}`, fold: number, actual, predicted: actual * 10 ** miss, trainMeanLog10: 8 };
  });

/** Keeps two folds by hand, as cross-validation would have left them. */
async function keep(options: { seed?: number; training?: number; learnFrom?: number }, miss: number): Promise<void> {
  const { training, ...place } = options;
  const seeded = training === undefined ? [] : [`training.seed=${training}`];
  const config = makeConfig({ data, set: [...row.set, ...set, ...seeded] });
  const folder = foldsFolder("kept", config, { folds: 2, ...place });
  for (const number of [0, 1]) await writeJson(join(folder, `fold-${number}.json`), fold(number, miss));
}

describe("spreadOfSeeds", () => {
  it("takes mean and deviation over seeds of what varies, and reads folds that are kept", async () => {
    for (const [seed, miss] of [
      [1, 0.1],
      [2, 0.2],
      [3, 0.3],
    ] as const) {
      await keep({ training: seed }, miss);
      await keep({ seed }, miss / 2);
    }
    const heard: number[] = [];
    const options = {
      data,
      set,
      folds: 2,
      seeds: [1, 2, 3],
      onSeed: (_: unknown, __: unknown, done: number) => heard.push(done),
    };
    const rows = (["training", "folds"] as const).map((varied) => ({ ...row, varied }));
    const [training, folds] = await spreadOfSeeds("kept", rows, options);
    expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
    // MSE .01, .04, .09: mean .14/3; squares of the distances −.11/3, −.02/3, .13/3 sum to .0294/9, halved .00163
    expect(training!.mse.mean).toBeCloseTo(0.14 / 3, 10);
    expect(training!.mse.sd).toBeCloseTo(Math.sqrt(0.0294 / 9 / 2), 10);
    // each film lies .5 from the mean: R² is 1 − MSE / .25
    expect([training!.r2!.lowest, training!.r2!.highest].map((value) => value.toFixed(6))).toEqual([
      "0.640000",
      "0.960000",
    ]);
    expect(folds!.mse.mean).toBeCloseTo(0.035 / 3, 10);
    expect(seedRows([training!])).toEqual([
      {
        ...{ name: "a kernel", varied: "what training draws", seeds: "3", mse: "0.0467 ± 0.0404" },
        ...{ r2: "0.8133 ± 0.1617", ends: "0.640 to 0.960", films: "0.960 [0.960, 0.960]" },
      },
    ]);
    const [interval, dots] = seedFigure([training!, folds!]).data as { x: number[]; y: number[] }[];
    expect(interval!.x.map((value) => value.toFixed(3))).toEqual(["0.960", "0.990"]);
    expect(dots!.y).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it("has no deviation of a single seed", async () => {
    const [one] = await spreadOfSeeds("kept", [{ ...row, varied: "folds" }], { data, set, folds: 2, seeds: [1] });
    expect(one!.mse.sd).toBeNaN();
    expect(seedRows([one!])).toMatchObject([{ mse: "0.0025 ± –" }]);
  });

  it("varies what the preset reads", () => {
    for (const { preset, set, varied } of SEED_ROWS) {
      const { model, training } = makeConfig({ preset, set });
      if (varied === "training") expect(model.kind === "network" || training.teacher > 0).toBe(true);
      else expect(model.kind).not.toBe("network");
    }
  });
});

describe("learningCurves", () => {
  it("judges the same films from more and more, and says whether the last have helped", async () => {
    await keep({ learnFrom: 4 }, 0.3);
    await keep({ learnFrom: 8 }, 0.1);
    await keep({}, 0.2);
    const [curve] = await learningCurves("kept", [row], { data, set, folds: 2, sizes: [4, 8] });
    // four films in two folds: a fold leaves two
    expect(curve!.points.map(({ learntFrom, n }) => [learntFrom, n])).toEqual([
      [4, 4],
      [8, 4],
      [2, 4],
    ]);
    expect(curveRows([curve!])).toMatchObject([
      { learntFrom: "4", mse: "0.0900 [0.0900, 0.0900]", r2: "0.640 [0.640, 0.640]", gain: "", verdict: "" },
      { learntFrom: "8", gain: "−0.0800 [−0.0800, −0.0800]", verdict: "more films have helped" },
      { learntFrom: "2", gain: "0.0300 [0.0300, 0.0300]", verdict: "more films have harmed" },
    ]);
    const [low, high, middle] = learningCurveFigure([curve!]).data as { y: number[] }[];
    expect([low, high, middle].map((trace) => trace!.y[0]!.toFixed(4))).toEqual(["0.0900", "0.0900", "0.0900"]);
  });

  it("a smaller set to learn from lies within a larger one, and the films held out stay", async () => {
    const config = makeConfig({ data, set: [...row.set, ...set] });
    const learnt = async (learnFrom?: number) => {
      const films = await crossValidate(foldsFolder("nested", config, { folds: 2, learnFrom }), config, {
        folds: 2,
        learnFrom,
      });
      return films;
    };
    const [few, all] = [await learnt(6), await learnt()];
    expect(few.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    // of six films the mean is another than of eighteen
    expect(few[0]!.trainMeanLog10).not.toBeCloseTo(all[0]!.trainMeanLog10, 6);
    expect(await learnt(18)).toEqual(all);
  });
});

it("a figure says that there is nothing to draw", () => {
  for (const figure of [ablationFigure([]), seedFigure([]), learningCurveFigure([])]) {
    expect((figure.layout as { annotations: { text: string }[] }).annotations[0]!.text).toMatch(
      /was (tried|trained)\.$/,
    );
  }
});

it("a row that is not there is refused by the nearest name", () => {
  expect(() => rowsNamed(["… Huber los"])).toThrow('There is no row "… Huber los": did you mean "… Huber loss"?');
});
