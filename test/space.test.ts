import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSpace, readSpace, type Settings, trialsOf } from "movie-revenue/training/space";
import { describe, expect, it, test } from "vitest";
import { tempFolder } from "./fixtures.ts";

const rate = "training.learningRate";
const random = (settings: object, seed = 7) => parseSpace({ method: "random", seed, settings });
const valuesOf = (trials: Settings[]) => trials.map((settings) => Object.values(settings));

describe("a grid", () => {
  it("is every combination in the order stated, the last setting changing fastest", () => {
    const settings = { [rate]: [3e-4, 1e-4], "training.batchSize": [32], "model.dropout": [[0], [0.5]] };
    const trials = trialsOf(parseSpace({ method: "grid", settings }));
    expect(Object.keys(trials[0]!)).toEqual([rate, "training.batchSize", "model.dropout"]);
    expect(valuesOf(trials)).toEqual([
      [3e-4, 32, [0]],
      [3e-4, 32, [0.5]],
      [1e-4, 32, [0]],
      [1e-4, 32, [0.5]],
    ]);
  });

  it("takes lists of names too", () => {
    const settings = { "model.beside": [[], ["efficientnet-lite1", "efficientnet-lite2"]] };
    expect(valuesOf(trialsOf(parseSpace({ method: "grid", settings })))).toEqual([
      [[]],
      [["efficientnet-lite1", "efficientnet-lite2"]],
    ]);
  });

  it("takes no number of trials", () => {
    const space = parseSpace({ method: "grid", settings: { [rate]: [1] } });
    expect(() => trialsOf(space, 3)).toThrow("A grid tries every combination: leave --trials out.");
  });

  it("too large to wait for is refused before it is made", () => {
    const list = Array.from({ length: 100 }, (_, i) => i + 1);
    const settings = Object.fromEntries("abcdefgh".split("").map((key) => [key, list]));
    expect(() => trialsOf(parseSpace({ method: "grid", settings }))).toThrow("more than the 10000");
  });
});

describe("random trials", () => {
  const ranges = {
    [rate]: { low: 1e-5, high: 1e-3, scale: "log" },
    "training.averaging": { low: 0, high: 0.9, scale: "linear" },
    "training.plateau.patience": { low: 0, high: 3, scale: "linear", integer: true },
    "training.batchSize": { low: 8, high: 64, scale: "log", integer: true },
  };

  it("are drawn from numpy's generator of [seed, trial]", () => {
    // u = numpy.random.default_rng([7, trial]).random(4), trial from 1, then by hand to four digits:
    // .00001 · 100^u, .9 u, ⌊4 u⌋, ⌊8 · (65 / 8)^u⌋; trial 1 has u = .77014, .11193, .18910, .15996
    expect(valuesOf(trialsOf(random(ranges), 3))).toEqual([
      [0.000347, 0.1007, 0, 11],
      [0.00003597, 0.4006, 3, 33],
      [0.0008914, 0.7961, 0, 37],
    ]);
  });

  it("are the same however many are asked for, and others with another seed", () => {
    const many = trialsOf(random(ranges), 40);
    expect(trialsOf(random(ranges), 15)).toEqual(many.slice(0, 15));
    expect(trialsOf(random(ranges, 8), 40)).not.toEqual(many);
  });

  it("are never alike: settings that an earlier trial has are drawn again", () => {
    // default_rng([7, trial]).integers(0, 3): trial 1 draws 2; trial 2 draws 0; trial 3 draws 2, 2, 1
    expect(valuesOf(trialsOf(random({ [rate]: [1, 2, 3] }), 3))).toEqual([[3], [1], [2]]);
    expect(() => trialsOf(random({ [rate]: [1, 2, 3] }), 4)).toThrow(
      "The space holds too few combinations for 4 different trials: ask for fewer --trials.",
    );
  });

  it("reach both ends of whole numbers, and stay within narrow ranges", () => {
    const whole = random({ a: { low: 2, high: 5, scale: "log", integer: true } });
    expect(valuesOf(trialsOf(whole, 4)).flat().sort()).toEqual([2, 3, 4, 5]);
    const narrow = random({ a: { low: 0.123456, high: 0.123459, scale: "linear" } });
    const drawn = valuesOf(trialsOf(narrow, 50)).flat() as number[];
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.123456);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(0.123459);
    expect(new Set(drawn).size).toBe(50);
  });

  it("fill a log scale evenly by decades", () => {
    const drawn = valuesOf(trialsOf(random({ a: { low: 1e-4, high: 1, scale: "log" } }), 2000)).flat() as number[];
    const decades = [0, 0, 0, 0];
    for (const value of drawn) decades[Math.min(3, Math.floor(Math.log10(value) + 4))]!++;
    // 500 each, standard deviation √(2000 · .25 · .75) = 19.4: four of them
    for (const count of decades) expect(Math.abs(count - 500)).toBeLessThan(78);
  });

  it("are as many as the space says, or the caller, and one of them must", () => {
    const space = parseSpace({ method: "random", trials: 2, settings: ranges });
    expect([trialsOf(space).length, trialsOf(space, 5).length]).toEqual([2, 5]);
    expect(() => trialsOf(random(ranges))).toThrow('give --trials, or "trials" in the space');
    expect(() => trialsOf(random(ranges), 20_000)).toThrow("20000 trials are more than the 10000");
  });
});

