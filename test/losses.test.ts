import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { type LossOptions, lossOf, meanGradient, meanLoss } from "movie-revenue/training/losses";
import { ordinalBins } from "movie-revenue/training/ordinal";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { golden, largestDifference, pattern } from "./golden.ts";

beforeAll(async () => {
  await loadEngine();
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  tf.engine().startScope();
});

interface Judged {
  losses: number[];
  mean: number;
  gradient: number[];
  predicted?: number[];
}

const theirs = golden<Record<string, Judged>>("losses.json");
const BATCH = 8;
const bins = { thresholds: [6.75, 7, 7.25], centres: [6.5, 6.875, 7.125, 7.5] };
const near = pattern(BATCH, 31, 2).map((value) => value + 7);
const logits = pattern(BATCH * 3, 37, 8);
const logVariance = pattern(BATCH, 19, 4);

/** The outputs that golden/losses.py gives each loss. */
const cases: [LossOptions, Float32Array][] = [
  [{ name: "mse" }, near],
  [{ name: "huber", delta: 0.25 }, near],
  [{ name: "quantile", levels: [0.1, 0.5, 0.9] }, logits.map((value) => value / 8 + 7)],
  [{ name: "gaussian" }, Float32Array.from({ length: 16 }, (_, i) => (i % 2 ? logVariance : near)[i >> 1]!)],
  [{ name: "ordinal", ...bins }, logits],
];

describe.each(cases)("$name", (options, data) => {
  const loss = lossOf(options);
  const outputs = () => tf.tensor2d(data, [BATCH, loss.outputs]);
  const targets = () => tf.tensor1d(pattern(BATCH, 23, 2).map((value) => value + 7));
  const weights = () => tf.tensor1d(pattern(BATCH, 5, 8).map((value) => value + 1));

  it("has PyTorch's losses, weighted mean and gradient", () => {
    const { losses, mean, gradient } = theirs[options.name]!;
    expect(largestDifference(loss.examples(outputs(), targets()).dataSync(), losses)).toBeLessThan(1e-6);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      meanLoss(loss.examples(x as tf.Tensor2D, targets()), { weights: weights() }),
    )(outputs());
    expect(value.dataSync()[0]).toBeCloseTo(mean, 6);
    expect(largestDifference(grad.dataSync(), gradient)).toBeLessThan(1e-6);
    const written = meanGradient(loss.gradient(outputs(), targets()), { weights: weights() });
    expect(written.shape).toEqual([BATCH, loss.outputs]);
    expect(largestDifference(written.dataSync(), gradient)).toBeLessThan(1e-6);
  });

  it("of the parts of a batch adds up to that of the batch", () => {
    const losses = loss.examples(outputs(), targets());
    const parts = [losses.slice(0, 3), losses.slice(3)].map((part) => meanLoss(part, { count: BATCH }).dataSync()[0]!);
    expect(parts[0]! + parts[1]!).toBeCloseTo(meanLoss(losses).dataSync()[0]!, 6);
    const whole = loss.gradient(outputs(), targets());
    const part = meanGradient(whole.slice([0, 0], [3, loss.outputs]), { count: BATCH }).dataSync();
    expect(
      largestDifference(
        part,
        meanGradient(whole)
          .dataSync()
          .slice(0, 3 * loss.outputs),
      ),
    ).toBeLessThan(1e-7);
  });

  it("starts where no constant output near by is better", () => {
    const films = targets();
    const begin = loss.start(films.dataSync());
    const constant = (values: number[]) =>
      meanLoss(loss.examples(tf.tile(tf.tensor2d([values]), [BATCH, 1]), films)).dataSync()[0]!;
    expect(begin).toHaveLength(loss.outputs);
    for (const output of begin.keys()) {
      for (const step of [-0.4, 0.4]) {
        expect(constant(begin)).toBeLessThan(constant(begin.map((value, i) => (i === output ? value + step : value))));
      }
    }
  });
});

describe("a prediction in log10 dollars", () => {
  const predict = (options: LossOptions, rows: number[][]) => [
    ...lossOf(options).predict(tf.tensor2d(rows)).dataSync(),
  ];

  it("is the output, the median, or the mean", () => {
    expect(predict({ name: "mse" }, [[7.5], [8]])).toEqual([7.5, 8]);
    expect(predict({ name: "huber", delta: 1 }, [[7.5]])).toEqual([7.5]);
    expect(predict({ name: "quantile", levels: [0.1, 0.5, 0.9] }, [[7, 7.5, 8.5]])).toEqual([7.5]);
    expect(predict({ name: "gaussian" }, [[7.5, -2]])).toEqual([7.5]);
  });

  it("is the mean of the bins under their probabilities", () => {
    const [, , , , [options, data]] = cases as [never, never, never, never, [LossOptions, Float32Array]];
    const rows = Array.from({ length: BATCH }, (_, i) => [...data.subarray(i * 3, i * 3 + 3)]);
    expect(largestDifference(predict(options, rows), theirs.ordinal!.predicted!)).toBeLessThan(1e-6);
    // no doubt at all: past the second threshold and not the third
    expect(predict({ name: "ordinal", ...bins }, [[50, 50, -50]])[0]).toBeCloseTo(7.125, 6);
  });
});

describe("ordinal bins", () => {
  it("hold equally many films and stand for their mean", () => {
    // sorted: 6 7 | 8 9 | 10 14
    expect(ordinalBins([10, 7, 6, 14, 9, 8], 3)).toEqual({ thresholds: [8, 10], centres: [6.5, 8.5, 12] });
  });

  it("are fewer where films are equal", () => {
    // cuts at 7 (twice) and 9: the lowest bin holds 6, the next both 7s and 8
    expect(ordinalBins([6, 7, 7, 9], 4)).toEqual({ thresholds: [7, 9], centres: [6, 7, 9] });
  });

  it("cannot be one", () => {
    expect(() => lossOf({ name: "ordinal", ...ordinalBins([7, 7, 7], 5) })).toThrow("needs rising thresholds");
  });
});

it.each([
  [{ name: "huber", delta: 0 }, "The Huber loss needs a delta above 0, not 0."],
  [{ name: "quantile", levels: [0.1, 0.9] }, "0.5 among them, not [0.1, 0.9]."],
  [{ name: "quantile", levels: [0.5, 1] }, "levels between 0 and 1"],
  [{ name: "ordinal", thresholds: [7, 7], centres: [6, 7, 8] }, "The ordinal loss needs rising thresholds"],
  [{ name: "ordinal", thresholds: [7], centres: [6] }, "one more centres than thresholds"],
] as [LossOptions, string][])("refuses %o", (options, sentence) => {
  expect(() => lossOf(options)).toThrow(sentence);
});

it("a Gaussian that fits exactly does not run away", () => {
  const loss = lossOf({ name: "gaussian" });
  // the variance counts as 1e-6 at least: (log 1e-6 + 0) / 2
  const [outputs, targets] = [tf.tensor2d([[7, -80]]), tf.tensor1d([7])];
  expect(loss.examples(outputs, targets).dataSync()[0]).toBeCloseTo(Math.log(1e-6) / 2, 4);
  expect([...loss.gradient(outputs, targets).dataSync()]).toEqual([0, 0]);
});
