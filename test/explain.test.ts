import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { Film } from "movie-revenue/catalogue/film";
import { makeConfig } from "movie-revenue/config";
import { loadEngine } from "movie-revenue/engine";
import {
  associations,
  averageHeat,
  explainPoster,
  type FeatureModel,
  fusedModel,
  gradCam,
  type Heat,
  headModel,
  kernelModel,
  type Looker,
  lookOf,
  mirrored,
  occlusion,
  type Picture,
  posterGradCam,
  regrid,
} from "movie-revenue/evaluation/explain";
import {
  averageExplanations,
  chanceAgreement,
  type ExplainOptions,
  explainFolder,
  explainPosters,
  meanAgreement,
} from "movie-revenue/explain";
import { describeArchitecture } from "movie-revenue/model/architecture";
import { architectureNamed, frozenBackbone } from "movie-revenue/model/backbone";
import { fitFused } from "movie-revenue/model/fused";
import { fitPosterKernel, savePosterKernel } from "movie-revenue/model/poster-kernel";
import { readSafetensors, type Weights, writeSafetensors } from "movie-revenue/model/safetensors";
import { predict } from "movie-revenue/predict";
import type { Progress } from "movie-revenue/progress";
import { Random } from "movie-revenue/random";
import { writeJson } from "movie-revenue/system/files";
import { lossOf } from "movie-revenue/training/losses";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg, png } from "./fixtures.ts";
import { handmadeRun, unknownFilm } from "./runs.ts";
import { workplace } from "./workplace.ts";

let folder: string;
beforeAll(async () => {
  ({ folder } = await workplace());
  await loadEngine();
});

const heat = (columns: number, values: number[]): Heat => ({
  ...{ columns, rows: values.length / columns },
  values: Float32Array.from(values),
});
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);

/** Central differences of a model's prediction by each feature. */
function differences(model: FeatureModel, features: Float32Array, step: number): number[] {
  const at = (i: number, by: number) => {
    const data = features.slice();
    data[i] = data[i]! + by;
    return model.predict({ rows: 1, columns: data.length, data })[0]!;
  };
  return Array.from(features, (_, i) => (at(i, step) - at(i, -step)) / (2 * step));
}

describe("regrid", () => {
  it("deals each place out by area and keeps the sum", () => {
    // of two places over three cells, each gives two thirds to its own cell and one third to the middle
    expect([...regrid(heat(2, [6, 12]), 3, 1).values]).toEqual([4, 6, 8]);
    expect([...regrid(heat(2, [1, 2, 3, 4]), 1, 2).values]).toEqual([3, 7]);
    expect(sum(regrid(heat(7, new Array(49).fill(1)), 6, 8).values)).toBeCloseTo(49, 4);
  });

  it("turns left for right in each row", () => {
    expect([...mirrored(heat(3, [1, 2, 3, 4, 5, 6])).values]).toEqual([3, 2, 1, 6, 5, 4]);
  });
});

