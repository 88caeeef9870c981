import { Random } from "movie-revenue/random";
import { balanceWeights, samplerOf } from "movie-revenue/training/balance";
import { describe, expect, it } from "vitest";

/** Eight films in the lower half of the range, two in the upper. */
const targets = [7, 7.1, 7.2, 7.3, 7.4, 7.1, 7.2, 7.3, 8.5, 9];

describe("weights against the unequal spread of revenues", () => {
  it("are one over the films of the bin, one on average", () => {
    // 1/8 eight times and 1/2 twice sum to 2, .2 on average: 1/8/.2 and 1/2/.2
    expect([...balanceWeights(targets, { bins: 2, power: 1 })]).toEqual([...Array(8).fill(0.625), 2.5, 2.5]);
  });

  it("go half of the way by the power of a half, none by 0", () => {
    const [common, rare] = [...balanceWeights(targets, { bins: 2, power: 0.5 })].slice(7, 9);
    // √8 / √2
    expect(rare! / common!).toBeCloseTo(2, 6);
    expect(8 * common! + 2 * rare!).toBeCloseTo(10, 5);
    expect([...balanceWeights(targets, { bins: 2, power: 0 })]).toEqual(Array(10).fill(1));
  });

  it("are all one where all films earned the same", () => {
    expect([...balanceWeights([7, 7, 7], { bins: 5, power: 1 })]).toEqual([1, 1, 1]);
  });
});

describe("the films of an epoch", () => {
  it("come once each, in numpy's order of the seed and the epoch", () => {
    const sampler = samplerOf(targets, { seed: 4 });
    expect(sampler.rows(2)).toEqual(new Random([4, 3, 2]).permutation(10));
    expect(sampler.count(2)).toBe(10);
    expect(sampler.rows(3)).not.toEqual(sampler.rows(2));
  });

  it("are drawn so that every bin comes as often", () => {
    const many = Array.from({ length: 2000 }, (_, i) => (i % 10 === 0 ? 9 : 7));
    const rows = samplerOf(many, { seed: 1, balance: { bins: 2, power: 1 } }).rows(1);
    expect(rows).toHaveLength(2000);
    // 1,000 ± 22 of 2,000, for which 200 films stand; without balance it would be 200
    expect(Math.abs(rows.filter((row) => many[row] === 9).length - 1000)).toBeLessThan(90);
    // and each of a bin as often as the others: every one of the 200 came at least once (e^−5 of them would not)
    expect(new Set(rows.filter((row) => many[row] === 9)).size).toBeGreaterThan(190);
  });

  it("begin with those nearest the mean and grow to all", () => {
    // the mean is 7.61: distances .61 .51 .41 .31 .21 .51 .41 .31 .89 1.39
    const sampler = samplerOf(targets, { seed: 4, curriculum: { start: 0.3, epochs: 2 } });
    expect([1, 2, 3, 4].map(sampler.count)).toEqual([3, 7, 10, 10]);
    expect([...sampler.rows(1)].sort()).toEqual([3, 4, 7]);
    expect([...sampler.rows(2)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([...sampler.rows(3)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("are drawn only from those whose turn has come", () => {
    const options = { seed: 2, curriculum: { start: 0.3, epochs: 2 }, balance: { bins: 2, power: 1 } };
    const rows = samplerOf(targets, options).rows(1);
    expect(rows).toHaveLength(3);
    expect([...rows].every((row) => [3, 4, 7].includes(row))).toBe(true);
  });
});
