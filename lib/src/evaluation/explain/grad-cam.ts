import * as tf from "@tensorflow/tfjs";
import type { Pooling } from "../../model/pooling";
import { type Heat, sumOfHeats } from "./heat";

/**
 * Grad-CAM of a regression (Selvaraju et al. 2017), signed: at each place Σ over channels of ∂ŷ/∂activation · activation,
 * without the paper's ReLU, for what lowers is asked for too. `maps`, each [1, h, w, channels], are those that a poster's
 * features are pooled from, `gradient` is ∂ŷ/∂features. A map counts through its own mean and deviation, later maps held:
 * these are counted where they are pooled themselves. Both grow in proportion to the activations, so that the heat sums to
 * gradient · features (Euler); of a map that a head attends to it is that sum's terms. It lies on the grid of the last map.
 */
export function gradCam(maps: Readonly<Record<string, tf.Tensor4D>>, gradient: Float32Array, pooling: Pooling): Heat {
  const stages = Object.values(maps);
  if (pooling === "attention") return heatOfPlaces(stages[0]!, gradient);
  const channels = stages.reduce((sum, map) => sum + map.shape[3], 0);
  let start = 0;
  const heats = stages.map((map) => {
    const part = (from: number) => gradient.subarray(from, from + map.shape[3]);
    const byDeviation = pooling === "statistics" ? part(channels + start) : undefined;
    const heat = heatOf(map, part(start), byDeviation);
    start += map.shape[3];
    return heat;
  });
  return sumOfHeats(heats, heats.at(-1)!);
}

/** The heat of a map whose every value is a feature. */
function heatOfPlaces(map: tf.Tensor4D, gradient: Float32Array): Heat {
  const [, rows, columns] = map.shape;
  const heat = tf.tidy(() => tf.sum(tf.mul(map, tf.tensor(gradient, map.shape)), 3).dataSync<"float32">());
  return { columns, rows, values: Float32Array.from(heat) };
}

/** The heat of one map, given ∂ŷ/∂mean and ∂ŷ/∂deviation of its channels. */
function heatOf(map: tf.Tensor4D, byMean: Float32Array, byDeviation: Float32Array | undefined): Heat {
  const [, rows, columns] = map.shape;
  const heat = tf.tidy(() => {
    let slope: tf.Tensor = tf.tensor1d(byMean);
    if (byDeviation) {
      const { mean, variance } = tf.moments(map, [1, 2], true);
      // ∂deviation/∂activation = (activation − mean) / (places · deviation); none of a channel that is the same everywhere
      const away = tf.divNoNan(tf.sub(map, mean), tf.sqrt(variance));
      slope = tf.add(slope, tf.mul(away, tf.tensor1d(byDeviation)));
    }
    return tf.div(tf.sum(tf.mul(slope, map), 3), rows * columns);
  });
  const values = Float32Array.from(heat.dataSync<"float32">());
  heat.dispose();
  return { columns, rows, values };
}