describe("occlusion", () => {
  // 4 × 2 pixels, the left half 100, the right 0: the mean is 50
  const half: Picture = {
    width: 4,
    height: 2,
    pixels: Uint8Array.from({ length: 24 }, (_, i) => (i % 12 < 6 ? 100 : 0)),
  };
  const brightness = (pictures: readonly Uint8Array[]) => pictures.map((pixels) => sum(pixels) / pixels.length);

  it("is the prediction less that with the patch covered, however patches are batched", async () => {
    // covered left: (50 + 0) / 2 = 25, covered right: (100 + 50) / 2 = 75
    for (const batchSize of [1, 2, 16]) {
      const found = await occlusion(half, brightness, { columns: 2, rows: 1, batchSize });
      expect(found).toEqual({ predicted: 50, heat: heat(2, [25, -25]) });
    }
  });

  it("covers with what the poster shows when blurred, if so asked", async () => {
    // reduced by a triangle that reaches over the middle, the halves are no longer 100 and 0 but nearer to each other than the mean,
    // 50, would bring them: covering the left takes light away, covering the right adds as much, both less than above
    const { heat: found } = await occlusion(half, brightness, { columns: 2, rows: 1, fill: "blur" });
    expect(found.values[0]).toBeGreaterThan(0);
    expect(found.values[0]).toBeLessThan(25);
    expect(found.values[1]).toBeCloseTo(-found.values[0]!, 0);
  });

  it("refuses a grid that the poster has no pixels for, and stops when interrupted", async () => {
    await expect(occlusion(half, brightness, { columns: 5, rows: 1 })).rejects.toThrow(
      "A poster of 4 × 2 pixels has no grid of 5 × 1 patches: give whole numbers from 1.",
    );
    await expect(occlusion(half, brightness, { columns: 2, rows: 1, signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe("gradients by the features", () => {
  it("of a head are the weights along its living units", () => {
    const head: Weights = {
      "head.0.weight": { shape: [2, 2], data: Float32Array.of(1, 2, -1, 0) },
      "head.0.bias": { shape: [2], data: Float32Array.of(0, 0.5) },
      "head.1.weight": { shape: [1, 2], data: Float32Array.of(3, 5) },
      "head.1.bias": { shape: [1], data: Float32Array.of(7) },
    };
    // units 1 + 2 = 3 and −1 + 0.5 < 0: the second is off, so ŷ = 3 · 3 + 7 and the gradient 3 · [1, 2]
    const model = headModel(head);
    expect(model.predict({ rows: 1, columns: 2, data: Float32Array.of(1, 1) })[0]).toBe(16);
    expect([...model.gradient(Float32Array.of(1, 1))]).toEqual([3, 6]);
  });

  const [films, columns] = [24, 5];
  const random = new Random(3);
  const posters = {
    ...{ rows: films, columns },
    data: Float32Array.from({ length: films * columns }, () => random.uniform(-1, 2)),
  };
  const targets = Float32Array.from({ length: films }, () => random.uniform(7, 9));
  const one = Float32Array.from({ length: columns }, () => random.uniform(-1, 2));

  it("of a head of several outputs are those of the number that it predicts", () => {
    const head = {
      "head.0.weight": { shape: [2, 3], data: new Float32Array([1, -2, 0.5, 100, 100, 100]) },
      "head.0.bias": { shape: [2], data: new Float32Array([7, 0]) },
    };
    const model = headModel(head, lossOf({ name: "gaussian" }).predict);
    // a mean and the logarithm of a variance
    expect([...model.gradient(new Float32Array([1, 1, 1]))]).toEqual([1, -2, 0.5]);
    const features = { rows: 1, columns: 3, data: new Float32Array([1, 1, 1]) };
    expect([...Array.from(model.predict(features))]).toEqual([6.5]);
  });

  it("of a kernel are its slopes", () => {
    const model = kernelModel(fitPosterKernel({ features: posters }, targets, { gamma: 0.8, noise: 0.5 }));
    const [found, expected] = [model.gradient(one), differences(model, one, 0.01)];
    expected.forEach((slope, i) => {
      expect(found[i]).toBeCloseTo(slope, 3);
    });
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.02);
  });

  it("of a fused model are those of its poster alone", () => {
    const facts: Film[] = Array.from(targets, (target, i) => ({
      ...{ ...unknownFilm, id: i + 1, title: `Film ${i}`, revenue: 10 ** target },
      ...{ year: 1990 + i, budget: i % 3 ? 1e6 * (i + 1) : null },
    }));
    const model = fusedModel(fitFused({ films: facts, posters }, { seeds: 1 }), facts[3]!);
    const [found, expected] = [model.gradient(one), differences(model, one, 0.01)];
    expected.forEach((slope, i) => {
      expect(found[i]).toBeCloseTo(slope, 4);
    });
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.002);
    const factsAlone = fusedModel(fitFused({ films: facts, posters }, { seeds: 1, poster: false }), facts[3]!);
    expect([...factsAlone.gradient(one)]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("gradCam", () => {
  it("of a map that a head attends to is each place's gradient · features", () => {
    // two places of two channels
    const map = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
    const { columns, rows, values } = gradCam({ last: map }, new Float32Array([10, 1, 0.5, -1]), "attention");
    expect([columns, rows, ...values]).toEqual([2, 1, 12, -2.5]);
  });

  it("of mean features is each place's share of gradient · features", () => {
    const map = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
    // (10 · 1 + 1 · 2) / 2 and (10 · 3 + 1 · 4) / 2; the means are 2 and 3, and 10 · 2 + 1 · 3 = 23
    expect([...gradCam({ body: map }, Float32Array.of(10, 1), "mean").values]).toEqual([6, 17]);
    map.dispose();
  });

  it("of means and deviations is so too, over every stage, on the grid of the last", () => {
    const maps = { one: tf.tensor4d([1, 3], [1, 1, 2, 1]), two: tf.tensor4d([5], [1, 1, 1, 1]) };
    // stage one has mean 2 and deviation 1: (10 − 4) · 1 / 2 + (10 + 4) · 3 / 2 = 24 = 10 · 2 + 4 · 1; stage two 3 · 5, its
    // deviation is 0 and so is its slope
    const gradient = Float32Array.of(10, 3, 4, 100);
    expect(gradCam(maps, gradient, "statistics")).toEqual(heat(1, [39]));
    const first = { one: maps.one };
    expect([...gradCam(first, Float32Array.of(10, 4), "statistics").values]).toEqual([3, 21]);
    tf.dispose(maps);
  });
});

describe("a planted cause", () => {
  const SIDE = 16;
  // one channel: the mean of red, green and blue, from (value − 127) / 128 on, so that all below 127 is 0
  const architecture = describeArchitecture({
    ...{ name: "light", epsilon: 0, momentum: 0.1 },
    layers: [
      {
        name: "body",
        blocks: [
          {
            units: [
              {
                ...{ convolution: "conv", norm: "norm", inputs: 3, outputs: 1, depthwise: false, kernel: 1, stride: 1 },
                ...{ padding: "same", activation: "relu" },
              },
            ],
          },
        ],
      },
    ],
  });
  const weights: Weights = {
    "conv.weight": { shape: [1, 3, 1, 1], data: Float32Array.of(1 / 3, 1 / 3, 1 / 3) },
    "norm.weight": { shape: [1], data: Float32Array.of(1) },
    "norm.bias": { shape: [1], data: Float32Array.of(0) },
    "norm.running_mean": { shape: [1], data: Float32Array.of(0) },
    "norm.running_var": { shape: [1], data: Float32Array.of(1) },
  };
  const lookerOf = (pooling: "mean" | "statistics", mirror: boolean): Looker => {
    const frozen = architecture.freeze(weights);
    const view = { width: SIDE, height: SIDE, scaling: "symmetric", pooling, mirror } as const;
    return { architecture, frozen, backbone: frozenBackbone(architecture, frozen, { hash: "", view }) };
  };
  /** Black, with a square of that light in the top right corner, a sixteenth of the poster. */
  const square = (light: number): Picture => ({
    ...{ width: SIDE, height: SIDE },
    pixels: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
      return x >= 12 && y < 4 ? light : 0;
    }),
  });
  const grid = { columns: 4, rows: 4 };
  const corner = 3;

  it("is found by both methods, by as much as it counts", async () => {
    for (const mirror of [false, true]) {
      const looker = lookerOf("mean", mirror);
      const head: Weights = {
        "head.0.weight": { shape: [1, 1], data: Float32Array.of(2) },
        "head.0.bias": { shape: [1], data: Float32Array.of(7) },
      };
      const found = await explainPoster(square(255), [looker], headModel(head), grid);
      // the square is 1 on a sixteenth of the places, so the feature is 1/16 and ŷ = 7 + 2/16; the poster's mean colour, 16,
      // covers the square with 0 and everything else with what it is
      const expected = Array.from({ length: 16 }, (_, i) => (i === corner ? 0.125 : 0));
      expect(found.log10).toBeCloseTo(7.125, 5);
      expected.forEach((value, i) => {
        expect(regrid(found.gradCam, 4, 4).values[i]).toBeCloseTo(value, 5);
        expect(found.occlusion.values[i]).toBeCloseTo(value, 5);
      });
      expect(found.agreement).toBeCloseTo(1, 10);
      looker.backbone.dispose();
    }
  });

  it("is found in a kernel of means and deviations, learnt from posters", async () => {
    const looker = lookerOf("statistics", true);
    const lights = Array.from({ length: 12 }, (_, i) => 140 + 10 * i);
    // the light of a square of a sixteenth: mean a/16, deviation a · √(1/16 − 1/256)
    const features = lights.flatMap((light) => {
      const a = (light - 127) / 128;
      return [a / 16, a * Math.sqrt(15 / 256)];
    });
    const rows = { rows: lights.length, columns: 2, data: Float32Array.from(features) };
    const targets = Float32Array.from(lights, (light) => 7 + light / 255);
    const model = kernelModel(fitPosterKernel({ features: rows }, targets, { gamma: 0.5, noise: 0.01 }));
    const found = await explainPoster(square(240), [looker], model, grid);
    expect(found.log10).toBeCloseTo(7 + 240 / 255, 1);
    const cells = { gradCam: regrid(found.gradCam, 4, 4).values, occlusion: found.occlusion.values };
    for (const values of Object.values(cells)) {
      expect(values.indexOf(Math.max(...values))).toBe(corner);
      expect(values[corner]).toBeGreaterThan(0.1);
      expect(Math.max(...values.filter((_, i) => i !== corner))).toBeLessThan(0.01);
    }
    looker.backbone.dispose();
  });

  it("is what all networks add that look at it", async () => {
    const lookers = [lookerOf("mean", false), lookerOf("mean", true)];
    const head: Weights = {
      "head.0.weight": { shape: [1, 2], data: Float32Array.of(2, 3) },
      "head.0.bias": { shape: [1], data: Float32Array.of(7) },
    };
    const found = await explainPoster(square(255), lookers, headModel(head), grid);
    // ŷ = 7 + 2/16 + 3/16
    const expected = Array.from({ length: 16 }, (_, i) => (i === corner ? 0.3125 : 0));
    expect(found.log10).toBeCloseTo(7.3125, 5);
    expected.forEach((value, i) => {
      expect(regrid(found.gradCam, 4, 4).values[i]).toBeCloseTo(value, 5);
      expect(found.occlusion.values[i]).toBeCloseTo(value, 5);
    });
    for (const { backbone } of lookers) backbone.dispose();
  });

  it("leaves no tensor behind", () => {
    const lookers = [lookerOf("statistics", true), lookerOf("mean", false)];
    const model: FeatureModel = { predict: () => [7], gradient: (features) => features.map(() => 1) };
    posterGradCam(square(200), lookers, model);
    const before = tf.memory().numTensors;
    posterGradCam(square(220), lookers, model);
    expect(tf.memory().numTensors).toBe(before);
    for (const { backbone } of lookers) backbone.dispose();
  });
});

describe("chanceAgreement", () => {
  it("compares each poster with the others alone", () => {
    const up = { gradCam: heat(3, [1, 2, 3]), occlusion: heat(3, [1, 2, 3]) };
    const down = { gradCam: heat(3, [3, 2, 1]), occlusion: heat(3, [3, 2, 1]) };
    // each agrees with itself, and is the other's opposite
    expect(chanceAgreement([up, down])).toBeCloseTo(-1, 10);
    expect(chanceAgreement([up])).toBeNull();
  });
});

describe("averageHeat", () => {
  it("is the mean of each cell, with intervals from ten posters on", () => {
    const three = averageHeat([heat(2, [1, 0]), heat(2, [2, 3]), heat(2, [6, 0])]);
    expect(three).toEqual({
      ...{ n: 3, columns: 2, rows: 1 },
      cells: [
        { mean: 3, ci95: null },
        { mean: 1, ci95: null },
      ],
    });
    // a cell that is the same on every poster has an interval without width; one of ±1 in equal numbers holds 0
    const many = averageHeat(
      Array.from({ length: 40 }, (_, i) => heat(2, [0.5, i % 2 ? 1 : -1])),
      { samples: 200 },
    );
    expect(many.cells[0]).toEqual({ mean: 0.5, ci95: [0.5, 0.5] });
    const [low, high] = many.cells[1]!.ci95!;
    // a mean of 40 signs deviates by 1/√40 = .158, and ±1.96 of that is ±.31
    expect(low).toBeGreaterThan(-0.45);
    expect(low).toBeLessThan(-0.18);
    expect(high).toBeGreaterThan(0.18);
    expect(high).toBeLessThan(0.45);
  });

  it("refuses no posters, and different grids", () => {
    expect(() => averageHeat([])).toThrow("There is no poster to average");
    expect(() => averageHeat([heat(2, [1, 2]), heat(1, [1, 2])])).toThrow("different grids");
  });
});

describe("looks", () => {
  it("are measured as they are named", () => {
    // 8 × 12, black but for a red upper half
    const pixels = Uint8Array.from({ length: 8 * 12 * 3 }, (_, i) => (i < 8 * 6 * 3 && i % 3 === 0 ? 255 : 0));
    const look = lookOf({ pixels, width: 8, height: 12 });
    expect(look["warmth (red less blue)"]).toBeCloseTo(0.5, 6);
    expect(look["green less red and blue"]).toBeCloseTo(-0.25, 6);
    expect(look["share of near-black"]).toBeCloseTo(0.5, 6);
    expect(look["share of near-white"]).toBe(0);
    expect(look.brightness).toBeCloseTo(0.299 / 2, 6);
    // the middle, rows 2 to 5 of 6, is half red as well
    expect(look["light of the middle less the whole"]).toBeCloseTo(0, 6);
    // the one row of edges, where red ends, is the first of the fourth row of cells: half of that, a quarter of the middle third
    expect(look["edges, middle third"]).toBeCloseTo(0.25, 6);
    expect(look["edges, top third"]).toBe(0);
  });

  it("go with predictions by rank, the strongest first", () => {
    const looks = Array.from({ length: 12 }, (_, i) => ({ flat: 1, rising: i ** 3, falling: i < 11 ? -i : 5 }));
    const numbers = looks.map((_, i) => 7 + i);
    const found = associations(looks, numbers, { samples: 100 });
    expect(found.map(({ look }) => look)).toEqual(["rising", "falling", "flat"]);
    expect(found[0]).toEqual({ look: "rising", correlation: 1, ci95: [1, 1] });
    // ranks 11 … 1, 12: Σd² = Σ (2i − 10)² over i of 0 to 10, = 440; 1 − 6 · 440 / (12 · 143) = −.538
    expect(found[1]!.correlation).toBeCloseTo(1 - (6 * 440) / (12 * 143), 10);
    expect(found[2]).toEqual({ look: "flat", correlation: null, ci95: null });
    expect(associations(looks.slice(0, 9), numbers.slice(0, 9))[0]!.ci95).toBeNull();
  });
});

describe("explainPosters", () => {
  let posters: string;
  beforeAll(async () => {
    await handmadeRun("run");
    posters = join(folder, "posters");
    await mkdir(posters);
    await writeFile(join(posters, "a.jpg"), await jpeg({ seed: 1 }));
    await writeFile(join(posters, "b.png"), await png({ seed: 5, width: 6, height: 4 }));
    await writeFile(join(posters, "c.jpg"), await jpeg({ color: [250, 20, 40] }));
    await writeFile(join(posters, "d.jpg"), "no picture");
  });
  const small = { columns: 3, rows: 2 };
  const explain = async (name: string, directory: string, options: ExplainOptions) =>
    (await explainFolder(name, directory, options)).explanations;

  it("explains what the run predicts: the heat of a linear head sums to it", async () => {
    const heard: Progress[] = [];
    const explained = await explain("run", posters, { ...small, onProgress: (step) => heard.push(step) });
    expect(explained.map(({ file, title }) => [file, title])).toEqual([
      ["a.jpg", "a"],
      ["b.png", "b"],
      ["c.jpg", "c"],
    ]);
    const { ranked } = await predict("run", posters);
    for (const { file, predicted, gradCam, occlusion, picture } of explained) {
      expect(predicted / ranked.find((other) => other.file === file)!.predicted).toBeCloseTo(1, 4);
      // ŷ = 7 + the mean of the features, so gradient · features is ŷ − 7
      expect(sum(gradCam.values)).toBeCloseTo(Math.log10(predicted) - 7, 4);
      expect([gradCam.columns, gradCam.rows, occlusion.columns, occlusion.rows]).toEqual([7, 7, 3, 2]);
      expect(picture.pixels.length).toBe(224 * 224 * 3);
    }
    const ended = heard.filter(({ done, total, task }) => done === total && task.startsWith("explaining"));
    expect(ended.map(({ task, unit }) => [task, unit])).toEqual([
      ["explaining posters", "posters"],
      ["explaining by an unlearnt model", "posters"],
    ]);
    // of one plain colour, covering it with its mean changes next to nothing
    expect(Math.max(...explained[2]!.occlusion.values.map(Math.abs))).toBeLessThan(1e-3);
    expect(meanAgreement([{ agreement: 0.5 }, { agreement: null }, { agreement: 0 }])).toBe(0.25);
    expect(meanAgreement([{ agreement: null }])).toBeNull();
    const { place, looks } = averageExplanations(explained);
    expect([place.n, place.cells.length, looks.length]).toEqual([3, 6, 12]);
  });

  it.each([
    ["scale", "scales", "model.scales=[1,2]"],
    ["network", "networks", 'model.beside=["efficientnet-lite1"]'],
  ])("explains by every %s that a run looks with", async (_, name, two) => {
    const run = await handmadeRun(name);
    const set = [two, "model.hidden=[1]", "model.dropout=[0]"];
    await writeJson(run.file("config.json"), makeConfig({ set }));
    const tensor = (shape: number[], value: number) => {
      return { shape, data: new Float32Array(shape.reduce((size, side) => size * side)).fill(value) };
    };
    await writeSafetensors(run.file("best.safetensors"), {
      ...{ "head.0.weight": tensor([1, 2560], 1 / 2560), "head.0.bias": tensor([1], 0) },
      ...{ "head.1.weight": tensor([1, 1], 1), "head.1.bias": tensor([1], 7) },
    });
    const [first] = await explain(name, posters, { ...small, limit: 1 });
    const { ranked } = await predict(name, posters);
    expect(first!.predicted / ranked.find(({ file }) => file === "a.jpg")!.predicted).toBeCloseTo(1, 4);
    // of the larger picture's 7 × 7 places
    expect([first!.gradCam.columns, first!.gradCam.rows]).toEqual([7, 7]);
    expect(sum(first!.gradCam.values)).toBeCloseTo(Math.log10(first!.predicted) - 7, 4);
  });

  it("takes films from the pixel cache, as many as asked for", async () => {
    const [first] = await explain("run", posters, { ...small, limit: 1 });
    const { readPosters } = await import("movie-revenue/predict");
    const { posters: shas } = await readPosters(posters, ["a.jpg", "c.jpg"], { size: { width: 224, height: 224 } });
    const films = [...shas].map(([file, sha256], i) => {
      return { file, title: `Film ${i}`, subject: { ...unknownFilm, sha256 } };
    });
    expect(await explainPosters("run", films, { ...small, limit: 1 })).toEqual([{ ...first!, title: "Film 0" }]);
  });

  it("shows another picture of a model that has learnt nothing (Adebayo et al. 2018)", async () => {
    const patterned = join(folder, "patterned");
    await mkdir(patterned);
    for (const seed of [1, 2, 3]) {
      await writeFile(join(patterned, `${seed}.png`), await png({ seed: seed * 7919, width: 4, height: 6 }));
    }
    // of one unit the unlearnt head would be off, or not, by chance: this run has eight, that learnt the same
    const wide = await handmadeRun("wide");
    await writeJson(wide.file("config.json"), makeConfig({ set: ["model.hidden=[8]", "model.dropout=[0]"] }));
    await writeSafetensors(wide.file("best.safetensors"), {
      "head.0.weight": { shape: [8, 1280], data: new Float32Array(8 * 1280).fill(1 / 1280) },
      "head.0.bias": { shape: [8], data: new Float32Array(8) },
      "head.1.weight": { shape: [1, 8], data: new Float32Array(8).fill(1 / 8) },
      "head.1.bias": { shape: [1], data: Float32Array.of(7) },
    });
    const { gradCam, occlusion } = (await explainFolder("wide", patterned, { columns: 4, rows: 4, randomised: 2 }))
      .sanity;
    expect([gradCam, occlusion]).not.toContain(null);
    expect(Math.abs(gradCam!)).toBeLessThan(0.5);
    expect(Math.abs(occlusion!)).toBeLessThan(0.5);
  });

  it("explains a kernel, and a backbone that the run trained, as they predict", async () => {
    const kernel = await handmadeRun("kernel");
    await writeJson(kernel.file("config.json"), makeConfig({ set: ["model.kind=kernel"] }));
    const random = new Random(4);
    const rows = { rows: 6, columns: 1280, data: Float32Array.from({ length: 6 * 1280 }, () => random.uniform(0, 1)) };
    const fitted = fitPosterKernel({ features: rows }, [7, 8, 7.5, 9, 8.2, 7.1], { gamma: 0.01, noise: 0.5 });
    await savePosterKernel(kernel.file("best.safetensors"), fitted);

    const trained = await handmadeRun("trained");
    const set = ["model.hidden=[1]", "model.dropout=[0]", "training.freeze=none"];
    await writeJson(trained.file("config.json"), makeConfig({ set }));
    await expect(explain("trained", posters, small)).rejects.toThrow("holds no backbone, though the run trained one");
    const { tensors: head } = await readSafetensors(trained.file("best.safetensors"));
    const own = Object.entries(architectureNamed("efficientnet-lite0").initialise(9));
    const backbone = Object.fromEntries(own.map(([name, weight]) => [`backbone.${name}`, weight]));
    await writeSafetensors(trained.file("best.safetensors"), { ...head, ...backbone });

    for (const name of ["kernel", "trained"]) {
      const { ranked } = await predict(name, posters);
      const [first] = await explain(name, posters, { ...small, limit: 1 });
      expect(first!.predicted / ranked.find(({ file }) => file === "a.jpg")!.predicted).toBeCloseTo(1, 3);
      expect(new Set(first!.gradCam.values).size).toBeGreaterThan(10);
    }
  });

  it("says what is wrong, and stops when interrupted", async () => {
    await expect(explain("none", posters, small)).rejects.toThrow('The run "none" does not exist');
    await expect(explain("run", join(folder, "nowhere"), small)).rejects.toThrow("There is no folder");
    await expect(explain("run", posters, { ...small, signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
