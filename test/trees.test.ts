import { UserError } from "movie-revenue/errors";
import { matrixOf, type Table, takeRows } from "movie-revenue/model/matrix";
import { fitTrees, importances, predictTrees, type TreesOptions } from "movie-revenue/model/trees";
import { binned, binThresholds } from "movie-revenue/model/trees/bins";
import { describe, expect, it } from "vitest";
import { golden, largestDifference } from "./golden.ts";

interface Golden {
  targets: [number, number];
  cases: { name: string; options: TreesOptions; predictions: number[] }[];
}

const named = (rows: readonly ArrayLike<number>[], names?: string[]): Table => {
  const matrix = matrixOf(rows);
  return { ...matrix, names: names ?? Array.from({ length: matrix.columns }, (_, i) => `x${i}`) };
};
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** The table of golden/trees.py. */
function goldenTable(rows: number, columns: number): Table {
  return named(
    range(rows).map((row) => {
      const at = (column: number) => row * columns + column;
      const x = range(columns).map(
        (column) => ((((at(column) * 7919) % 10007) * ((at(column) % 31) + 1)) % 10007) / 64,
      );
      x[1] = Math.floor(x[1]!) % 3;
      x[2] = 5;
      if (at(3) % 5 < 2) x[3] = Number.NaN;
      if (x[0]! > 100) x[4] = Number.NaN;
      return x;
    }),
  );
}

function goldenTargets({ rows, columns, data }: Table): number[] {
  return range(rows).map((row) => {
    const x = data.subarray(row * columns);
    return (x[0]! > 70 ? 1 : -1) * x[1]! + (Number.isNaN(x[4]) ? 3 : 0) + x[5]! / 50;
  });
}

