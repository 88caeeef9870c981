import { loadEngine } from "movie-revenue/engine";
import { type DropoutShape, type DropoutStep, dropoutOf } from "movie-revenue/model/dropout";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await loadEngine();
});

/** The masks of one step, as numbers. */
function masksOf(shape: DropoutShape, { seed, ...step }: DropoutStep & { seed: number }): number[][] {
  return dropoutOf(shape, seed)(step).map((mask) => [...mask.dataSync()]);
}

describe("dropout", () => {
  const masks = (seed: number, step: number) =>
    masksOf({ hidden: [1000, 8], dropout: [0.25, 0] }, { batch: 40, seed, step });

  it("drops its share of units and scales the others up", () => {
    const [first, second] = masks(1, 0);
    const values = new Map<number, number>();
    for (const value of first!) values.set(value, (values.get(value) ?? 0) + 1);
    expect([...values.keys()].sort()).toEqual([0, Math.fround(1 / 0.75)]);
    // 40,000 draws at .25: five standard deviations are .011
    expect(Math.abs(values.get(0)! / 40_000 - 0.25)).toBeLessThan(0.011);
    expect(new Set(second)).toEqual(new Set([1]));
  });

  it("drops nothing at rate 0 and everything at rate 1", () => {
    const [none, all] = masksOf({ hidden: [3, 3], dropout: [0, 1] }, { batch: 1, seed: 1, step: 0 });
    expect(none).toEqual([1, 1, 1]);
    expect(all).toEqual([0, 0, 0]);
  });

  it("drops every unit equally often, and neighbours independently", () => {
    const width = 64;
    const batch = 16;
    const steps = 400;
    const dropped = new Float64Array(width);
    let pairs = 0;
    for (let step = 0; step < steps; step++) {
      const [values = []] = masksOf({ hidden: [width], dropout: [0.5] }, { batch, seed: 9, step });
      for (let i = 0; i < values.length; i++) {
        if (values[i] !== 0) continue;
        dropped[Math.floor(i / batch)]!++;
        if (i > 0 && values[i - 1] === 0) pairs++;
      }
    }
    const draws = batch * steps;
    // a share of 6,400 draws at .5 has a standard deviation of .00625; the largest of 64 stays within 4.5 of them
    expect(Math.max(...dropped.map((count) => Math.abs(count / draws - 0.5)))).toBeLessThan(0.028);
    // of 409,600 pairs a quarter, within five standard deviations of .0007 (pairs overlap, which adds little)
    expect(Math.abs(pairs / (draws * width) - 0.25)).toBeLessThan(0.0045);
  });

  it("depends on seed, step, layer and part alone, on every engine", () => {
    expect(masks(1, 5)).toEqual(masks(1, 5));
    expect(masks(1, 5)).not.toEqual(masks(1, 6));
    expect(masks(1, 5)).not.toEqual(masks(2, 5));
    const shape = { hidden: [10, 10], dropout: [0.5, 0.5] };
    const step = { batch: 4, seed: 1, step: 0 };
    const [first, second] = masksOf(shape, step);
    expect(first).not.toEqual(second);
    expect(masksOf(shape, { ...step, part: 1 })[0]).not.toEqual(first);
    expect(masksOf(shape, { ...step, part: 1 })).toEqual(masksOf(shape, { ...step, part: 1 }));
    // a smaller batch after a larger one uses part of its memory, and draws as if it were the first
    const make = dropoutOf(shape, 1);
    make({ batch: 4, step: 7 });
    expect(make({ batch: 3, step: 0 }).map((mask) => [...mask.dataSync()])).toEqual(
      masksOf(shape, { ...step, batch: 3 }),
    );
    const kept = masksOf({ hidden: [10], dropout: [0.5] }, { ...step, batch: 1 })[0]!.map((value) => Math.sign(value));
    // what golden/dropout.py prints
    expect(kept.join("")).toBe("0011000101");
  });
});
