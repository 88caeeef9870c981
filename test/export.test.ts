import { execFile } from "node:child_process";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { exportCommand } from "movie-revenue/commands/export";
import { loadEngine } from "movie-revenue/engine";
import { UsageError, UserError } from "movie-revenue/errors";
import { exportRun } from "movie-revenue/export";
import { writeFeatures } from "movie-revenue/features";
import { defaultWeights } from "movie-revenue/model/backbone";
import { posterTensor } from "movie-revenue/model/features";
import { predictLog10 } from "movie-revenue/model/head";
import { readSafetensors, type Weights, writeSafetensors } from "movie-revenue/model/safetensors";
import { imageFiles, readPosters } from "movie-revenue/predict";
import { pixelCache } from "movie-revenue/prepare";
import { predictFilms } from "movie-revenue/runs/predictor";
import { type Run, trainedRun } from "movie-revenue/runs/run";
import { readJson, writeJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg } from "./fixtures.ts";
import { goldenPath, largestDifference, pattern } from "./golden.ts";
import { runOnnx } from "./onnx-runtime.ts";
import { patternHead, patternWeights } from "./pattern-weights.ts";
import { handmadeRun, unknownFilm } from "./runs.ts";
import { workplace } from "./workplace.ts";

/** Log10 dollars; they agree to about 1e-6. */
const TOLERANCE = 1e-4;

let folder: string;
let images: string;
/** Pixels of two posters, normalised, [2, 224, 224, 3], and their names in the cache. */
let pixels: Float32Array;
let posters: string[];

beforeAll(async () => {
  await loadEngine();
  ({ folder } = await workplace());
  images = join(folder, "images");
  await mkdir(images);
  await writeFile(join(images, "a.jpg"), await jpeg({ seed: 7, width: 185, height: 278 }));
  await writeFile(join(images, "b.jpg"), await jpeg({ color: [200, 90, 10] }));
  posters = [...(await readPosters(images, await imageFiles(images), {})).posters.values()];
  const cache = await pixelCache();
  const batch = await posterTensor(posters, cache);
  pixels = batch.dataSync<"float32">();
  tf.dispose(batch);
  await cache.close();
});

const ownWeights = async () => (await readSafetensors(defaultWeights("efficientnet-lite0"))).tensors;
const fileOf = (name: string) => join(folder, "out", name);

/** A run by hand whose head has the pattern of the golden file, 16 and 8 wide, or other settings. */
async function patternRun(name: string, settings: object = {}, backbone: Weights = {}): Promise<Run> {
  const run = await handmadeRun(name);
  const config = (await readJson(run.file("config.json"))) as { model: object };
  const model = { ...config.model, hidden: [16, 8], dropout: [0, 0], ...settings };
  await writeJson(run.file("config.json"), { ...config, model });
  const named = Object.entries(backbone).map(([tensor, weight]) => [`backbone.${tensor}`, weight]);
  const tensors = { ...patternHead([1280, 16, 8, 1]), ...Object.fromEntries(named) };
  await writeSafetensors(run.file("best.safetensors"), tensors);
  return run;
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => new Error("nothing was thrown"),
    (error: Error) => error,
  );
  expect(thrown).toBeInstanceOf(UserError);
  return thrown.message;
}

describe("export as ONNX", () => {
  it("predicts in onnxruntime what the run predicts, from the same pixels", async () => {
    await patternRun("frozen");
    const out = fileOf("frozen.onnx");
    expect(await exportRun("frozen", out)).toEqual({ format: "onnx", backbone: "efficientnet-lite0" });
    const { name, shape, data } = await runOnnx(await readFile(out), pixels);
    expect([name, shape]).toEqual(["log10_revenue", [2]]);
    const predicted = await predictFilms(
      await trainedRun("frozen"),
      posters.map((sha256) => ({ ...unknownFilm, sha256 })),
    );
    const expected = predicted.map(({ predicted }) => Math.log10(predicted));
    expect(largestDifference(data, expected)).toBeLessThan(TOLERANCE);
    expect(Math.abs(expected[0]! - expected[1]!)).toBeGreaterThan(0.01);
    // and any number of posters
    expect((await runOnnx(await readFile(out), pixels.subarray(0, pixels.length / 2))).shape).toEqual([1]);
  });

  it("says in its metadata how pixels are made and how wide the interval is", async () => {
    await patternRun("told");
    await exportRun("told", fileOf("told.onnx"));
    const text = (await readFile(fileOf("told.onnx"))).toString("latin1");
    // four residuals up to .4: the 80 % interval takes the ⌈5 · .8⌉-th smallest
    const facts = {
      run: "told",
      mean: "0.485,0.456,0.406",
      std: "0.229,0.224,0.225",
      interval_half_width_log10: "0.4",
    };
    // an entry of a map: 10, length, key, 18, length, value
    for (const [key, value] of Object.entries(facts)) {
      const entry = ["\n", String.fromCharCode(key.length), key, "\x12", String.fromCharCode(value.length), value];
      expect(text).toContain(entry.join(""));
    }
  });

  it("takes the backbone that the run trained itself", async () => {
    const own = await ownWeights();
    // the last batch norm without its scale leaves relu6(bias), whatever the picture
    const name = "_bn1.weight";
    const scaleless = { ...own, [name]: { ...own[name]!, data: new Float32Array(1280) } };
    await patternRun("tuned", { weights: "/nowhere/is/not/read.safetensors" }, scaleless);
    await exportRun("tuned", fileOf("tuned.onnx"));
    const { data } = await runOnnx(await readFile(fileOf("tuned.onnx")), pixels);
    const features = own["_bn1.bias"]!.data.map((value) => Math.min(6, Math.max(0, value)));
    const [expected] = predictLog10(patternHead([1280, 16, 8, 1]), features);
    expect(largestDifference(data, [expected!, expected!])).toBeLessThan(TOLERANCE);
  });
});

