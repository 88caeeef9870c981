import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { UserError } from "movie-revenue/errors";
import { ARCHITECTURES } from "movie-revenue/model/architectures";
import { defaultWeights } from "movie-revenue/model/backbone";
import type { Unit } from "movie-revenue/model/network";
import { formatOnnx } from "movie-revenue/model/onnx";
import { type Layers, OnnxGraph, paddingOf } from "movie-revenue/model/onnx-graph";
import { onnxModel, weightsOf } from "movie-revenue/model/onnx-model";
import { readSafetensors, type Weights } from "movie-revenue/model/safetensors";
import { describe, expect, it } from "vitest";
import { golden, goldenPath, largestDifference, pattern } from "./golden.ts";
import { runOnnx } from "./onnx-runtime.ts";
import { patternHead, patternWeights } from "./pattern-weights.ts";

/** The agreement that is promised, relative to the largest number; it reaches 2e-6. */
const TOLERANCE = 1e-4;

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
const relativeDifference = (a: ArrayLike<number>, b: ArrayLike<number>) => largestDifference(a, b) / largest(b);

describe("an ONNX file", () => {
  it("has the fields and numbers of onnx.proto", () => {
    const bytes = formatOnnx({
      name: "g",
      nodes: [{ operator: "Relu", inputs: ["x"], output: "y" }],
      constants: {},
      input: { name: "x", shape: ["n", 3] },
      output: { name: "y", shape: ["n"] },
      metadata: { k: "v" },
    });
    // by hand: a field is its number · 8 + 2 for text or a message, + 0 for a number; then its length and content.
    // an empty text, as the domain of ONNX's own operators, is left out
    const text = (field: number, value: string) => [field * 8 + 2, value.length, ...Buffer.from(value)];
    const message = (field: number, ...content: number[]) => [field * 8 + 2, content.length, ...content];
    const port = (field: number, name: string, ...sides: number[]) =>
      message(field, ...text(1, name), ...message(2, ...message(1, 8, 1, ...message(2, ...sides))));
    const n = message(1, ...text(2, "n"));
    const node = message(1, ...text(1, "x"), ...text(2, "y"), ...text(3, "y"), ...text(4, "Relu"));
    const graph = [...node, ...text(2, "g"), ...port(11, "x", ...n, ...message(1, 8, 3)), ...port(12, "y", ...n)];
    expect([...bytes]).toEqual([
      ...[8, 8],
      ...text(2, "movie-revenue"),
      ...message(8, 16, 17),
      ...message(14, ...text(1, "k"), ...text(2, "v")),
      ...message(7, ...graph),
    ]);
  });

  it("holds 100 MB of weights without a second copy of them", () => {
    const data = new Float32Array(25e6).fill(1.5);
    const before = process.memoryUsage().arrayBuffers;
    const port = { name: "x", shape: ["n"] };
    const bytes = formatOnnx({
      name: "g",
      nodes: [],
      constants: { w: { shape: [25e6], data } },
      input: port,
      output: port,
    });
    expect(bytes.length - 1e8).toBeLessThan(100);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.1e8);
    // 1.5 is 00 00 c0 3f in IEEE 754, little-endian; the constants come last
    const first = Buffer.from(bytes.buffer).indexOf(Buffer.from([0, 0, 0xc0, 0x3f, 0, 0, 0xc0, 0x3f]));
    expect(first).toBe(bytes.length - 1e8);
  });
});

describe("padding", () => {
  it.each([
    // (⌈224 / 2⌉ − 1) · 2 + 3 − 224 = 1, which goes after
    ["same", 224, 3, 2, [0, 1]],
    // 55 · 2 + 5 − 112 = 3
    ["same", 112, 5, 2, [1, 2]],
    ["same", 7, 5, 1, [2, 2]],
    ["same", 7, 3, 2, [1, 1]],
    ["same", 14, 1, 1, [0, 0]],
    ["torch", 224, 7, 2, [3, 3]],
    ["torch", 56, 1, 2, [0, 0]],
  ] as const)("%s of %i rows for a filter of %i, stride %i", (padding, side, kernel, stride, expected) => {
    expect(paddingOf({ padding, kernel, stride }, side)).toEqual(expected);
  });
});