describe("a space that cannot be searched is refused in one sentence:", () => {
  const range = { low: 1, high: 2, scale: "linear" };
  test.each([
    [[], "bad.json: expected object, received array."],
    [{ method: "bayes", settings: {} }, 'bad.json: method: must be "grid" or "random".'],
    [{ method: "grid", settings: {}, tirals: 3 }, 'bad.json: Unrecognized key: "tirals".'],
    [{ method: "grid", settings: {} }, "bad.json: settings is empty"],
    [{ method: "grid", trials: 3, settings: { [rate]: [1] } }, "bad.json: a grid tries every combination"],
    [{ method: "grid", settings: { [rate]: range } }, `bad.json: ${rate} is a range, and a grid takes lists`],
    [{ method: "random", trials: 0, settings: { [rate]: [1] } }, "bad.json: trials: "],
    [{ method: "random", seed: -1, settings: { [rate]: [1] } }, "bad.json: seed: "],
    [{ method: "random", settings: { [rate]: 3 } }, `bad.json: settings.${rate}: must be a list of values, or {`],
    [{ method: "random", settings: { [rate]: [] } }, `bad.json: settings.${rate}: must list at least one value.`],
    [{ method: "random", settings: { [rate]: [null] } }, `bad.json: settings.${rate}: must be a list of values, or {`],
    [{ method: "random", settings: { [rate]: { ...range, step: 1 } } }, `settings.${rate}: Unrecognized key: "step".`],
    [{ method: "random", settings: { [rate]: { low: 1, high: 2 } } }, `bad.json: settings.${rate}: must be a list`],
    [{ method: "random", settings: { [rate]: [1, 2, 1] } }, `bad.json: ${rate} lists 1 twice.`],
    [{ method: "random", settings: { [rate]: { ...range, low: 2 } } }, "must have low below high, not 2 and 2"],
    [{ method: "random", settings: { [rate]: { ...range, low: 0, scale: "log" } } }, "so low must be above 0, not 0"],
    [{ method: "random", settings: { [rate]: { ...range, high: 2.5, integer: true } } }, "whole numbers as ends"],
    [{ method: "grid", settings: { "split.seed": [1, 2] } }, "split.seed cannot be searched: only trials of the same"],
  ])("%j", (space, sentence) => {
    expect(() => parseSpace(space, "bad.json")).toThrow(sentence);
  });

  it("a file that is missing or no JSON", async () => {
    const path = join(await tempFolder(), "space.json");
    await expect(readSpace(path)).rejects.toThrow(`There is no file ${path}.`);
    await writeFile(path, "{ method: grid }");
    await expect(readSpace(path)).rejects.toThrow(`${path} is not valid JSON`);
  });
});
