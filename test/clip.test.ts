import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { addL1, clipByGlobalNorm, globalNorm, l1Penalty } from "movie-revenue/training/clip";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await loadEngine();
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  tf.engine().startScope();
});

const values = (tensors: tf.NamedTensorMap) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]));

// in whatever engine runs, and in the ops of the others
describe.each(["native", "cpu"])("in the %s engine", (name) => {
  const engine = () => (name === "cpu" ? "cpu" : tf.getBackend());
  const within = <T>(work: () => T): T => {
    const before = tf.getBackend();
    tf.setBackend(engine());
    try {
      return work();
    } finally {
      tf.setBackend(before);
    }
  };

  it("the joint norm is that of all gradients as one vector", () => {
    // √(1 + 4 + 4 + 16) = 5
    expect(within(() => globalNorm({ a: tf.tensor2d([[1, 2]]), b: tf.tensor1d([-2, 4]) }).dataSync()[0])).toBe(5);
    expect(within(() => globalNorm({}).dataSync()[0])).toBe(0);
  });

  it("a larger norm is brought down to the largest allowed, all gradients by the same factor", () => {
    const { gradients, norm } = within(() => {
      const clipped = clipByGlobalNorm({ a: tf.tensor1d([3]), b: tf.tensor1d([0, -4]) }, 2.5);
      return { gradients: values(clipped.gradients), norm: clipped.norm.dataSync()[0] };
    });
    expect(norm).toBe(5);
    // 2.5 / (5 + 1e-6)
    expect(gradients.a![0]).toBeCloseTo(1.5, 6);
    expect(gradients.b![1]).toBeCloseTo(-2, 6);
    expect(gradients.b![0]).toBe(0);
  });

  it("a smaller norm, and one of 0, stay as they are", () => {
    expect(within(() => values(clipByGlobalNorm({ a: tf.tensor1d([3, -4]) }, 5.5).gradients))).toEqual({ a: [3, -4] });
    expect(within(() => values(clipByGlobalNorm({ a: tf.tensor1d([0, 0]) }, 1).gradients))).toEqual({ a: [0, 0] });
  });
});

describe("an L1 penalty", () => {
  const parameters = () => ({ a: tf.tensor1d([2, -0.5, 0]), frozen: tf.tensor1d([9]) });

  it("adds its strength in the direction of each parameter that has a gradient", () => {
    const gradients = addL1({ a: tf.tensor1d([1, 1, 1]) }, parameters(), 0.25);
    expect(values(gradients)).toEqual({ a: [1.25, 0.75, 1] });
  });

  it("is the strength times the sum of sizes", () => {
    // .5 · (2 + .5 + 0 + 9)
    expect(l1Penalty(parameters(), 0.5).dataSync()[0]).toBe(5.75);
    expect(l1Penalty({}, 0.5).dataSync()[0]).toBe(0);
  });
});

it("leaves only its results behind", () => {
  const gradients = { a: tf.tensor1d([3, 4]) };
  const before = tf.memory().numTensors;
  const clipped = clipByGlobalNorm(gradients, 1);
  tf.dispose(clipped);
  tf.dispose(addL1(gradients, gradients, 1));
  expect(tf.memory().numTensors).toBe(before);
});
