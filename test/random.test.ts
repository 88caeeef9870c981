import { createHash } from "node:crypto";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";
import golden from "./golden/random.json" with { type: "json" };

const digest = (array: Float64Array | Uint32Array) =>
  createHash("sha256")
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest("hex");

describe.each(golden.draws)("Random($seed) draws what numpy draws", ({ seed, ...expected }) => {
  const random = () => new Random(seed);

  it("raw bits", () => {
    const generator = random();
    expect(expected.raw.map(() => generator.uint64().toString())).toEqual(expected.raw);
  });

  it("doubles", () => {
    const generator = random();
    expect(expected.doubles.map(() => generator.double())).toEqual(expected.doubles);
  });

  it.each(Object.entries(expected.integers))("integers below %s", (bound, integers) => {
    expect([...random().indices(Number(bound), integers.length)]).toEqual(integers);
  });

  it("permutations", () => {
    expect([...random().permutation(20)]).toEqual(expected.permutation);
  });

  it("calls that share the half of a 64-bit draw", () => {
    const generator = random();
    const first = [generator.integer(10), generator.integer(10), generator.integer(10)];
    const double = generator.double();
    const second = [generator.integer(10), generator.integer(10)];
    const permutation = [...generator.permutation(7)];
    expect({ first, double, second, permutation, uniform: generator.uniform(-2, 5) }).toEqual(expected.mixed);
  });
});

describe("Random", () => {
  it("stays with numpy over 100,000 draws, rejected ones included", () => {
    const doubles = new Random(42);
    expect(digest(Float64Array.from({ length: 100_000 }, () => doubles.double()))).toBe(golden.long.doubles100000);
    expect(digest(new Random(42).indices(3 * 2 ** 30, 100_000))).toBe(golden.long.integers100000);
    expect(digest(new Random(42).permutation(100_000))).toBe(golden.long.permutation100000);
  });

  it("gives permutations of nothing and of one", () => {
    expect([...new Random(1).permutation(0)]).toEqual([]);
    expect([...new Random(1).permutation(1)]).toEqual([0]);
  });

  it("draws normals with the moments and the tails of the standard normal", () => {
    const generator = new Random(5);
    const drawn = Array.from({ length: 100_000 }, () => generator.normal());
    const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
    const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length;
    const beyond = drawn.filter((x) => Math.abs(x) > 1.959964).length / drawn.length;
    // three standard errors of each: 1/√n, √(2/n), √(.05·.95/n)
    expect(Math.abs(mean)).toBeLessThan(0.0095);
    expect(Math.abs(variance - 1)).toBeLessThan(0.0135);
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.0021);
  });

  it.each([[-1], [1.5], [Number.NaN], [2 ** 53], [[1, -2]]])("refuses the seed %j", (seed) => {
    expect(() => new Random(seed)).toThrow(/The seed .* cannot be used: give a whole number/);
  });

  it.each([0, -1, 2.5, 2 ** 32 + 1])("refuses to draw below %d", (bound) => {
    expect(() => new Random(1).integer(bound)).toThrow(RangeError);
  });
});
