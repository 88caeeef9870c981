import { UserError } from "movie-revenue/errors";
import { fitKernelRidge, type KernelTerm, predictKernelRidge } from "movie-revenue/model/kernel-ridge";
import { type Matrix, matrixOf, takeRows } from "movie-revenue/model/matrix";
import { sparseOf, takeSparseRows } from "movie-revenue/model/sparse";
import { describe, expect, it } from "vitest";
import { golden, largestDifference } from "./golden.ts";

interface Golden {
  train: number;
  test: number;
  facts: number;
  poster: number;
  words: number;
  noise: number;
  predictions: number[];
  factsAlone: number[];
  leaveOneOut: number[];
}

const expected = golden<Golden>("kernel_ridge.json");
const { noise } = expected;
const range = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);
const [trainRows, testRows] = [range(expected.train), range(expected.test, expected.train)];

/** The table of golden/kernel_ridge.py. */
function table(columns: number, seed: number): Matrix {
  const at = (i: number) => ((((i * 7919) % 10007) * ((i % 31) + 1)) % 10007) / 5003.5 - 1;
  const rows = expected.train + expected.test;
  return matrixOf(range(rows).map((row) => range(columns).map((column) => at(row * columns + column + seed))));
}

const facts = table(expected.facts, 1);
const poster = table(expected.poster, 5);
const allWords = table(expected.words, 9);
// six of seven entries are 0
const dense = { ...allWords, data: allWords.data.map((value, i) => (i % 7 > 0 ? 0 : value)) };
const rowOf = ({ columns, data }: Matrix, row: number) => [...data.subarray(row * columns, (row + 1) * columns)];
const words = sparseOf(
  range(dense.rows).map(
    (row) => new Map(rowOf(dense, row).flatMap((value, column) => (value === 0 ? [] : [[column, value] as const]))),
  ),
  dense.columns,
);
const y = range(facts.rows).map((row) => {
  const [first, second] = rowOf(facts, row);
  const sum = rowOf(dense, row).reduce((a, b) => a + b, 0);
  return first! * 2 - Math.abs(second!) + Math.sin(3 * rowOf(poster, row)[2]!) + sum / 5 + 7;
});
const targets = trainRows.map((row) => y[row]!);

const rowsOf = (positions: number[], sparse = true) => [
  takeRows(facts, positions),
  takeRows(facts, positions),
  sparse ? takeSparseRows(words, positions) : takeRows(dense, positions),
  takeRows(poster, positions),
];

function termsOf(positions: number[], sparse = true): KernelTerm[] {
  const [a, b, c, d] = rowsOf(positions, sparse) as [Matrix, Matrix, Matrix, Matrix];
  return [
    { kind: "rbf", weight: 1, gamma: 0.25, rows: a },
    { kind: "linear", weight: 0.2, rows: b },
    { kind: "linear", weight: 0.3, rows: c },
    { kind: "rbf", weight: 0.5, gamma: 0.8 / poster.columns, rows: d },
  ];
}

