import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { adamWRule } from "movie-revenue/training/adamw";
import { rateAt, startSchedule } from "movie-revenue/training/schedule";
import { describe, expect, it } from "vitest";
import { distance, engines, start, trace, traces } from "./optimizer-traces.ts";

const engine = await loadEngine();
const decaying = adamWRule({ weightDecay: 0.1 });
const rate = () => 0.05;

describe.each(Object.entries(engines))("AdamW in %s", (name, make) => {
  const skipped = name !== "plain ops" && engine.name !== "native";

  it.skipIf(skipped)("moves as PyTorch's does, 50 steps long", () => {
    const { parameters } = trace(make, decaying, { rate });
    expect(distance(parameters, traces.adamw!.parameters)).toBeLessThan(1e-6);
  });

  it.skipIf(skipped)(
    "with two learning rates, warm-up and cosine, clipping and an L1 penalty, moves as PyTorch's does",
    () => {
      const cosine = { name: "cosine", warmup: 10, steps: 50 } as const;
      const { parameters, norms } = trace(make, adamWRule({ weightDecay: 0.01 }), {
        rate: (step) => (parameter) => rateAt(cosine, startSchedule(parameter === "a" ? 0.005 : 0.05), step),
        clip: 0.2,
        l1: 0.02,
      });
      const golden = traces["adamw groups"]!;
      expect(distance(parameters, golden.parameters)).toBeLessThan(1e-6);
      expect(distance([norms], [golden.norms])).toBeLessThan(1e-6);
      // some of the golden steps are clipped, and some are not
      expect(new Set(golden.norms.map((norm) => norm > 0.2)).size).toBe(2);
    },
  );

  it.skipIf(skipped)("goes on from a kept state as if it had never stopped", () => {
    const whole = trace(make, decaying, { rate, to: 5 });
    const half = trace(make, decaying, { rate, to: 2 });
    const rest = trace(make, decaying, { rate, from: 2, to: 5, weights: half.weights, state: half.state });
    expect(rest.weights).toEqual(whole.weights);
    expect(rest.state).toEqual(whole.state);
    expect(whole.state.step).toBe(5);
  });

  it.skipIf(skipped)("leaves a parameter without a gradient alone, its decay and moments too", () => {
    const optimizer = make(decaying, start());
    const b = tf.tensor1d([1, 1]);
    optimizer.step({ b }, 0.05);
    b.dispose();
    expect(optimizer.weights().a).toEqual(start().a);
    expect(optimizer.state().first.a!.data.every((value) => value === 0)).toBe(true);
    expect(optimizer.weights().b).not.toEqual(start().b);
    optimizer.dispose();
  });

  it.skipIf(skipped)("leaves no tensor behind, inside a tidy or out", () => {
    const before = tf.memory().numTensors;
    const optimizer = make(decaying, start());
    tf.tidy(() => {
      const { a } = optimizer.parameters();
      optimizer.step({ a: tf.mul(a!, 2) }, 0.05);
    });
    optimizer.step({ a: tf.tidy(() => tf.keep(tf.zeros([2, 3]))) }, 0.05);
    optimizer.dispose();
    // the last gradient is the caller's
    expect(tf.memory().numTensors - before).toBe(1);
  });
});
