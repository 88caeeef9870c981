import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { rateAt, startSchedule } from "movie-revenue/training/schedule";
import { sgdRule } from "movie-revenue/training/sgd";
import { describe, expect, it } from "vitest";
import { distance, engines, start, trace, traces } from "./optimizer-traces.ts";

const engine = await loadEngine();
const rolling = sgdRule({ momentum: 0.9, weightDecay: 0.01 });

describe.each(Object.entries(engines))("SGD in %s", (name, make) => {
  const skipped = name !== "plain ops" && engine.name !== "native";

  it.skipIf(skipped)("without momentum moves as PyTorch's does, 50 steps long", () => {
    const { parameters } = trace(make, sgdRule({ momentum: 0, weightDecay: 0 }), { rate: () => 0.02 });
    expect(distance(parameters, traces.sgd!.parameters)).toBeLessThan(1e-6);
  });

  it.skipIf(skipped)("with momentum, weight decay, warm-up, cosine and clipping moves as PyTorch's does", () => {
    const cosine = { name: "cosine", warmup: 5, steps: 50, end: 0.1 } as const;
    const rate = (step: number) => rateAt(cosine, startSchedule(0.02), step);
    const { parameters, norms } = trace(make, rolling, { rate, clip: 0.2 });
    expect(distance(parameters, traces["sgd momentum"]!.parameters)).toBeLessThan(1e-6);
    expect(distance([norms], [traces["sgd momentum"]!.norms])).toBeLessThan(1e-6);
  });

  it.skipIf(skipped)("goes on from a kept state as if it had never stopped, and keeps one moment", () => {
    const rate = () => 0.02;
    const whole = trace(make, rolling, { rate, to: 5 });
    const half = trace(make, rolling, { rate, to: 2 });
    const rest = trace(make, rolling, { rate, from: 2, to: 5, weights: half.weights, state: half.state });
    expect(rest.weights).toEqual(whole.weights);
    expect(rest.state).toEqual(whole.state);
    expect([Object.keys(whole.state.first), Object.keys(whole.state.second)]).toEqual([["a", "b"], []]);
  });

  it.skipIf(skipped)("leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    trace(make, rolling, { rate: () => 0.02, to: 3, weights: start() });
    expect(tf.memory().numTensors).toBe(before);
  });
});
