import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { toEngine, toTorch } from "movie-revenue/model/layout";
import { describe, expect, it } from "vitest";

await loadEngine();
const counted = (shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, (_, i) => i),
});

describe("Layouts", () => {
  it("puts the sides of a filter first and its outputs last", () => {
    const weight = counted([4, 3, 2, 5]);
    const { filter } = toEngine({ filter: weight });
    expect(filter!.shape).toEqual([2, 5, 3, 4]);
    // [row 1, column 2, input 0, output 3] comes from [output 3, input 0, row 1, column 2] = 3·30 + 0·10 + 1·5 + 2
    expect(filter!.data[1 * 60 + 2 * 12 + 0 * 4 + 3]).toBe(97);
    const transposed = tf.tidy(
      () => tf.transpose(tf.tensor(weight.data, weight.shape), [2, 3, 1, 0]).dataSync() as never,
    );
    expect(filter!.data).toEqual(transposed);
  });

  it("knows a depthwise filter by its one input channel", () => {
    const { filter } = toEngine({ filter: counted([6, 1, 3, 3]) });
    expect(filter!.shape).toEqual([3, 3, 6, 1]);
    // [row 0, column 1, channel 5] comes from [channel 5, 0, row 0, column 1] = 5·9 + 1
    expect(filter!.data[1 * 6 + 5]).toBe(46);
  });

  it("leaves vectors and matrices as they are, and finds the way back", () => {
    const weights = {
      a: counted([4, 3, 2, 2]),
      b: counted([6, 1, 3, 3]),
      c: counted([7]),
      d: counted([3, 2]),
      e: counted([5, 2, 1, 1]),
    };
    const engine = toEngine(weights);
    expect([engine.c, engine.d]).toEqual([weights.c, weights.d]);
    expect(toTorch(engine)).toEqual(weights);
  });
});
