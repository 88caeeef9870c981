import * as tf from "@tensorflow/tfjs";
import type { Architecture, Block, Pass, Unit } from "../network";
import type { Setting } from "./block";
import { plainConvolve } from "./convolution";
import { plainMaxPool } from "./pool";

/** The last feature map in TensorFlow.js's own ops, differentiable by its tape: on every backend, in far more memory. */
export function forwardPlain(
  { layers, epsilon }: Pick<Architecture, "layers" | "epsilon">,
  tensors: Setting["tensors"],
  { pixels, pass }: { pixels: tf.Tensor4D; pass: Pass },
): tf.Tensor4D {
  return tf.tidy(() => {
    let x = pixels;
    for (const { name, blocks } of layers) {
      const byBatch = pass.batchStatistics && !pass.frozen.has(name);
      const setting = { tensors, epsilon, byBatch, onStatistics: pass.onStatistics };
      for (const block of blocks) x = plainBlock(block, x, setting);
    }
    return x;
  });
}

function plainBlock(block: Block, input: tf.Tensor4D, setting: Setting): tf.Tensor4D {
  let x = input;
  for (const unit of block.units) x = plainUnit(unit, x, setting);
  if (block.pool) return plainMaxPool(x);
  if (!block.skip) return x;
  const sum = tf.add(x, block.skip === "identity" ? input : plainUnit(block.skip, input, setting)) as tf.Tensor4D;
  return block.relu ? tf.relu(sum) : sum;
}

function plainUnit(unit: Unit, x: tf.Tensor4D, setting: Setting): tf.Tensor4D {
  const part = (name: string) => setting.tensors[`${unit.norm}.${name}`]!;
  const z = plainConvolve(x, setting.tensors[`${unit.convolution}.weight`] as tf.Tensor4D, unit);
  const { mean, variance } = setting.byBatch
    ? batchMoments(z, unit, setting)
    : { mean: part("running_mean"), variance: part("running_var") };
  const scale = tf.div(part("weight"), tf.sqrt(tf.add(variance, setting.epsilon)));
  const y = tf.add(tf.mul(tf.sub(z, mean), scale), part("bias")) as tf.Tensor4D;
  return unit.activation === "relu" ? tf.relu(y) : unit.activation === "relu6" ? tf.relu6(y) : y;
}

function batchMoments(z: tf.Tensor4D, { norm }: Unit, { onStatistics }: Setting) {
  const { mean, variance } = tf.moments(z, [0, 1, 2]) as { mean: tf.Tensor1D; variance: tf.Tensor1D };
  onStatistics?.(norm, {
    mean: tf.keep(tf.clone(mean)),
    variance: tf.keep(tf.clone(variance)),
    count: z.size / z.shape[3],
  });
  return { mean, variance };
}