describe("kernel ridge regression", () => {
  it.each([true, false])("predicts as scikit-learn's KernelRidge of the summed kernels, words sparse: %s", (sparse) => {
    const model = fitKernelRidge(termsOf(trainRows, sparse), targets, { noise });
    const predictions = predictKernelRidge(model, rowsOf(testRows, sparse));
    expect(largestDifference(predictions, expected.predictions)).toBeLessThan(1e-10);
  });

  it("predicts as scikit-learn's GaussianProcessRegressor", () => {
    const model = fitKernelRidge(termsOf(trainRows).slice(0, 2), targets, { noise });
    const predictions = predictKernelRidge(model, rowsOf(testRows).slice(0, 2));
    expect(largestDifference(predictions, expected.factsAlone)).toBeLessThan(1e-10);
  });

  it("leaves each film out as fitting on all the others does", () => {
    const { leaveOneOut } = fitKernelRidge(termsOf(trainRows), targets, { noise, leaveOneOut: true });
    expect(largestDifference(leaveOneOut!, expected.leaveOneOut)).toBeLessThan(1e-10);
    expect(fitKernelRidge(termsOf(trainRows), targets, { noise }).leaveOneOut).toBeNull();
  });

  it("follows the formula for two films", () => {
    // K = [[1, e⁻¹], [e⁻¹, 1]] + I, y − mean = (1, −1): an eigenvector of the eigenvalue 2 − e⁻¹
    const term: KernelTerm = { kind: "rbf", weight: 1, gamma: 1, rows: matrixOf([[0], [1]]) };
    const model = fitKernelRidge([term], [5, 3], { noise: 1, leaveOneOut: true });
    const coefficient = 1 / (2 - Math.exp(-1));
    expect([...model.coefficients]).toEqual([expect.closeTo(coefficient, 14), expect.closeTo(-coefficient, 14)]);
    // at x = 2: the kernel is e⁻⁴ and e⁻¹
    const at2 = 4 + coefficient * (Math.exp(-4) - Math.exp(-1));
    expect(predictKernelRidge(model, [matrixOf([[2]])])[0]).toBeCloseTo(at2, 14);
    // without the first film: mean 4 kept, K = 1 + 1, k = e⁻¹, y − mean = −1
    expect(model.leaveOneOut![0]).toBeCloseTo(4 - Math.exp(-1) / 2, 14);
  });

  it("gives a film the same number alone as among others, bit for bit", () => {
    const model = fitKernelRidge(termsOf(trainRows), targets, { noise });
    const all = predictKernelRidge(model, rowsOf(testRows));
    const alone = testRows.map((row) => predictKernelRidge(model, rowsOf([row]))[0]);
    expect(alone).toEqual([...all]);
  });

  it("learns from one film its revenue", () => {
    const term: KernelTerm = { kind: "linear", weight: 1, rows: matrixOf([[2, 3]]) };
    expect([...predictKernelRidge(fitKernelRidge([term], [7.5]), [matrixOf([[9, 9]])])]).toEqual([7.5]);
    expect([...predictKernelRidge(fitKernelRidge([term], [7.5]), [{ ...matrixOf([]), columns: 2 }])]).toEqual([]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no noise", () => fitKernelRidge(termsOf(trainRows), targets, { noise: 0 }), /noise .* above 0, not 0/],
    ["no term", () => fitKernelRidge([], targets), /needs a kernel/],
    ["targets of other films", () => fitKernelRidge(termsOf(trainRows), [1, 2]), /2 targets for 67 rows/],
    ["a target that is NaN", () => fitKernelRidge(termsOf([0, 1]), [1, Number.NaN]), /target of row 1 is NaN/],
    [
      "a gap",
      () =>
        fitKernelRidge(
          [
            {
              kind: "linear",
              weight: 1,
              rows: matrixOf([
                [1, 2],
                [3, Number.NaN],
              ]),
            },
          ],
          [1, 2],
        ),
      /Term 0, row 1, column 1 is NaN/,
    ],
    [
      "a weight below 0",
      () => fitKernelRidge([{ kind: "linear", weight: -1, rows: matrixOf([[1]]) }], [1]),
      /term 0 must be above 0/,
    ],
    ["a term too few", () => predict(rowsOf(testRows).slice(1)), /4 terms, not 3/],
    ["columns too few", () => predict([matrixOf([[1]]), ...rowsOf([70]).slice(1)]), /fitted on 6 features, not 1/],
    [
      "a gap in a new film",
      () => predict([matrixOf([[1, 2, 3, Infinity, 5, 6]]), ...rowsOf([70]).slice(1)]),
      /Infinity/,
    ],
    [
      "sparse rows where dense ones were",
      () => predict([sparseOf([new Map([[0, 1]])], 6), ...rowsOf([70]).slice(1)]),
      /dense/,
    ],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(UserError);
    expect(act).toThrow(message);
  });
});

function predict(rows: Parameters<typeof predictKernelRidge>[1]): Float64Array {
  return predictKernelRidge(fitKernelRidge(termsOf(trainRows), targets, { noise }), rows);
}