const unit = (rest: Partial<Unit>): Unit => ({
  ...{ convolution: "c", norm: "b", inputs: 3, outputs: 3, depthwise: true, kernel: 3, stride: 2 },
  ...{ padding: "same", activation: "none" },
  ...rest,
});
const ones = (size: number) => new Float32Array(size).fill(1);
/** Depthwise filters of ones, and a batch norm 2 · (x − 1) / √(3 + 1) + 5 = x + 4. */
const tiny: Weights = {
  "c.weight": { shape: [3, 1, 3, 3], data: ones(27) },
  "b.weight": { shape: [3], data: Float32Array.of(2, 2, 2) },
  "b.bias": { shape: [3], data: Float32Array.of(5, 5, 5) },
  "b.running_mean": { shape: [3], data: ones(3) },
  "b.running_var": { shape: [3], data: Float32Array.of(3, 3, 3) },
};
for (const [name, weight] of Object.entries(tiny)) tiny[name.replace(/^c/, "d").replace(/^b/, "e")] = weight;

/** Features that onnxruntime makes of one picture, 4 × 4, black but for the red of one place. */
async function tinyFeatures(layers: Layers["layers"], red: { row: number; column: number; value: number }) {
  const graph = new OnnxGraph();
  const names = { weights: tiny, inFile: "", inGraph: "" };
  const { name } = graph.backbone({ layers, epsilon: 1 }, { name: "pixels", side: 4 }, names);
  const [input, output] = [
    { name: "pixels", shape: ["n", 3, 4, 4] },
    { name, shape: ["n", 3] },
  ];
  const model = formatOnnx({ name: "tiny", nodes: graph.nodes, constants: graph.constants, input, output });
  const pixels = new Float32Array(48);
  pixels[3 * (4 * red.row + red.column)] = red.value;
  return [...(await runOnnx(model, pixels, { height: 4, width: 4 })).data];
}

describe("a network of one layer in onnxruntime, by hand", () => {
  it("pads as TensorFlow does: the odd row below, the odd column to the right", async () => {
    const layers = [{ name: "s", blocks: [{ units: [unit({})] }] }];
    // rows 0–2 and 2–4: the place (2, 2) is in all four windows, (3, 3) in the last one
    expect(await tinyFeatures(layers, { row: 2, column: 2, value: 1 })).toEqual([1 + 4, 4, 4]);
    expect(await tinyFeatures(layers, { row: 3, column: 3, value: 1 })).toEqual([0.25 + 4, 4, 4]);
  });

  it("pads as PyTorch does, all around", async () => {
    const layers = [{ name: "s", blocks: [{ units: [unit({ padding: "torch" })] }] }];
    // rows −1–1 and 1–3: (2, 2) is in one window, (1, 1) in all four
    expect(await tinyFeatures(layers, { row: 2, column: 2, value: 1 })).toEqual([0.25 + 4, 4, 4]);
    expect(await tinyFeatures(layers, { row: 1, column: 1, value: 1 })).toEqual([1 + 4, 4, 4]);
  });

  it("cuts at 0 and 6, pools the largest, adds what is beside, and cuts the sum at 0", async () => {
    const only = (block: object, activation: Unit["activation"]) => [
      { name: "s", blocks: [{ units: [unit({ activation, stride: 1 })], ...block }] },
    ];
    const at = (value: number) => ({ row: 0, column: 0, value });
    // the 2 × 2 places whose window holds the corner: 3 + 4 is cut to 6, 4 of 16 places; the others are 4
    expect(await tinyFeatures(only({}, "relu6"), at(3))).toEqual([4.5, 4, 4]);
    // −8 + 4 is cut to 0 in the same four places: 12 of 16 places keep 4
    expect(await tinyFeatures(only({}, "relu"), at(-8))).toEqual([3, 4, 4]);
    // pooled rows −1–1 and 1–3: 3 + 4 is within all four windows, for the places are rows 0 and 1
    expect(await tinyFeatures(only({ pool: true }, "none"), at(3))).toEqual([7, 4, 4]);
    // the corner has −8 + 4 − 8 = −12, cut; the three beside it −4, cut
    expect(await tinyFeatures(only({ skip: "identity", relu: true }, "none"), at(-8))).toEqual([3, 4, 4]);
    // and uncut (−12 − 3 · 4 + 12 · 4) / 16
    expect(await tinyFeatures(only({ skip: "identity" }, "none"), at(-8))).toEqual([1.5, 4, 4]);
    // beside it the same unit: −4 · 2 in four places, 4 · 2 in twelve
    const skip = unit({ convolution: "d", norm: "e", stride: 1 });
    expect(await tinyFeatures(only({ skip }, "none"), at(-8))).toEqual([4, 8, 8]);
  });
});

const engine = await loadEngine();
const reference = await readSafetensors(goldenPath("resnet-torchvision.safetensors"));
const hidden = JSON.parse(reference.metadata.hidden!) as number[];
const pixels = pattern(2 * 224 * 224 * 3, 257, 1);

