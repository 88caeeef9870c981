import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { type averageOf, nativeAverage, plainAverage } from "movie-revenue/training/average";
import { describe, expect, it } from "vitest";
import { largestDifference } from "./golden.ts";

const engine = await loadEngine();

const start = { p: { shape: [2], data: new Float32Array([0, 8]) } };

/** The average after each of these values of the first parameter, the second staying 8. */
function averages(make: typeof averageOf, values: number[], decay: number): number[][] {
  const average = make(start, decay);
  const after = values.map((value, i) => {
    const parameters = { p: tf.tensor1d([value, 8]) };
    average.update(parameters, i + 1);
    parameters.p.dispose();
    return [...average.weights().p!.data];
  });
  average.dispose();
  return after;
}

describe("in plain ops", () => behaviour(plainAverage));
describe.skipIf(engine.name !== "native")("in TensorFlow's variables", () => behaviour(nativeAverage));

function behaviour(make: typeof averageOf): void {
  it("moves to each value by what the decay leaves, faster in the first steps", () => {
    // the first decay is (1 + 1) / (10 + 1) = 2/11: 0 · 2/11 + 11 · 9/11 = 9; then 3/12: 9 · 1/4 + 1 · 3/4 = 3
    const [first, second] = averages(make, [11, 1], 0.99);
    expect(first![0]).toBeCloseTo(9, 5);
    expect(second![0]).toBeCloseTo(3, 5);
    expect(first![1]).toBeCloseTo(8, 5);
  });

  it("never weighs the past by more than the decay", () => {
    // min(.1, 2/11) = .1: 0 · .1 + 10 · .9
    expect(averages(make, [10], 0.1)[0]![0]).toBeCloseTo(9, 5);
  });

  it("is the parameters themselves at decay 0", () => {
    expect(averages(make, [3, 5], 0).map(([value]) => value)).toEqual([3, 5]);
  });

  it("follows the formula for thousands of steps without being looked at, and can go on from what it is", () => {
    const values = Array.from({ length: 5000 }, (_, i) => 3 + Math.sin(i / 40));
    const through = (from: number, to: number, begin: typeof start = start) => {
      const average = make(begin, 0.99);
      for (let i = from; i < to; i++) {
        const parameters = { p: tf.tensor1d([values[i]!, -values[i]!]) };
        average.update(parameters, i + 1);
        parameters.p.dispose();
      }
      const weights = { p: { shape: [2], data: Float32Array.from(average.weights().p!.data) } };
      average.dispose();
      return weights;
    };
    const expected = values.reduce((mean, value, i) => {
      const decay = Math.min(0.99, (2 + i) / (11 + i));
      return decay * mean + (1 - decay) * value;
    }, 0);
    // a mean of values up to 4: some ulps of float32
    const whole = through(0, 5000);
    expect(Math.abs(whole.p.data[0]! - expected)).toBeLessThan(5e-6);
    expect(largestDifference(through(1800, 5000, through(0, 1800)).p.data, whole.p.data)).toBeLessThan(5e-6);
  });

  it("leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    averages(make, [1, 2, 3], 0.99);
    expect(tf.memory().numTensors).toBe(before);
  });
}
