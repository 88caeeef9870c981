import * as tf from "@tensorflow/tfjs";

/** TensorFlow.js's graph model of a `model.json` and the files of its weights, in the order of its manifest. */
export function graphModelOf(json, ...shards) {
  const { modelTopology, weightsManifest } = JSON.parse(json);
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const { buffer: weightData } = Uint8Array.from(Buffer.concat(shards));
  return tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
}