/** A model with the head of the reference, and the same cut off at the features. */
function modelOf(name: string, tensors: Weights) {
  const architecture = ARCHITECTURES[name]!;
  const width = architecture.dimensions;
  const head = { path: "head", tensors: patternHead([width, ...hidden, 1]), prefix: "head.", hidden };
  const model = onnxModel({ backbone: { path: "backbone", tensors, prefix: "", architecture }, head });
  const features = { ...model, output: { name: "features", shape: ["n", width] } };
  return { model, whole: formatOnnx({ ...model, name }), features: formatOnnx({ ...features, name }) };
}

/** What the library itself makes of the pixels. */
function ownFeatures(name: string, tensors: Weights): Float32Array {
  const frozen = ARCHITECTURES[name]!.freeze(tensors);
  const features = tf.tidy(() => tf.mean(frozen.featureMap(tf.tensor4d(pixels, [2, 224, 224, 3])), [1, 2]));
  frozen.dispose();
  return features.dataSync<"float32">();
}

describe(`in onnxruntime, beside the ${engine.name} engine`, () => {
  it.each(["resnet18", "resnet50"])("%s and its head have torchvision's outputs", async (name) => {
    const tensors = patternWeights(JSON.parse(reference.metadata[name]!));
    const { model, whole, features } = modelOf(name, tensors);
    const made = await runOnnx(whole, pixels);
    expect([made.name, made.shape]).toEqual(["log10_revenue", [2]]);
    expect(relativeDifference(made.data, reference.tensors[`${name}.predicted`]!.data)).toBeLessThan(TOLERANCE);
    const { shape, data } = reference.tensors[`${name}.features`]!;
    const ofRuntime = (await runOnnx(features, pixels)).data;
    expect(relativeDifference(ofRuntime, data)).toBeLessThan(TOLERANCE);
    expect(relativeDifference(ofRuntime, ownFeatures(name, tensors))).toBeLessThan(TOLERANCE);
    // a network that ignored its input would agree on one picture by chance, not on two different ones
    expect(largestDifference(data.subarray(0, shape[1]), data.subarray(shape[1]!))).toBeGreaterThan(0.05);
    // all weights of the file, and no others
    const backbone = Object.keys(weightsOf(model)).filter((tensor) => tensor.startsWith("backbone."));
    expect(backbone.sort()).toEqual(
      Object.keys(tensors)
        .map((tensor) => `backbone.${tensor}`)
        .sort(),
    );
  });

  it("EfficientNet-Lite0 has the features of efficientnet-lite-pytorch", async () => {
    const { tensors } = await readSafetensors(defaultWeights("efficientnet-lite0"));
    const { data } = await runOnnx(modelOf("efficientnet-lite0", tensors).features, pixels);
    const expected = golden<{ lite0: number[][] }>("model.json").lite0.flat();
    expect(relativeDifference(data, expected)).toBeLessThan(TOLERANCE);
    expect(relativeDifference(data, ownFeatures("efficientnet-lite0", tensors))).toBeLessThan(TOLERANCE);
  });
});

describe("weights that do not fit are one sentence that names the file and the tensor", () => {
  const parts = (backbone: Weights, head: Weights) => ({
    backbone: { path: "net.safetensors", tensors: backbone, prefix: "", architecture: { layers: one, epsilon: 1 } },
    head: { path: "best.safetensors", tensors: head, prefix: "head.", hidden: [2] },
  });
  const one = [{ name: "s", blocks: [{ units: [unit({})] }] }];
  const head = patternHead([3, 2, 1]);
  const { "b.running_var": _gone, ...incomplete } = tiny;

  it.each([
    [incomplete, head, 'net.safetensors: The weights have no tensor "b.running_var": these are not this model\'s'],
    [
      { ...tiny, "c.weight": { shape: [3, 3, 3, 3], data: ones(81) } },
      head,
      `net.safetensors: The weights' tensor "c.weight" has shape [3,3,3,3], and the model needs [3,1,3,3].`,
    ],
    [
      tiny,
      patternHead([4, 2, 1]),
      `best.safetensors: The weights' tensor "head.0.weight" has shape [2,4], and the model needs [2,3].`,
    ],
    [tiny, patternHead([3, 1]), `best.safetensors: The weights' tensor "head.0.weight" has shape [1,3]`],
  ])("%#", (backbone, ownHead, message) => {
    const build = () => onnxModel(parts(backbone, ownHead));
    expect(build).toThrow(UserError);
    expect(build).toThrow(message);
  });
});