describe("the scaling that a file names", () => {
  it("is (value − 127) / 128 where the backbone was shown that", async () => {
    await patternRun("symmetric", { scaling: "symmetric" });
    await exportRun("symmetric", fileOf("symmetric.safetensors"));
    const { metadata } = await readSafetensors(fileOf("symmetric.safetensors"));
    const [mean, std] = [metadata.mean, metadata.std].map((text) => Number(text!.split(",")[2]));
    // white, 255, as a value of 1
    expect((1 - mean!) / std!).toBeCloseTo(1, 12);
    expect((0 - mean!) / std!).toBeCloseTo(-127 / 128, 12);
  });
});

describe("export as safetensors", () => {
  it("writes backbone and head under PyTorch's names, value for value", async () => {
    await patternRun("both");
    await exportRun("both", fileOf("both.safetensors"));
    const { tensors, metadata } = await readSafetensors(fileOf("both.safetensors"));
    const backbone = Object.entries(await ownWeights()).map(([name, weight]) => [`backbone.${name}`, weight]);
    const expected = { ...Object.fromEntries(backbone), ...patternHead([1280, 16, 8, 1]) };
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { shape, data }] of Object.entries<Weights[string]>(expected)) {
      expect(tensors[name]!.shape, name).toEqual(shape);
      expect(Buffer.compare(Buffer.from(tensors[name]!.data.buffer), Buffer.from(data.buffer)), name).toBe(0);
    }
    expect(metadata).toMatchObject({ run: "both", backbone: "efficientnet-lite0", size: "224x224" });
  });

  it("gives a file that exports the same again, as the weights of a run", async () => {
    await patternRun("first");
    await exportRun("first", fileOf("first.onnx"));
    await exportRun("first", fileOf("first.safetensors"));
    const second = await patternRun("second");
    await writeFile(second.file("best.safetensors"), await readFile(fileOf("first.safetensors")));
    await exportRun("second", fileOf("second.onnx"));
    const [first, again] = await Promise.all(["first", "second"].map((name) => readFile(fileOf(`${name}.onnx`))));
    expect((await runOnnx(again!, pixels)).data).toEqual((await runOnnx(first!, pixels)).data);
  });
});

