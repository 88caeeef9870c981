import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { type Average, type averageOf, nativeAverage, plainAverage } from "movie-revenue/training/average";
import { describe, expect, it } from "vitest";

const engine = await loadEngine();

const start = { p: { shape: [2], data: new Float32Array([0, 8]) } };

/** The average after each of these values of the first parameter, the second staying 8. */
function averages(make: typeof averageOf, values: number[], decay: number): number[][] {
  const average = make(start, decay);
  const after = values.map((value, i) => {
    const parameters = { p: tf.tensor1d([value, 8]) };
    average.update(parameters, i + 1);
    parameters.p.dispose();
    return valuesOf(average);
  });
  average.dispose();
  return after;
}

function valuesOf(average: Average): number[] {
  const { weights, scale } = average.state();
  return Array.from(weights.p!.data, (value) => value * scale);
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
    const through = (from: number, to: number, begun: ReturnType<Average["state"]> = { weights: start, scale: 1 }) => {
      const average = make(begun.weights, 0.99, begun.scale);
      for (let i = from; i < to; i++) {
        const parameters = { p: tf.tensor1d([values[i]!, -values[i]!]) };
        average.update(parameters, i + 1);
        parameters.p.dispose();
      }
      const [state, [value]] = [average.state(), valuesOf(average)];
      average.dispose();
      return { ...state, value: value! };
    };
    const expected = values.reduce((mean, value, i) => {
      const decay = Math.min(0.99, (2 + i) / (11 + i));
      return decay * mean + (1 - decay) * value;
    }, 0);
    // a mean of values up to 4: some ulps of float32
    const whole = through(0, 5000);
    expect(Math.abs(whole.value - expected)).toBeLessThan(5e-6);
    // to the last bit, wherever it was interrupted
    expect(through(1801, 5000, through(0, 1801))).toEqual(whole);
  });

  it("leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    averages(make, [1, 2, 3], 0.99);
    expect(tf.memory().numTensors).toBe(before);
  });
}
