import { UserError } from "movie-revenue/errors";
import { type Matrix, matrixOf, takeRows } from "movie-revenue/model/matrix";
import { fitRidge, predictRidge } from "movie-revenue/model/ridge";
import { fitSparseRidge, predictSparseRidge, sparseOf } from "movie-revenue/model/sparse";
import { cholesky, gram, solveCholesky, solveTridiagonal, tridiagonalise } from "movie-revenue/model/symmetric";
import { describe, expect, it } from "vitest";
import { golden, largestDifference } from "./golden.ts";

interface Golden {
  penalties: number[];
  cases: {
    rows: number;
    columns: number;
    standardise: boolean;
    predictions: number[][];
    gcv: number[];
    chosen: number;
  }[];
}

const { penalties, cases } = golden<Golden>("ridge.json");
const range = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);

/** The table of golden/ridge.py. */
function goldenTable(rows: number, columns: number): Matrix {
  const at = (i: number) => (((((i * 7919) % 10007) * ((i % 31) + 1)) % 10007) / 2048) * (1 + (i % columns)) - 3;
  return matrixOf(range(rows).map((row) => range(columns).map((column) => at(row * columns + column))));
}

function goldenTargets({ rows, columns, data }: Matrix): number[] {
  return range(rows).map((row) => {
    const x = data.subarray(row * columns, (row + 1) * columns);
    return x[0]! * 2 - x[1]! + Math.abs(x.at(-1)!) / 4 + 7;
  });
}

const sparse = ({ rows, columns, data }: Matrix) =>
  sparseOf(
    range(rows).map((row) => new Map(range(columns).map((column) => [column, data[row * columns + column]!]))),
    columns,
  );

describe.each(cases)("ridge of [$rows, $columns], standardised: $standardise", ({ rows, columns, ...expected }) => {
  const all = goldenTable(rows + 10, columns);
  const [train, test] = [takeRows(all, range(rows)), takeRows(all, range(10, rows))];
  const targets = goldenTargets(train);
  const { standardise } = expected;

  it.each(penalties.map((penalty, i) => ({ penalty, i })))(
    "predicts as scikit-learn's at $penalty",
    ({ penalty, i }) => {
      const one = fitRidge(train, targets, { penalties: [penalty], standardise });
      expect(largestDifference(predictRidge(one, test), expected.predictions[i]!)).toBeLessThan(1e-8);
      // two equal penalties take the other way, without Cholesky
      const several = fitRidge(train, targets, { penalties: [penalty, penalty], standardise });
      expect(largestDifference(predictRidge(several, test), expected.predictions[i]!)).toBeLessThan(1e-8);
      if (standardise) return;
      const conjugate = fitSparseRidge(sparse(train), targets, { penalties: [penalty] });
      expect(largestDifference(predictSparseRidge(conjugate, sparse(test)), expected.predictions[i]!)).toBeLessThan(
        1e-8,
      );
    },
  );

  it("chooses by the GCV errors that numpy finds, and as RidgeCV does by leave-one-out", () => {
    const { scores, penalty } = fitRidge(train, targets, { penalties, standardise });
    expect(scores.map((score) => score.penalty)).toEqual(penalties);
    // where nearly every film is fitted, few digits of the freedom that is left are certain
    const ratios = scores.map(({ gcv }, i) => gcv / expected.gcv[i]!);
    expect(
      largestDifference(
        ratios,
        ratios.map(() => 1),
      ),
    ).toBeLessThan(1e-4);
    expect(penalty).toBe(penalties[expected.gcv.indexOf(Math.min(...expected.gcv))]);
    // with more features than films every penalty nearly interpolates, and the two rules may part
    if (columns <= rows) expect(penalty).toBe(expected.chosen);
  });
});

describe("fitRidge", () => {
  it("shrinks a slope by its penalty and leaves the intercept free", () => {
    // x − mean is −1, 0, 1: slope (Σ xy) / (Σ x² + penalty) = 4 / (2 + 2), through the means (2, 12)
    const model = fitRidge(matrixOf([[1], [2], [3]]), [10, 12, 14], { penalties: [2] });
    expect(model).toEqual({ weights: [1], intercept: 10, penalty: 2, scores: [] });
  });

  it("gives a constant feature no weight, and a single film its own target", () => {
    const constant = fitRidge(
      matrixOf([
        [5, 0],
        [5, 2],
      ]),
      [1, 3],
      { penalties: [1], standardise: true },
    );
    expect(constant.weights[0]).toBe(0);
    for (const penalties of [[1], [1, 10]]) {
      const single = fitRidge(matrixOf([[3, 4]]), [8], { penalties });
      expect([...predictRidge(single, matrixOf([[9, 9]]))]).toEqual([8]);
      expect(single.penalty).toBe(penalties.at(-1));
    }
  });

  it.each([
    [
      [[1], [Number.NaN]],
      [1, 2],
      {},
      "Feature 0 has a value that is missing or infinite: ridge regression needs numbers.",
    ],
    [[[1], [2]], [1, Infinity], {}, "The target of row 1 is Infinity: drop it."],
    [[[1], [2]], [1], {}, "There are 1 targets for 2 rows: give one each."],
    [[[1], [2]], [1, 2], { penalties: [1, 0] }, "The penalties of a ridge regression must be above 0, not 1, 0."],
    [[[1], [2]], [1, 2], { penalties: [] }, "The penalties of a ridge regression must be above 0, not none."],
  ])("refuses %j", (rows, targets, options, message) => {
    expect(() => fitRidge(matrixOf(rows), targets, options)).toThrow(new UserError(message));
  });
});

describe("symmetric matrices", () => {
  // 131 is odd, and more than two of Cholesky's blocks; 700 more than one of the product's depths
  const n = 131;
  const a = goldenTable(n, 700);
  const products = gram(a.data as Float64Array, n, 700);
  const b = Float64Array.from({ length: n }, (_, i) => (i % 7) - 3);
  const entry = (i: number, j: number) => products[Math.max(i, j) * n + Math.min(i, j)]!;

  /** The largest error of (A + λI)·x = b, beside the size of its terms. */
  const error = (x: Float64Array, lambda: number) =>
    Math.max(
      ...range(n).map((i) => Math.abs(range(n).reduce((sum, j) => sum + entry(i, j) * x[j]!, lambda * x[i]! - b[i]!))),
    );

  it("are the products of rows", () => {
    for (const [i, j] of [
      [0, 0],
      [130, 130],
      [130, 129],
      [7, 2],
    ] as const) {
      const product = range(700).reduce((sum, k) => sum + a.data[i * 700 + k]! * a.data[j * 700 + k]!, 0);
      expect(entry(i, j) / product).toBeCloseTo(1, 12);
    }
  });

  it("are solved by both ways", () => {
    const lambda = 1000;
    const shifted = products.map((value, i) => (i % (n + 1) === 0 ? value + lambda : value));
    expect(error(solveCholesky(cholesky(shifted, n), n, b), lambda)).toBeLessThan(1e-8);
    const factors = tridiagonalise(products.slice(), n);
    expect(error(factors.turnBack(solveTridiagonal(factors, lambda, factors.turn(b)).x), lambda)).toBeLessThan(1e-8);
  });

  it("say so where they cannot be solved", () => {
    expect(() => cholesky(Float64Array.of(1, 0, 1, 1), 2)).toThrow(
      new UserError("The features are so nearly equal that they cannot be told apart: give a larger penalty."),
    );
  });
});
