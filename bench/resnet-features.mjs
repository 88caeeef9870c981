// Our side of resnet-features: ResNet50 in inference, batch norm folded, from pixels in memory to features in memory.
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { resnet50 } from "movie-revenue/model/resnet";
import { BATCH, backboneWeights, drawPixels, SHAPE } from "./resnet.mjs";
import { main, rateOf } from "./shared.mjs";

const ROUNDS = 3;

main("node bench/resnet-features.mjs\n\nExtracts ResNet50's features of 32 synthetic posters, four times.", measure);

async function measure() {
  await loadEngine();
  const frozen = resnet50.freeze(backboneWeights());
  const pixels = drawPixels();
  let features;
  const work = async () => {
    const output = tf.tidy(() => tf.mean(frozen.featureMap(tf.tensor4d(pixels, SHAPE)), [1, 2]));
    features = await output.data();
    output.dispose();
  };
  await rateOf(work, BATCH);
  const rate = await rateOf(work, BATCH, ROUNDS);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const checksum = { mean: mean(features), last: mean(features.slice(-16)) };
  return { name: "resnet-features", unit: "posters/s", rate, checksum };
}
