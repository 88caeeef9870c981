import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors";
import type { Weight, Weights } from "./safetensors";

/** A convolution with its batch norm folded in: filter [h, w, in, out], or [h, w, channels, 1] depthwise; bias [out]. */
export interface Convolution {
  filter: tf.Tensor4D;
  bias: tf.Tensor1D;
  stride: 1 | 2;
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

/**
 * A convolution [out, in, h, w] of PyTorch followed by batch norm in inference, as one convolution:
 * filter · γ/√(σ²+ε), and β − μ · γ/√(σ²+ε) as bias (Ioffe & Szegedy 2015).
 */
export function foldBatchNorm(
  weights: Weights,
  names: { convolution: string; norm: string },
  { epsilon, stride = 1 }: { epsilon: number; stride?: 1 | 2 },
): Convolution {
  const { shape, data } = weightOf(weights, `${names.convolution}.weight`);
  const [out = 0, inputs = 0, height = 0, width = 0] = shape;
  const norm = (part: string) => weightOf(weights, `${names.norm}.${part}`, [out]).data;
  const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(norm) as Float32Array[];
  const scale = Float32Array.from(gamma!, (value, channel) => value / Math.sqrt(variance![channel]! + epsilon));
  const bias = Float32Array.from(beta!, (value, channel) => value - mean![channel]! * scale[channel]!);
  const size = inputs * height * width;
  const folded = Float32Array.from(data, (value, i) => value * scale[Math.floor(i / size)]!);
  return tf.tidy(() => {
    const filter = tf.tensor4d(folded, [out, inputs, height, width]);
    // depthwise filters have one input channel in PyTorch: [channels, 1, h, w] becomes [h, w, channels, 1]
    const axes = inputs === 1 ? [2, 3, 0, 1] : [2, 3, 1, 0];
    return { filter: tf.transpose(filter, axes), bias: tf.tensor1d(bias), stride };
  });
}

/** Convolution with TensorFlow's "same" padding, bias, and ReLU6 where asked for. */
export function convolve(x: tf.Tensor4D, { filter, bias, stride }: Convolution, relu6 = true): tf.Tensor4D {
  const sum = tf.add(tf.conv2d(x, filter, stride, "same"), bias) as tf.Tensor4D;
  return relu6 ? tf.relu6(sum) : sum;
}

/** Depthwise convolution with TensorFlow's "same" padding, bias and ReLU6. */
export function convolveDepthwise(x: tf.Tensor4D, { filter, bias, stride }: Convolution): tf.Tensor4D {
  return tf.relu6(tf.add(tf.depthwiseConv2d(x, filter, stride, "same"), bias) as tf.Tensor4D);
}

export function disposeConvolution({ filter, bias }: Convolution): void {
  filter.dispose();
  bias.dispose();
}
