// The peer of resnet-onnx: the same ResNet50 in onnxruntime-node on two threads. Ours is resnet-features.mjs.

import { formatOnnx } from "movie-revenue/model/onnx";
import { OnnxGraph } from "movie-revenue/model/onnx-graph";
import { resnet50 } from "movie-revenue/model/resnet";
import ort from "onnxruntime-node";
import { BATCH, backboneWeights, drawPixels } from "./resnet.mjs";
import { main, rateOf } from "./shared.mjs";

const SIDE = 224;
const ROUNDS = 3;

main(
  "node bench/resnet-onnx.mjs\n\nExtracts ResNet50's features of 32 synthetic posters by onnxruntime, four times.",
  measure,
);

async function measure() {
  const session = await ort.InferenceSession.create(model(), { intraOpNumThreads: 2, graphOptimizationLevel: "all" });
  const input = new ort.Tensor("float32", channelsFirst(drawPixels()), [BATCH, 3, SIDE, SIDE]);
  let features;
  const work = async () => {
    features = (await session.run({ pixels: input }))[session.outputNames[0]].data;
  };
  await rateOf(work, BATCH);
  const rate = await rateOf(work, BATCH, ROUNDS);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const checksum = { mean: mean(features), last: mean(features.slice(-16)) };
  return { name: "resnet-onnx", unit: "posters/s", rate, checksum };
}

function model() {
  const graph = new OnnxGraph();
  const names = { weights: backboneWeights(), inFile: "", inGraph: "backbone." };
  const { name } = graph.backbone(resnet50, { name: "pixels", side: SIDE }, names);
  return formatOnnx({
    name: "resnet50",
    nodes: graph.nodes,
    constants: graph.constants,
    input: { name: "pixels", shape: ["n", 3, SIDE, SIDE] },
    output: { name, shape: ["n", resnet50.dimensions] },
  });
}

/** [n, height, width, 3] → [n, 3, height, width]. */
function channelsFirst(pixels) {
  const places = SIDE * SIDE;
  const first = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const place = Math.floor(i / 3);
    first[(Math.floor(place / places) * 3 + (i % 3)) * places + (place % places)] = pixels[i];
  }
  return first;
}
