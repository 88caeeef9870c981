import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { applyHead, dropoutMasks, initialiseHead, predictLog10 } from "movie-revenue/model/head";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await loadEngine();
});

const tensor = (shape: number[], data: number[]) => ({ shape, data: new Float32Array(data) });

describe("the head", () => {
  it("is linear, ReLU, linear", () => {
    const weights = {
      "head.0.weight": tensor([2, 2], [1, 2, -1, 1]),
      "head.0.bias": tensor([2], [0.5, -4]),
      "head.1.weight": tensor([1, 2], [3, 5]),
      "head.1.bias": tensor([1], [0.25]),
    };
    // (1, 2): hidden (1+4+.5, relu(-1+2-4)) = (5.5, 0), out 16.5 + .25
    // (-2, 7): hidden (-2+14+.5, 2+7-4) = (12.5, 5), out 37.5 + 25 + .25
    expect([...predictLog10(weights, new Float32Array([1, 2, -2, 7]))]).toEqual([16.75, 62.75]);
  });

  it("multiplies hidden layers by their masks", () => {
    const parameters = {
      "head.0.weight": tf.tensor2d([[1], [1]]),
      "head.0.bias": tf.tensor1d([0, 0]),
      "head.1.weight": tf.tensor2d([[1, 10]]),
      "head.1.bias": tf.tensor1d([0]),
    };
    const mask = tf.tensor2d([[0, 2]]);
    expect(applyHead(parameters, tf.tensor2d([[3]]), [mask]).arraySync()).toEqual([60]);
  });

  it("is drawn as nn.Linear: uniform within ±1/√inputs, the same for the same seed", () => {
    const shape = { inputs: 400, hidden: [100, 25] };
    const weights = initialiseHead(shape, { seed: 7 });
    const expected = { "head.0": [100, 400], "head.1": [25, 100], "head.2": [1, 25] };
    for (const [layer, [outputs, inputs]] of Object.entries(expected) as [string, [number, number]][]) {
      expect(weights[`${layer}.weight`]!.shape).toEqual([outputs, inputs]);
      expect(weights[`${layer}.bias`]!.shape).toEqual([outputs]);
      for (const part of ["weight", "bias"]) {
        const largest = Math.max(...weights[`${layer}.${part}`]!.data.map(Math.abs));
        expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(inputs));
      }
    }
    const first = weights["head.0.weight"]!.data;
    // the standard deviation of a uniform variable in ±b is b/√3; 40,000 draws give it within 1 %
    const deviation = Math.sqrt(first.reduce((sum, value) => sum + value ** 2, 0) / first.length);
    expect(deviation * Math.sqrt(3) * 20).toBeCloseTo(1, 1);
    expect(initialiseHead(shape, { seed: 7 })).toEqual(weights);
    expect(initialiseHead(shape, { seed: 8 })["head.0.weight"]!.data[0]).not.toBe(first[0]);
  });
});

describe("dropout", () => {
  const masks = (seed: number, step: number) =>
    dropoutMasks({ hidden: [1000, 8], dropout: [0.25, 0] }, { batch: 40, seed, step }).map((mask) => mask.dataSync());

  it("drops its share of units and scales the others up", () => {
    const [first, second] = masks(1, 0);
    const values = new Map<number, number>();
    for (const value of first!) values.set(value, (values.get(value) ?? 0) + 1);
    expect([...values.keys()].sort()).toEqual([0, Math.fround(1 / 0.75)]);
    // 40,000 draws at .25: five standard deviations are .011
    expect(Math.abs(values.get(0)! / 40_000 - 0.25)).toBeLessThan(0.011);
    expect(new Set(second)).toEqual(new Set([1]));
  });

  it("depends on seed and step alone", () => {
    expect(masks(1, 5)).toEqual(masks(1, 5));
    expect(masks(1, 5)).not.toEqual(masks(1, 6));
    expect(masks(1, 5)).not.toEqual(masks(2, 5));
  });
});