describe("what cannot be exported is one sentence", () => {
  const failure = (name: string, out = fileOf("x.onnx")) => messageOf(exportRun(name, out));

  it("a run that is not there, and a file of no known kind", async () => {
    expect(await failure("absent")).toMatch(/^The run "absent" does not exist: train it first/);
    const ending = exportRun("absent", "model.pth");
    await expect(ending).rejects.toThrow(UsageError);
    await expect(ending).rejects.toThrow("model.pth ends neither in .onnx nor in .safetensors: say which by --format.");
  });

  it("weights that are no longer those of the training", async () => {
    const run = await patternRun("changed");
    const manifest = { data: { fingerprint: "f", source: "s", invalid: [] }, engine: { name: "e" }, weights: "0" };
    await writeJson(run.file("manifest.json"), manifest);
    expect(await failure("changed")).toBe(
      `${defaultWeights("efficientnet-lite0")} is not the file that the run "changed" was trained on: put that back, or train again.`,
    );
  });

  it("weights of another backbone, a head of another shape, a file cut off", async () => {
    const weights = join(folder, "other.safetensors");
    await writeSafetensors(weights, patternWeights({ "conv1.weight": [64, 3, 7, 7] }));
    await patternRun("other", { weights });
    expect(await failure("other")).toBe(
      `${weights}: The weights have no tensor "_conv_stem.weight": these are not this model's weights.`,
    );
    const wide = await patternRun("wide", { hidden: [16, 9] });
    expect(await failure("wide")).toBe(
      `${wide.file("best.safetensors")}: The weights' tensor "head.1.weight" has shape [8,16], and the model needs [9,16].`,
    );
    await truncate(wide.file("best.safetensors"), 3000);
    expect(await failure("wide")).toBe(
      `${wide.file("best.safetensors")} is not a sound safetensors file (tensor "head.0.weight" does not fit in the file): make or download it again.`,
    );
  });

  it.each([
    [{ kind: "kernel" }, "its model.kind is kernel"],
    [{ pooling: "statistics" }, "its model.pooling is statistics, not mean"],
    [{ pooling: "attention" }, "its model.pooling is attention, not mean"],
    [{ beside: ["efficientnet-lite1"] }, "its features are those of efficientnet-lite1 too"],
    [{ mirror: true }, "its features are those of the mirror image too"],
    [{ height: 320 }, "its posters are of 224 × 320 pixels"],
  ] as const)("a run that one network from pixels to dollars would misstate: %j", async (settings, why) => {
    await patternRun("other", settings as Parameters<typeof patternRun>[1]);
    expect(await messageOf(exportRun("other", fileOf("other.onnx")))).toBe(
      `The run "other" cannot be written as one network: ${why}. Export another.`,
    );
  });

  it("a random backbone that was not kept, and weights that are not there", async () => {
    await patternRun("random", { weights: "random" });
    expect(await failure("random")).toBe(
      `The run "random" holds no backbone, for its own was random and frozen: export another.`,
    );
    await patternRun("gone", { weights: "/nowhere/gone.safetensors" });
    expect(await failure("gone")).toBe("There is no file /nowhere/gone.safetensors.");
  });

  it("a place that cannot be written", async () => {
    await patternRun("fine");
    expect(await failure("fine", images)).toContain("ends neither");
    const place = join(folder, "folder.onnx");
    await mkdir(place);
    expect(await failure("fine", place)).toBe(`${place} is a folder: give the name of a file.`);
  });
});

it("a format may be named where the file's ending names none", async () => {
  await patternRun("command");
  await exportRun("command", fileOf("model.bin"), { format: "safetensors" });
  expect((await readSafetensors(fileOf("model.bin"))).metadata.run).toBe("command");
  const values = { run: "command", out: fileOf("model.bin"), format: "pickle" };
  const pickle = exportCommand.run({ values, positionals: [] });
  await expect(pickle).rejects.toThrow("--format pickle is not known: take onnx or safetensors.");
});

const python = process.env.MOVIE_REVENUE_PEER_PYTHON ?? "";
const script = fileURLToPath(new URL("../scripts/load-in-pytorch.py", import.meta.url));
const inPython = async (...args: string[]) => (await promisify(execFile)(python, args)).stdout;
const imports = (module: string) =>
  inPython("-c", `import ${module}`).then(
    () => true,
    () => false,
  );
const withTorchvision = python !== "" && (await imports("torchvision"));

describe("scripts/load-in-pytorch.py (MOVIE_REVENUE_PEER_PYTHON: a Python with torch and safetensors)", () => {
  const predictions = async (...args: string[]) => (await inPython(script, ...args)).trim().split("\n").map(Number);

  it.skipIf(!python)("predicts from features what the run predicts", async () => {
    const run = await patternRun("torch");
    const features = join(folder, "features.safetensors");
    await writeFeatures(images, features);
    const { data } = (await readSafetensors(features)).tensors.features!;
    const expected = predictLog10(patternHead([1280, 16, 8, 1]), data);
    const predicted = await predictions(run.file("best.safetensors"), features);
    expect(largestDifference(predicted, expected)).toBeLessThan(TOLERANCE);
    await exportRun("torch", fileOf("torch.safetensors"));
    expect(await predictions(fileOf("torch.safetensors"), features)).toEqual(predicted);
  });

  it.skipIf(!withTorchvision)("predicts from pixels by torchvision's ResNet50 (needs torchvision)", async () => {
    const reference = await readSafetensors(goldenPath("resnet-torchvision.safetensors"));
    const backbone = patternWeights(JSON.parse(reference.metadata.resnet50!));
    const named = Object.entries(backbone).map(([tensor, weight]) => [`backbone.${tensor}`, weight]);
    const head = patternHead([2048, 16, 8, 1]);
    const run = join(folder, "resnet50.safetensors");
    await writeSafetensors(run, { ...Object.fromEntries(named), ...head });
    const inputs = join(folder, "pixels.safetensors");
    const channelsLast = pattern(2 * 224 * 224 * 3, 257, 1);
    const data = Float32Array.from(channelsLast, (_, i) => {
      const [picture, rest] = [Math.floor(i / 150528), i % 150528];
      return channelsLast[picture * 150528 + (rest % 50176) * 3 + Math.floor(rest / 50176)]!;
    });
    await writeSafetensors(inputs, { pixels: { shape: [2, 3, 224, 224], data } });
    const expected = reference.tensors["resnet50.predicted"]!.data;
    expect(largestDifference(await predictions(run, inputs), expected)).toBeLessThan(TOLERANCE);
  });
});
