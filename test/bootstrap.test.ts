import fc from "fast-check";
import { bootstrap, lossDifference, meanOf, medianOf, wholeSample } from "movie-revenue/evaluation/bootstrap";
import { median } from "movie-revenue/evaluation/quantiles";
import { Random } from "movie-revenue/random";
import { describe, expect, it } from "vitest";

describe("bootstrap", () => {
  it("takes the middle 95 % of what a statistic gives", () => {
    // the statistic counts its calls 0 … 100, whatever the films: of those, 2.5 and 97.5 bound the middle 95 %
    let calls = 0;
    const { call } = bootstrap(3, { call: () => calls++ }, { samples: 101 });
    expect(call![0]).toBeCloseTo(2.5, 12);
    expect(call![1]).toBeCloseTo(97.5, 12);
  });

  it("draws as many films as there are, with repeats, the same for every statistic", () => {
    const seen: Record<string, number[][]> = { a: [], b: [] };
    const keep = (name: string) => (sample: Uint32Array) => seen[name]!.push([...sample]);
    bootstrap(5, { a: keep("a"), b: keep("b") }, { samples: 3, seed: 9 });
    const random = new Random(9);
    expect(seen.a).toEqual([1, 2, 3].map(() => [...random.indices(5, 5)]));
    expect(seen.b).toEqual(seen.a);
  });

  it("leaves undefined resamples out, and says null where there are no others", () => {
    let calls = 0;
    const odd = () => (calls++ % 2 === 1 ? 7 : Number.NaN);
    expect(bootstrap(2, { odd, never: () => Number.NaN }, { samples: 10 })).toEqual({ odd: [7, 7], never: null });
  });

  it("gives a mean's interval the width the normal approximation promises", () => {
    const random = new Random(3);
    const values = Float64Array.from({ length: 1000 }, () => random.normal());
    const [low, high] = bootstrap(1000, { mean: meanOf(values) }).mean!;
    // 2 · 1.96 / √1000 = 0.1240, within sampling error of the deviation (2 %) and of the quantiles (4 %)
    expect(high - low).toBeGreaterThan(0.114);
    expect(high - low).toBeLessThan(0.134);
  });
});

describe("a statistic over a sample", () => {
  const values = Float64Array.of(5, 1, 9, 3);

  it.each([
    // 5, 9 → 7; 1, 1, 9 → 11/3 and 1; 3, 5, 5, 9 → 5.5 and 5
    [[0, 2], 7, 7],
    [[1, 1, 2], 11 / 3, 1],
    [[3, 0, 0, 2], 5.5, 5],
    [[2], 9, 9],
  ])("of films %j: mean %d, median %d", (films, mean, middle) => {
    const sample = Uint32Array.from(films);
    expect(meanOf(values)(sample)).toBeCloseTo(mean, 12);
    expect(medianOf(values)(sample)).toBe(middle);
  });

  it("counting finds the median that sorting finds, repeats and ties included", () => {
    const dollars = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(dollars, fc.nat(), (ties, seed) => {
        const sample = new Random(seed).indices(ties.length, 1 + (seed % 40));
        const drawn = [...sample].map((film) => ties[film]!);
        expect(medianOf(Float64Array.from(ties))(sample)).toBe(median(drawn));
      }),
    );
  });

  it("of every film once is the statistic itself", () => {
    expect([...wholeSample(4)]).toEqual([0, 1, 2, 3]);
    expect(meanOf(values)(wholeSample(4))).toBe(4.5);
    expect(medianOf(values)(wholeSample(4))).toBe(4);
  });
});

describe("lossDifference", () => {
  it("is paired: losses that always differ by the same leave no doubt, however they vary", () => {
    const baseline = Float64Array.of(1, 50, 3, 8, 0.5);
    const { difference, ci95 } = lossDifference(
      baseline.map((loss) => loss - 0.25),
      baseline,
      { samples: 50 },
    );
    expect([difference, ...ci95!]).toEqual([-0.25, -0.25, -0.25]);
  });

  it("holds 0 where model and baseline are equally good", () => {
    const random = new Random(11);
    const noise = () => Float64Array.from({ length: 400 }, () => random.normal() ** 2);
    const { ci95 } = lossDifference(noise(), noise());
    expect(ci95![0]).toBeLessThan(0);
    expect(ci95![1]).toBeGreaterThan(0);
  });
});
