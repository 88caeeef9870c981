import * as tf from "@tensorflow/tfjs";
import { type Attribute, attribute, execute, isNative } from "../../tensorflow";
import type { Unit } from "../network";
import { oneDnn } from "./onednn";

/** What of a unit decides how its convolution runs. */
export type Geometry = Pick<Unit, "kernel" | "stride" | "padding" | "depthwise">;

/** Rows (and columns) of zeros on each side; none where TensorFlow's own "same" comes to as much. */
function torchPadding({ kernel, stride, padding }: Geometry): number {
  return padding === "torch" && stride > 1 ? (kernel - 1) / 2 : 0;
}

/** Convolution of x [n, h, w, in] by a filter [kernel, kernel, in, out], or [kernel, kernel, channels, 1] depthwise. */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  if (!isNative()) return plainConvolve(x, filter, geometry);
  const op = geometry.depthwise ? "DepthwiseConv2dNative" : "Conv2D";
  return execute(op, convolutionAttributes(geometry), [x, filter])[0] as tf.Tensor4D;
}

/** The same with a bias [out]; oneDNN adds it while it convolves. */
export function convolveWithBias(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { bias, ...geometry }: Geometry & { bias: tf.Tensor1D },
): tf.Tensor4D {
  if (geometry.depthwise || !oneDnn()) return tf.tidy(() => tf.add(convolve(x, filter, geometry), bias));
  const attributes = [...convolutionAttributes(geometry), oneDnn.kernel()];
  return execute("_MklNativeConv2DWithBias", attributes, [x, filter, bias])[0] as tf.Tensor4D;
}

/** The same in ops that TensorFlow.js can differentiate on every backend. */
export function plainConvolve(x: tf.Tensor4D, filter: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  if (geometry.depthwise) return tf.depthwiseConv2d(x, filter, geometry.stride, "same");
  const side = torchPadding(geometry);
  return side > 0
    ? tf.conv2d(padded(x, side), filter, geometry.stride, "valid")
    : tf.conv2d(x, filter, geometry.stride, "same");
}

/** Gradient of the input, of the shape given, for that of the output. */
export function inputGradient(
  dz: tf.Tensor4D,
  filter: tf.Tensor4D,
  { shape, ...geometry }: Geometry & { shape: readonly number[] },
): tf.Tensor4D {
  const op = geometry.depthwise ? "DepthwiseConv2dNativeBackpropInput" : "Conv2DBackpropInput";
  const side = torchPadding(geometry);
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  return tf.tidy(() => {
    // oneDNN does not know the gradients of explicit padding, and TensorFlow's own take up to four times as long
    const size = [batch, height + 2 * side, width + 2 * side, channels];
    const [dx] = execute(op, convolutionAttributes(geometry, side > 0), [sizes(size), filter, dz]);
    return side > 0 ? tf.slice(dx as tf.Tensor4D, [0, side, side, 0], [batch, height, width, channels]) : dx;
  }) as unknown as tf.Tensor4D;
}

/** Gradient of the filter, of the shape given, for an input and the gradient of the output. */
export function filterGradient(
  x: tf.Tensor4D,
  dz: tf.Tensor4D,
  { shape, ...geometry }: Geometry & { shape: readonly number[] },
): tf.Tensor4D {
  if (geometry.kernel === 1 && geometry.stride === 1 && !geometry.depthwise) return productGradient(x, dz, shape);
  const op = geometry.depthwise ? "DepthwiseConv2dNativeBackpropFilter" : "Conv2DBackpropFilter";
  const side = torchPadding(geometry);
  return tf.tidy(() => {
    const input = side > 0 ? padded(x, side) : x;
    return execute(op, convolutionAttributes(geometry, side > 0), [input, sizes(shape), dz])[0];
  }) as unknown as tf.Tensor4D;
}

/** The same of a 1 × 1 filter: a matrix product, which oneDNN does a quarter faster. */
function productGradient(x: tf.Tensor4D, dz: tf.Tensor4D, shape: readonly number[]): tf.Tensor4D {
  const rows = (tensor: tf.Tensor4D) => tf.reshape(tensor, [-1, tensor.shape[3]]);
  return tf.tidy(() => tf.reshape<tf.Rank.R4>(tf.matMul(rows(x), rows(dz), true), [...shape] as typeof x.shape));
}

/** `done` where the input is padded already. */
function convolutionAttributes(geometry: Geometry, done = false): Attribute[] {
  const { stride } = geometry;
  const side = done ? 0 : torchPadding(geometry);
  return [
    attribute.type("T"),
    attribute.ints("strides", [1, stride, stride, 1]),
    attribute.string("padding", done ? "VALID" : side > 0 ? "EXPLICIT" : "SAME"),
    ...(side > 0 ? [attribute.ints("explicit_paddings", [0, 0, side, side, side, side, 0, 0])] : []),
    attribute.string("data_format", "NHWC"),
    attribute.ints("dilations", [1, 1, 1, 1]),
  ];
}

function padded(x: tf.Tensor4D, side: number): tf.Tensor4D {
  return tf.pad(x, [
    [0, 0],
    [side, side],
    [side, side],
    [0, 0],
  ]);
}

function sizes(shape: readonly number[]): tf.Tensor1D {
  return tf.tensor1d([...shape], "int32");
}
