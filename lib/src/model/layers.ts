import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors";
import { convolveWithBias } from "./kernels/convolution";
import { maxPool } from "./kernels/pool";
import { toEngine } from "./layout";
import type { Block, Stage, Unit } from "./network";
import type { Weight, Weights } from "./safetensors";

/** A convolution with its batch norm folded in: filter [h, w, in, out], or [h, w, channels, 1] depthwise; bias [out]. */
export interface Convolution {
  filter: tf.Tensor4D;
  bias: tf.Tensor1D;
}

/** The tensor of that name; a missing one, or one of another shape, is a `UserError`. */
export function weightOf(weights: Weights, name: string, shape?: readonly number[]): Weight {
  const weight = weights[name];
  if (!weight) throw new UserError(`The weights have no tensor "${name}": these are not this model's weights.`);
  if (shape && String(weight.shape) !== String(shape)) {
    throw new UserError(`The weights' tensor "${name}" has shape [${weight.shape}], and the model needs [${shape}].`);
  }
  return weight;
}

/** Shape of a unit's filter in PyTorch's order: [out, in, height, width], [channels, 1, height, width] depthwise. */
export function filterShape({ inputs, outputs, depthwise, kernel }: Unit): number[] {
  return [outputs, depthwise ? 1 : inputs, kernel, kernel];
}

/**
 * A convolution [out, in, h, w] of PyTorch followed by batch norm in inference, as one convolution:
 * filter · γ/√(σ²+ε), and β − μ · γ/√(σ²+ε) as bias (Ioffe & Szegedy 2015).
 */
export function foldBatchNorm(weights: Weights, unit: Unit, epsilon: number): Convolution {
  const { shape, data } = weightOf(weights, `${unit.convolution}.weight`, filterShape(unit));
  const norm = (part: string) => weightOf(weights, `${unit.norm}.${part}`, [unit.outputs]).data;
  const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(norm) as Float32Array[];
  const scale = Float32Array.from(gamma!, (value, channel) => value / Math.sqrt(variance![channel]! + epsilon));
  const bias = Float32Array.from(beta!, (value, channel) => value - mean![channel]! * scale[channel]!);
  const size = data.length / unit.outputs;
  const folded = Float32Array.from(data, (value, i) => value * scale[Math.floor(i / size)]!);
  const { filter } = toEngine({ filter: { shape, data: folded } });
  return {
    filter: tf.tensor4d(filter!.data, filter!.shape as [number, number, number, number]),
    bias: tf.tensor1d(bias),
  };
}

/** Every convolution of the stages, by its name, for inference; the caller disposes them. */
export function foldStages(weights: Weights, stages: readonly Stage[], epsilon: number): Record<string, Convolution> {
  const units = stages.flatMap(({ blocks }) => blocks.flatMap(unitsOf));
  const folded: Record<string, Convolution> = {};
  try {
    for (const unit of units) folded[unit.convolution] = foldBatchNorm(weights, unit, epsilon);
  } catch (thrown) {
    for (const { filter, bias } of Object.values(folded)) tf.dispose([filter, bias]);
    throw thrown;
  }
  return folded;
}

/** A block's units, the one beside them last. */
export function unitsOf({ units, skip }: Block): readonly Unit[] {
  return typeof skip === "object" ? [...units, skip] : units;
}

/** A block in inference. */
export function inferBlock(block: Block, input: tf.Tensor4D, folded: Record<string, Convolution>): tf.Tensor4D {
  return tf.tidy(() => {
    let x = input;
    for (const unit of block.units) {
      const before = x;
      x = inferUnit(unit, x, folded);
      if (before !== input) before.dispose();
    }
    if (block.pool) return maxPool(x).y;
    if (!block.skip) return x;
    const skip = block.skip === "identity" ? undefined : inferUnit(block.skip, input, folded);
    const sum = tf.add(x, skip ?? input) as tf.Tensor4D;
    tf.dispose([x, ...(skip ? [skip] : [])]);
    return block.relu ? tf.relu(sum) : sum;
  });
}

function inferUnit(unit: Unit, x: tf.Tensor4D, folded: Record<string, Convolution>): tf.Tensor4D {
  const { filter, bias } = folded[unit.convolution]!;
  const sum = convolveWithBias(x, filter, { ...unit, bias });
  if (unit.activation === "none") return sum;
  const active = unit.activation === "relu" ? tf.relu(sum) : tf.relu6(sum);
  sum.dispose();
  return active;
}
