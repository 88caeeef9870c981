import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { dropoutOf } from "movie-revenue/model/dropout";
import { firstOutputs, headOutputs, initialiseHead, predictLog10 } from "movie-revenue/model/head";
import { passHead } from "movie-revenue/model/head-pass";
import { beforeAll, describe, expect, it } from "vitest";
import { largestDifference, pattern } from "./golden.ts";

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

  it("keeps its first outputs alone where it learnt more", () => {
    const weights = {
      "head.0.weight": tensor([2, 2], [1, 2, -1, 1]),
      "head.0.bias": tensor([2], [0.5, -4]),
      "head.1.weight": tensor([3, 2], [3, 5, 7, 9, 11, 13]),
      "head.1.bias": tensor([3], [0.25, 1, 2]),
    };
    const kept = firstOutputs(weights, 1);
    expect(kept["head.1.weight"]).toEqual(tensor([1, 2], [3, 5]));
    expect(kept["head.1.bias"]).toEqual(tensor([1], [0.25]));
    expect([...predictLog10(kept, new Float32Array([1, 2]))]).toEqual([16.75]);
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

describe("a head of several outputs", () => {
  it("has as many, and starts them where it is told", () => {
    const shape = { inputs: 3, hidden: [4], outputs: 2 };
    const plain = initialiseHead(shape, { seed: 1 });
    const started = initialiseHead(shape, { seed: 1, start: [7, -2] });
    expect(started["head.1.weight"]).toEqual(plain["head.1.weight"]);
    expect(started["head.1.weight"]!.shape).toEqual([2, 4]);
    const bias = plain["head.1.bias"]!.data;
    expect([...started["head.1.bias"]!.data]).toEqual([Math.fround(bias[0]! + 7), Math.fround(bias[1]! - 2)]);
  });

  it("predicts what is read from them", () => {
    const weights = {
      "head.0.weight": tensor([2, 1], [1, 10]),
      "head.0.bias": tensor([2], [0, 5]),
    };
    const second = (outputs: tf.Tensor2D) => tf.reshape(tf.slice(outputs, [0, 1], [-1, 1]), [-1]) as tf.Tensor1D;
    // 3 · 10 + 5 and 4 · 10 + 5
    expect([...predictLog10(weights, new Float32Array([3, 4]), { read: second })]).toEqual([35, 45]);
  });
});

describe("the pass written out", () => {
  const sizes = [6, 5, 4, 3];
  const layers = [0, 1, 2];
  const names = layers.flatMap((layer) => [`head.${layer}.weight`, `head.${layer}.bias`]);
  const inventParameters = () =>
    layers.flatMap((layer) => [
      tf.tensor2d(pattern(sizes[layer]! * sizes[layer + 1]!, 31 + layer, 2), [sizes[layer + 1]!, sizes[layer]!]),
      tf.tensor1d(pattern(sizes[layer + 1]!, 17, 1)),
    ]);
  const named = (tensors: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));

  /** The head by TensorFlow.js's own ops, its dropout as PyTorch has it: after the ReLU, [batch, width]. */
  const reference = (parameters: Record<string, tf.Tensor>, features: tf.Tensor2D, masks: tf.Tensor2D[]) =>
    layers.reduce((x, layer) => {
      const sum = tf.add(tf.matMul(x, parameters[names[2 * layer]!]!, false, true), parameters[names[2 * layer + 1]!]!);
      if (layer === layers.length - 1) return sum as tf.Tensor2D;
      const hidden = tf.relu(sum);
      return (masks[layer] ? tf.mul(hidden, tf.transpose(masks[layer]!)) : hidden) as tf.Tensor2D;
    }, features);

  it.each([true, false])("has the outputs and every gradient of TensorFlow.js's tape, dropout: %s", (dropping) => {
    tf.tidy(() => {
      const parameters = inventParameters();
      const features = tf.tensor2d(pattern(8 * 6, 101, 2), [8, 6]);
      const masks = dropping ? dropoutOf({ hidden: [5, 4], dropout: [0.5, 0.25] }, 1)({ batch: 8, step: 0 }) : [];
      const upstream = tf.tensor2d(pattern(8 * 3, 13, 4), [8, 3]);
      const loss = (x: tf.Tensor, ...values: tf.Tensor[]) =>
        tf.sum(tf.mul(reference(named(values), x as tf.Tensor2D, masks), upstream)) as tf.Scalar;
      const expected = tf.grads(loss)([features, ...parameters]);
      const pass = passHead(named(parameters), features, masks);
      const ours = pass.backward(upstream, { features: true });
      const outputs = reference(named(parameters), features, masks);
      expect(largestDifference(pass.outputs.dataSync(), outputs.dataSync())).toBeLessThan(1e-6);
      const gradients = [ours.features!, ...names.map((name) => ours.parameters[name]!)];
      for (const [i, gradient] of gradients.entries()) {
        expect(gradient.shape).toEqual(expected[i]!.shape);
        expect(largestDifference(gradient.dataSync(), expected[i]!.dataSync())).toBeLessThan(1e-5);
        // nothing is compared with nothing
        expect(Math.max(...gradient.dataSync().map(Math.abs))).toBeGreaterThan(0.01);
      }
      expect(pass.backward(upstream).features).toBeUndefined();
      const inference = headOutputs(named(parameters), features);
      expect(largestDifference(inference.dataSync(), outputs.dataSync()) < 1e-6).toBe(!dropping);
    });
  });
});
