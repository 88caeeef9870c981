// Both sides of tensors: how many tensors are alive after some steps of training a small ResNet and its head.
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { resnet } from "movie-revenue/model/resnet";
import { trainingStep } from "./resnet.mjs";
import { main } from "./shared.mjs";

main(
  "node bench/tensors.mjs [STEPS]\n\nCounts the tensors alive after so many training steps, 200 unless given.",
  measure,
);

async function measure(steps = "200") {
  await loadEngine();
  const architecture = resnet("small", { block: "bottleneck", depths: [1, 1], widths: [8, 16] });
  const step = trainingStep(architecture, { shape: [8, 32, 32, 3], hidden: [16] });
  for (let i = 0; i < Number(steps); i++) step();
  const { numTensors } = tf.memory();
  return { name: "tensors", unit: "tensors", rate: numTensors, checksum: { tensors: numTensors } };
}
