import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import type { Weights } from "movie-revenue/model/safetensors";
import type { adamW } from "movie-revenue/training/adamw";
import { nativeAdamW } from "movie-revenue/training/adamw-native";
import { plainAdamW } from "movie-revenue/training/adamw-plain";
import type { OptimizerState } from "movie-revenue/training/optimizer";
import { describe, expect, it } from "vitest";
import { golden, largestDifference, pattern } from "./golden.ts";

const traces = golden<{ adamw: Record<string, number[][]> }>("model.json").adamw;
const start = () => ({ p: { shape: [2, 3], data: pattern(6, 13, 4) } });
const LEARNING_RATE = 0.05;
const engine = await loadEngine();

interface Part {
  from?: number;
  to?: number;
  weights?: Weights;
  state?: OptimizerState;
}

/** The steps of golden/model_torch.py: the parameters after each, and where they end. */
function trace(make: typeof adamW, weightDecay: number, { from = 0, to = 5, weights = start(), state }: Part = {}) {
  const optimizer = make(weights, { weightDecay }, state);
  const parameters: Float32Array[] = [];
  for (let step = from; step < to; step++) {
    const gradient = tf.tensor(
      pattern(6, 11, 2).map((value: number) => value * (step - 1.5)),
      [2, 3],
    );
    optimizer.step({ p: gradient }, LEARNING_RATE);
    gradient.dispose();
    parameters.push(optimizer.weights().p!.data);
  }
  const end = { parameters, weights: optimizer.weights(), state: optimizer.state() };
  optimizer.dispose();
  return end;
}

describe("AdamW in plain ops", () => behaviour(plainAdamW));
describe.skipIf(engine.name !== "native")("AdamW in TensorFlow's fused op", () => behaviour(nativeAdamW));

function behaviour(make: typeof adamW): void {
  it.each(["0.0", "0.1"])("moves as PyTorch's does with weight decay %s", (decay) => {
    const { parameters } = trace(make, Number(decay));
    // a step is at most the learning rate, 0.05; float32 keeps seven digits of parameters below 1
    for (const [step, values] of parameters.entries()) {
      expect(largestDifference(values, traces[decay]![step]!)).toBeLessThan(1e-6);
    }
  });

  it("goes on from a kept state as if it had never stopped", () => {
    const whole = trace(make, 0.1);
    const half = trace(make, 0.1, { to: 2 });
    const rest = trace(make, 0.1, { from: 2, weights: half.weights, state: half.state });
    expect(rest.weights).toEqual(whole.weights);
    expect(rest.state).toEqual(whole.state);
    expect(whole.state.step).toBe(5);
  });

  it("leaves no tensor behind, inside a tidy or out", () => {
    const before = tf.memory().numTensors;
    const optimizer = make(start(), { weightDecay: 0.1 });
    tf.tidy(() => {
      const { p } = optimizer.parameters();
      optimizer.step({ p: tf.mul(p!, 2) }, LEARNING_RATE);
    });
    optimizer.step({ p: tf.tidy(() => tf.keep(tf.zeros([2, 3]))) }, LEARNING_RATE);
    optimizer.dispose();
    // the last gradient is the caller's
    expect(tf.memory().numTensors - before).toBe(1);
  });
}
