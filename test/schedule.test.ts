import { afterEpoch, rateAt, type Schedule, startSchedule } from "movie-revenue/training/schedule";
import { describe, expect, it } from "vitest";
import { largestDifference } from "./golden.ts";
import { traces } from "./optimizer-traces.ts";

const ratesOf = (schedule: Schedule, learningRate: number, steps = 50) =>
  Array.from({ length: steps }, (_, step) => rateAt(schedule, startSchedule(learningRate), step));

describe("the cosine schedule", () => {
  it.each([
    ["adamw groups", { name: "cosine", warmup: 10, steps: 50 }, 0, 0.005],
    ["adamw groups", { name: "cosine", warmup: 10, steps: 50 }, 1, 0.05],
    ["sgd momentum", { name: "cosine", warmup: 5, steps: 50, end: 0.1 }, 0, 0.02],
  ] as const)("has the rates of PyTorch's LinearLR and CosineAnnealingLR: %s, %o, group %i", (...row) => {
    const [name, schedule, group, learningRate] = row;
    const theirs = traces[name]!.rates.map((rates) => rates[group]!);
    expect(largestDifference(ratesOf(schedule, learningRate), theirs) / learningRate).toBeLessThan(1e-12);
  });

  it("starts at once without warm-up, and stays at its end", () => {
    const rates = ratesOf({ name: "cosine", warmup: 0, steps: 4, end: 0.5 }, 1, 7);
    // .5 + .5 · (1 + cos(π t / 4)) / 2: at t = 2 the cosine is 0
    expect(rates[0]).toBe(1);
    expect(rates[2]).toBeCloseTo(0.75, 12);
    expect(rates.slice(4)).toEqual([0.5, 0.5, 0.5]);
  });

  it("that is all warm-up divides by nothing", () => {
    // 1/2 at step 0, 1/2 + 1/2 · 1/2 at step 1, the whole at step 2, then the end
    expect(ratesOf({ name: "cosine", warmup: 2, steps: 2 }, 1, 4)).toEqual([0.5, 0.75, 1, 0]);
  });

  it("does not look at losses", () => {
    const state = startSchedule(1);
    expect(afterEpoch({ name: "cosine", warmup: 1, steps: 9 }, state, 5)).toBe(state);
  });
});

describe("the other schedules", () => {
  it("constant stays where it is", () => {
    expect(new Set(ratesOf({ name: "constant" }, 0.3))).toEqual(new Set([0.3]));
  });

  it("plateau lowers the rate after more than `patience` epochs without a better loss", () => {
    const plateau = { name: "plateau", factor: 0.5, patience: 1 } as const;
    let state = startSchedule(0.2);
    const rates = [1, 1, 1, 0.5].map((loss) => {
      state = afterEpoch(plateau, state, loss);
      return rateAt(plateau, state, 1000);
    });
    expect(rates).toEqual([0.2, 0.2, 0.1, 0.1]);
  });
});
