import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { averageOf } from "movie-revenue/training/average";
import { beforeAll, expect, it } from "vitest";

beforeAll(async () => {
  await loadEngine();
});

const start = { p: { shape: [2], data: new Float32Array([0, 8]) } };

/** The average after each of these values of the first parameter, the second staying 8. */
function averages(values: number[], decay: number): number[][] {
  const average = averageOf(start, decay);
  const after = values.map((value, i) => {
    const parameters = { p: tf.tensor1d([value, 8]) };
    average.update(parameters, i + 1);
    parameters.p.dispose();
    return [...average.weights().p!.data];
  });
  average.dispose();
  return after;
}

it("moves to each value by what the decay leaves, faster in the first steps", () => {
  // the first decay is (1 + 1) / (10 + 1) = 2/11: 0 · 2/11 + 11 · 9/11 = 9; then 3/12: 9 · 1/4 + 1 · 3/4 = 3
  const [first, second] = averages([11, 1], 0.99);
  expect(first![0]).toBeCloseTo(9, 5);
  expect(second![0]).toBeCloseTo(3, 5);
  expect([first![1], second![1]]).toEqual([8, 8]);
});

it("never weighs the past by more than the decay", () => {
  // min(.1, 2/11) = .1: 0 · .1 + 10 · .9
  expect(averages([10], 0.1)[0]![0]).toBeCloseTo(9, 5);
});

it("is the parameters themselves at decay 0", () => {
  expect(averages([3, 5], 0).map(([value]) => value)).toEqual([3, 5]);
});

it("leaves no tensor behind", () => {
  const before = tf.memory().numTensors;
  averages([1, 2, 3], 0.99);
  expect(tf.memory().numTensors).toBe(before);
});
