import * as tf from "@tensorflow/tfjs";
import { isParameter } from "movie-revenue/model/architecture";
import { toEngine, toTorch } from "movie-revenue/model/layout";
import type { Architecture, BatchStatistics, Pass } from "movie-revenue/model/network";
import type { Weights } from "movie-revenue/model/safetensors";
import { Random } from "movie-revenue/random";

/** Norm, projection on a fixed pattern, and four samples of a tensor: `digest` of golden/resnet.py. */
export type Digest = [norm: number, projection: number, ...samples: number[]];

export function uniform(seed: number[], size: number, [low, high]: readonly [number, number]): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: size }, () => random.uniform(low, high));
}

/** `fill` of golden/resnet.py: every tensor drawn in the order of their names. */
export function drawnWeights(shapes: Architecture["shapes"]): Weights {
  const names = Object.keys(shapes).sort();
  return Object.fromEntries(
    names.map((name, i) => {
      const shape = [...shapes[name]!];
      return [name, { shape, data: uniform([7, i], sizeOf(shape), bounds(name, shape)) }];
    }),
  );
}

const BOUNDS: Record<string, [number, number]> = {
  weight: [0.5, 1],
  bias: [0, 2],
  running_var: [0.5, 1.5],
  running_mean: [-0.2, 0.2],
};

function bounds(name: string, shape: readonly number[]): [number, number] {
  if (shape.length < 4) return BOUNDS[name.split(".").at(-1)!]!;
  const bound = Math.sqrt(6 / sizeOf(shape.slice(1)));
  return [-bound, bound];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

export function digest(values: ArrayLike<number>): Digest {
  const n = values.length;
  let squares = 0;
  let projection = 0;
  for (let i = 0; i < n; i++) {
    squares += values[i]! ** 2;
    projection += values[i]! * ((((i * 7919) % 101) - 50) / 64);
  }
  return [Math.sqrt(squares), projection, ...[0, 1, 2, 3].map((i) => values[Math.floor((i * n) / 4)]!)];
}

/**
 * How far two digests lie apart, relative to the size of the values: the norm to itself, a sample to the root mean
 * square, and the projection to what a vector of that norm has by chance (the pattern's root mean square is .46).
 * A norm below `least` counts as that: a gradient that is zero in theory is rounding on both sides.
 */
export function distance(
  found: Digest,
  expected: Digest,
  { size, least = 0 }: { size: number; least?: number },
): number {
  const [norm, projection, ...samples] = expected;
  const scale = Math.max(norm, least);
  const rms = scale / Math.sqrt(size);
  const parts = samples.map((value, i) => Math.abs(found[i + 2]! - value) / (Math.abs(value) + rms));
  return Math.max(Math.abs(found[0] - norm) / scale, Math.abs(found[1] - projection) / (0.46 * scale), ...parts);
}

/** Loss, gradients and batch statistics of one forward and backward pass, in PyTorch's layouts. */
export interface Step {
  loss: number;
  gradients: Weights;
  statistics: Record<string, { mean: Float32Array; variance: Float32Array; count: number }>;
}

/** Pixels and targets of `run` in golden/resnet.py, mean squared error of the features, and gradients of what is learnt. */
export function step(
  { shapes, dimensions }: Architecture,
  forward: Architecture["forward"],
  { weights, batch, side, ...pass }: { weights: Weights; batch: number; side: number } & Omit<Pass, "onStatistics">,
  learnt: (name: string) => boolean = () => true,
): Step {
  const statistics: Step["statistics"] = {};
  const onStatistics = (norm: string, { mean, variance, count }: BatchStatistics) => {
    statistics[norm] = { mean: mean.dataSync<"float32">(), variance: variance.dataSync<"float32">(), count };
    tf.dispose([mean, variance]);
  };
  const names = Object.keys(shapes).filter((name) => isParameter(name) && learnt(name));
  let found: { loss: number; gradients: Weights } | undefined;
  // a tidy walks through what it returns, arrays and all: nothing is
  tf.tidy(() => {
    const tensors = toTensors(toEngine(weights));
    const pixels = pixelsOf(batch, side);
    const target = tf.tensor2d(uniform([9], batch * dimensions, [-1, 1]), [batch, dimensions]);
    const { value, grads } = tf.valueAndGrads((...parameters: tf.Tensor[]) => {
      const given = Object.fromEntries(names.map((name, i) => [name, parameters[i]!]));
      const map = forward({ ...tensors, ...given }, pixels, { ...pass, onStatistics });
      return tf.mean(tf.squaredDifference(tf.mean(map, [1, 2]), target));
    })(names.map((name) => tensors[name]!));
    const toWeight = (tensor: tf.Tensor) => ({ shape: tensor.shape, data: tensor.dataSync<"float32">() });
    const gradients = Object.fromEntries(names.map((name, i) => [name, toWeight(grads[i]!)]));
    found = { loss: value.dataSync()[0]!, gradients: toTorch(gradients) };
  });
  return { ...found!, statistics };
}

/** Pixels of `run` in golden/resnet.py, [batch, side, side, 3]. */
export function pixelsOf(batch: number, side: number): tf.Tensor4D {
  return tf.tensor4d(uniform([8], batch * side * side * 3, [-2, 2]), [batch, side, side, 3]);
}

export function toTensors(weights: Weights): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]));
}
