import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { attend, QUERY } from "movie-revenue/model/attention";
import { headOutputs, initialiseHead } from "movie-revenue/model/head";
import { passHead } from "movie-revenue/model/head-pass";
import { beforeAll, describe, expect, it } from "vitest";
import { largestDifference, pattern } from "./golden.ts";

beforeAll(async () => {
  await loadEngine();
});

describe("attention", () => {
  it("at a query of 0 is the mean of the places", () => {
    // two places of two channels: (1, 2) and (5, 8)
    const { pooled } = attend(tf.tensor2d([[1, 2, 5, 8]]), tf.zeros<tf.Rank.R1>([2]));
    expect([...pooled.dataSync()]).toEqual([3, 5]);
  });

  it("weighs places by the softmax of their products with the query over √channels, by hand", () => {
    // the places differ by 4 in the first channel; a query of √2 · ln 3 / 4 there gives the scores a difference of ln 3
    const query = tf.tensor1d([(Math.SQRT2 * Math.log(3)) / 4, 0]);
    const { pooled } = attend(tf.tensor2d([[1, 2, 5, 8]]), query);
    // weights 1/4 and 3/4
    const [first, second] = pooled.dataSync();
    expect(first).toBeCloseTo(4, 5);
    expect(second).toBeCloseTo(6.5, 5);
  });

  it("goes back as TensorFlow.js's tape does", () => {
    const map = tf.tensor2d(pattern(3 * 4 * 5, 31, 4), [3, 20]);
    const query = tf.tensor1d(pattern(5, 7, 16));
    const by = tf.tensor2d(pattern(15, 11, 8), [3, 5]);
    const value = (x: tf.Tensor, q: tf.Tensor) =>
      tf.sum(tf.mul(attend(x as tf.Tensor2D, q as tf.Tensor1D).pooled, by)) as tf.Scalar;
    const [byMap, byQuery] = tf.grads(value)([map, query]);
    const found = attend(map, query).backward(by);
    expect(largestDifference(found.map.dataSync(), byMap!.dataSync())).toBeLessThan(1e-6);
    expect(largestDifference(found.query.dataSync(), byQuery!.dataSync())).toBeLessThan(1e-5);
  });
});

describe("a head that attends", () => {
  const shape = { inputs: 5, hidden: [4], attention: true };

  it("begins at the mean of the places, with a query of its own", () => {
    const head = initialiseHead(shape, { seed: 3 });
    expect(head[QUERY]).toEqual({ shape: [5], data: new Float32Array(5) });
    const parameters = Object.fromEntries(Object.entries(head).map(([name, w]) => [name, tf.tensor(w.data, w.shape)]));
    const map = tf.tensor2d(pattern(2 * 15, 31, 4), [2, 15]);
    const mean = tf.mean(tf.reshape(map, [2, 3, 5]), 1) as tf.Tensor2D;
    const { [QUERY]: _, ...plain } = parameters;
    const difference = tf.sub(headOutputs(parameters, map), headOutputs(plain, mean));
    expect(Math.max(...difference.abs().dataSync())).toBeLessThan(1e-6);
  });

  it("has the outputs and every gradient of TensorFlow.js's tape", () => {
    const head = { ...initialiseHead(shape, { seed: 3 }), [QUERY]: { shape: [5], data: pattern(5, 7, 16) } };
    const names = Object.keys(head);
    const tensors = Object.values(head).map(({ shape, data }) => tf.tensor(data, shape));
    const map = tf.tensor2d(pattern(2 * 15, 31, 4), [2, 15]);
    const named = (all: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, all[i]!]));
    const { value, grads } = tf.valueAndGrads(
      (x, ...all) => tf.sum(headOutputs(named(all), x as tf.Tensor2D)) as tf.Scalar,
    )([map, ...tensors]);
    const pass = passHead(named(tensors), map);
    expect(tf.sum(pass.outputs).dataSync()[0]).toBeCloseTo(value.dataSync()[0]!, 5);
    const { parameters, features } = pass.backward(tf.ones([2, 1]), { features: true });
    const wanted = named(grads.slice(1));
    expect(Object.keys(parameters).sort()).toEqual([...names].sort());
    for (const name of names) {
      expect(largestDifference(parameters[name]!.dataSync(), wanted[name]!.dataSync()), name).toBeLessThan(1e-5);
    }
    expect(largestDifference(features!.dataSync(), grads[0]!.dataSync())).toBeLessThan(1e-5);
  });
});
