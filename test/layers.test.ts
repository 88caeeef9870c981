import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { foldBatchNorm, inferBlock, weightOf } from "movie-revenue/model/layers";
import type { Unit } from "movie-revenue/model/network";
import { describe, expect, it } from "vitest";

await loadEngine();

const unit: Unit = {
  convolution: "conv",
  norm: "bn",
  inputs: 2,
  outputs: 2,
  depthwise: false,
  kernel: 1,
  stride: 1,
  padding: "torch",
  activation: "none",
};
const vector = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const weights = {
  "conv.weight": { shape: [2, 2, 1, 1], data: Float32Array.from([3, 0, 5, 0]) },
  "bn.weight": vector(2, 1),
  "bn.bias": vector(1, -1),
  "bn.running_mean": vector(0.5, 2),
  "bn.running_var": vector(3, 0.25),
};

/** What a block makes of one row of a picture: two channels, of which the convolution knows the first. */
function infer(pixels: number[], change: Partial<Unit>): number[] {
  const folded = { conv: foldBatchNorm(weights, unit, 1) };
  const row = tf.tensor4d(
    pixels.flatMap((pixel) => [pixel, 100]),
    [1, 1, pixels.length, 2],
  );
  return [...inferBlock({ units: [{ ...unit, ...change }] }, row, folded).dataSync()];
}

describe("Folding", () => {
  it("makes one convolution of a convolution and its batch norm", () => {
    // γ/√(σ²+ε) = 2/√4 = 1 and 1/√1.25 = .894427; bias β − μ · that = 1 − .5 and −1 − 2 · .894427
    const { filter, bias } = foldBatchNorm(weights, unit, 1);
    expect(filter.shape).toEqual([1, 1, 2, 2]);
    expect([...filter.dataSync()]).toEqual([3, expect.closeTo(4.472136, 5), 0, 0]);
    expect([...bias.dataSync()]).toEqual([0.5, expect.closeTo(-2.788854, 5)]);
  });

  it.each([
    ["none", [6.5, 6.155418, -5.5, -11.733126]],
    ["relu", [6.5, 6.155418, 0, 0]],
    ["relu6", [6, 6, 0, 0]],
  ] as const)("activates by %s", (activation, expected) => {
    // 3x + .5 and 4.472136x − 2.788854 at x = 2 and x = −2
    expect(infer([2, -2], { activation })).toEqual(expected.map((value) => expect.closeTo(value, 4)));
  });

  it("strides as PyTorch does: the first place, then every second", () => {
    expect(infer([1, 2, 3, 4], { stride: 2 }).filter((_, i) => i % 2 === 0)).toEqual([3.5, 9.5]);
  });

  it("says which tensor is missing, or of another shape", () => {
    const { "bn.running_var": _variance, ...others } = weights;
    expect(() => foldBatchNorm(others, unit, 1)).toThrow('The weights have no tensor "bn.running_var"');
    expect(() => weightOf(weights, "bn.bias", [3])).toThrow('"bn.bias" has shape [2], and the model needs [3]');
    expect(() => foldBatchNorm(weights, { ...unit, inputs: 3 }, 1)).toThrow('"conv.weight" has shape [2,2,1,1]');
  });
});
