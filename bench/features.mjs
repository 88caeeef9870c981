// Our side of features: EfficientNet-Lite0 on the engine, batch by batch, from pixels in memory to features in memory.
import * as tf from "@tensorflow/tfjs";
import { loadBackbone } from "movie-revenue/model/backbone";
import { main, noise, rateOf } from "./shared.mjs";

const POSTERS = 96;
const BATCH = 32;
const PIXELS = 224 * 224 * 3;

main(
  "node bench/features.mjs\n\nExtracts EfficientNet-Lite0's features of 96 synthetic posters, 32 at a time.",
  measure,
);

async function measure() {
  const backbone = await loadBackbone();
  const pixels = Float32Array.from(noise(POSTERS * PIXELS), (byte) => (byte - 128) / 64);
  const features = new Float32Array(POSTERS * backbone.dimensions);
  const work = async () => {
    for (let first = 0; first < POSTERS; first += BATCH) {
      const input = tf.tensor4d(pixels.subarray(first * PIXELS, (first + BATCH) * PIXELS), [BATCH, 224, 224, 3]);
      const output = backbone.features(input);
      features.set(await output.data(), first * backbone.dimensions);
      tf.dispose([input, output]);
    }
  };
  await rateOf(work, POSTERS);
  const rate = await rateOf(work, POSTERS, 2);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const checksum = { mean: mean(features), last: mean(features.slice(-16)) };
  return { name: "features", unit: "posters/s", rate, checksum };
}