describe("fitTrees", () => {
  const expected = golden<Golden>("trees.json");
  const table = goldenTable(700, 6);
  const train = takeRows(table, range(600));
  const test = takeRows(
    table,
    range(100).map((i) => 600 + i),
  );
  // missing where training had none
  for (let row = 0; row < 100; row += 7) test.data[row * 6] = Number.NaN;
  const targets = goldenTargets(train);

  it.each(expected.cases)("predicts as scikit-learn's, $name", ({ options, predictions }) => {
    expect([targets[0], targets[599]]).toEqual(expected.targets);
    expect(largestDifference(predictTrees(fitTrees(train, targets, options), test), predictions)).toBeLessThan(1e-9);
  });

  it("sees an interaction that stumps cannot", () => {
    // ±1 by whether two signs agree: either sign alone says nothing
    const rows = range(400).map((i) => [i % 2, (i >> 1) % 2, (i * 37) % 11]);
    const signs = rows.map(([a, b]) => (a === b ? 1 : -1));
    const mse = (maxDepth: number) => {
      const x = named(rows);
      const predicted = predictTrees(fitTrees(x, signs, { trees: 60, learningRate: 0.3, maxDepth }), x);
      return signs.reduce((sum, sign, i) => sum + (sign - predicted[i]!) ** 2, 0) / signs.length;
    };
    expect(mse(1)).toBeGreaterThan(0.9);
    expect(mse(3)).toBeLessThan(0.05);
  });

  it("splits known from missing, and says which feature it was", () => {
    const x = named(
      range(40).map((i) => [7, i % 2 ? Number.NaN : 3]),
      ["constant", "budget"],
    );
    const y = range(40).map((i) => (i % 2 ? 10 : 6));
    const model = fitTrees(x, y, { trees: 1, learningRate: 1, minLeaf: 5 });
    expect([...predictTrees(model, x)].slice(0, 2)).toEqual([6, 10]);
    expect(importances(model)).toEqual([
      { name: "budget", share: 1 },
      { name: "constant", share: 0 },
    ]);
    // twice the fall of the squared error: 40 films, each 2² from the mean
    expect(model.gains).toEqual([0, 160]);
  });

  it("gives a leaf the regularised mean of its residuals", () => {
    // residuals −2 and 2 in leaves of five: 5 · 2 / (5 + 5), half of it by the learning rate
    const x = named(range(10).map((i) => [i]));
    const y = range(10).map((i) => (i < 5 ? 1 : 5));
    const model = fitTrees(x, y, { trees: 1, learningRate: 0.5, minLeaf: 5, l2: 5 });
    expect([...predictTrees(model, named([[4.5], [4.6], [Number.NaN]]))]).toEqual([2.5, 3.5, 3.5]);
  });

  it("draws films and features by the seed", () => {
    const options = { trees: 10, rowShare: 0.5, columnShare: 0.5 };
    const fitted = (seed: number) => JSON.stringify(fitTrees(train, targets, { ...options, seed }));
    expect(fitted(1)).toBe(fitted(1));
    expect(fitted(1)).not.toBe(fitted(2));
    // one feature of six a tree: at most three trees ask at most three features
    const { gains } = fitTrees(train, targets, { trees: 3, columnShare: 1 / 6 });
    expect(gains.filter((gain) => gain > 0).length).toBeLessThanOrEqual(3);
  });

  it("is the same model after JSON, infinite thresholds included", () => {
    const model = fitTrees(train, targets, { trees: 20 });
    const again = JSON.parse(JSON.stringify(model)) as typeof model;
    expect(predictTrees(again, test)).toEqual(predictTrees(model, test));
  });

  it("gives the mean where there is too little to split", () => {
    expect([...predictTrees(fitTrees(named([[1], [2]]), [3, 5], { trees: 5 }), named([[9]]))]).toEqual([4]);
    expect([...predictTrees(fitTrees(named([[Number.NaN]]), [3]), named([[Number.NaN]]))]).toEqual([3]);
  });

  it.each([
    [named([[1], [2]]), [1], {}, "There are 1 targets for 2 rows: give one each."],
    [named([]), [], {}, "There are no rows to learn from: add films."],
    [named([[1], [2]]), [1, Number.NaN], {}, "The target of row 1 is NaN: drop it."],
    [named([[1], [Infinity]]), [1, 2], {}, "The feature x0 of row 1 is infinite: give a number, or NaN where unknown."],
    [named([[1]]), [1], { maxBins: 256 }, "maxBins must be from 2 to 255, not 256."],
    [named([[1]]), [1], { rowShare: 0 }, "rowShare must be above 0 and at most 1, not 0."],
    [named([[1]]), [1], { minLeaf: 0 }, "Trees need maxLeaves ≥ 2, maxDepth ≥ 1, minLeaf ≥ 1 and l2 ≥ 0."],
  ])("refuses what it cannot learn from: %#", (x, y, options, message) => {
    expect(() => fitTrees(x, y, options)).toThrow(new UserError(message));
  });

  it("refuses features of another number", () => {
    const model = fitTrees(named([[1], [2]]), [1, 2]);
    expect(() => predictTrees(model, named([[1, 2]]))).toThrow(
      new UserError("The model was fitted on 1 features, not 2: make the features as in training."),
    );
  });
});

describe("bins", () => {
  it("end halfway between few values, what is missing last", () => {
    const { bins, thresholds, missing } = binned(named([[1], [4], [Number.NaN], [1], [2]]));
    expect([...thresholds[0]!]).toEqual([1.5, 3]);
    expect([...bins]).toEqual([0, 2, 3, 0, 1]);
    expect(missing).toEqual([true]);
  });

  it("end at quantiles of many values", () => {
    // four bins of 0 … 9: a quarter is 2.5 films, so the third; a half is five films, so between the fifth and sixth
    expect([...binThresholds(Float64Array.from(range(10)), 4)]).toEqual([2, 4.5, 7]);
    expect([...binThresholds(Float64Array.of(0, 0, 0, 0, 0, 0, 1, 2), 2)]).toEqual([0]);
  });
});
