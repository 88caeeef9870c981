import * as tf from "@tensorflow/tfjs";
import type { Architecture, Frozen, Stage } from "./network";

/**
 * What is kept of a network's feature maps: the `mean` of the last one over its places; the `statistics` of each stage of
 * blocks: all means, then all deviations, of its channels over their places (the style of a picture as in Huang & Belongie
 * 2017, "Arbitrary style transfer"); or the whole last one, place by place, for a head's `attention` (attention.ts).
 */
export const POOLINGS = ["mean", "statistics", "attention"] as const;

export type Pooling = (typeof POOLINGS)[number];

/** Pixels to a side of one place of the last map: every architecture here halves five times. */
const STRIDE = 32;

/** Features of one poster, of so many pixels. */
export function pooledDimensions(
  architecture: Architecture,
  {
    pooling,
    width,
    height,
    scales = [1],
  }: { pooling: Pooling; width: number; height: number; scales?: readonly number[] },
): number {
  if (pooling === "mean") return scales.length * architecture.dimensions;
  if (pooling === "attention") return Math.ceil(width / STRIDE) * Math.ceil(height / STRIDE) * architecture.dimensions;
  return 2 * scales.length * pooledStages(architecture).reduce((sum, stage) => sum + channelsOf(stage), 0);
}

/** Pixels [n, height, width, 3] → features [n, dimensions]. */
export function poolFeatures(
  architecture: Architecture,
  frozen: Frozen,
  pixels: tf.Tensor4D,
  pooling: Pooling,
): tf.Tensor2D {
  return tf.tidy(() => {
    const maps = Object.values(pooledMaps(architecture, frozen, pixels, pooling));
    if (pooling !== "statistics") return poolMap(maps[0]!, pooling);
    const moments = maps.map((map) => tf.moments(map, [1, 2]));
    const means = moments.map(({ mean }) => mean as tf.Tensor2D);
    return tf.concat([...means, ...moments.map(({ variance }) => tf.sqrt(variance) as tf.Tensor2D)], 1);
  });
}

/** The last map [n, h, w, channels] as what a head is given: [n, channels], or for attention [n, h · w · channels]. */
export function poolMap(map: tf.Tensor4D, pooling: "mean" | "attention"): tf.Tensor2D {
  return pooling === "mean" ? tf.mean(map, [1, 2]) : tf.reshape(map, [map.shape[0], -1]);
}

/** The maps that features are pooled from, [n, h, w, channels], by their stage, in the order of the features. */
export function pooledMaps(
  architecture: Architecture,
  frozen: Frozen,
  pixels: tf.Tensor4D,
  pooling: Pooling,
): Record<string, tf.Tensor4D> {
  return tf.tidy(() => {
    if (pooling !== "statistics") return { [architecture.stages.at(-1)!]: frozen.featureMap(pixels) };
    const maps = frozen.stageMaps(pixels);
    return Object.fromEntries(pooledStages(architecture).map(({ name }) => [name, maps[name]!]));
  });
}

/** The stages between the first convolution and Lite0's last one: those two say less, measured on real posters. */
function pooledStages({ layers }: Architecture): Stage[] {
  return layers.filter(({ name }) => name !== "stem" && name !== "head");
}

function channelsOf({ blocks }: Stage): number {
  return blocks.at(-1)!.units.at(-1)!.outputs;
}
