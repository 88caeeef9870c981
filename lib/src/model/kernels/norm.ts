import * as tf from "@tensorflow/tfjs";
import { attribute, execute } from "../../tensorflow";
import type { Unit } from "../network";
import { fusedRelu, normAttributes, oneDnn } from "./onednn";

/** The learnt part of a batch norm, [channels] each. */
export interface Affine {
  scale: tf.Tensor1D;
  offset: tf.Tensor1D;
  epsilon: number;
}

/** What a batch norm normalised by, and what its gradient asks for beside it. */
export interface Moments {
  mean: tf.Tensor1D;
  /** Biased, as the normalising divides by it. */
  variance: tf.Tensor1D;
  /** TensorFlow's own (on a GPU they are not the moments). */
  reserved: tf.Tensor[];
}

/** Batch norm of z [n, h, w, channels] by the moments of the batch itself, then the activation. */
export function normaliseByBatch(
  z: tf.Tensor4D,
  affine: Affine,
  activation: Unit["activation"],
): { y: tf.Tensor4D; moments: Moments } {
  const none = tf.tensor1d([]);
  const [y, mean, unbiased, ...reserved] = batchNorm(z, affine, { mean: none, variance: none, activation });
  // TensorFlow gives the variance with Bessel's correction
  const count = z.size / z.shape[3];
  const variance = tf.mul(unbiased!, (count - 1) / Math.max(count, 2)) as tf.Tensor1D;
  tf.dispose([none, unbiased!]);
  return { y: activate(y as tf.Tensor4D, activation), moments: { mean: mean as tf.Tensor1D, variance, reserved } };
}

/** Batch norm by moments that are known, then the activation. */
export function normaliseBy(
  { mean, variance }: Pick<Moments, "mean" | "variance">,
  z: tf.Tensor4D,
  affine: Affine,
  activation: Unit["activation"],
): tf.Tensor4D {
  const [y, ...rest] = batchNorm(z, affine, { mean, variance, activation });
  tf.dispose(rest);
  return activate(y as tf.Tensor4D, activation);
}

interface Settings {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
  activation: Unit["activation"];
}

/** TensorFlow's six outputs; a ReLU is fused where that can be done. No mean given: the batch's own. */
function batchNorm(z: tf.Tensor4D, { scale, offset, epsilon }: Affine, { mean, variance, activation }: Settings) {
  const fused = fusesRelu(activation);
  const attributes = [
    ...normAttributes({ epsilon, training: mean.size === 0 }),
    attribute.float("exponential_avg_factor", 1),
    ...(fused ? fusedRelu() : []),
  ];
  const op = fused ? "_MklNativeFusedBatchNormEx" : "FusedBatchNormV3";
  return execute(op, attributes, [z, scale, offset, mean, variance], 6);
}

const fusesRelu = (activation: Unit["activation"]): boolean => activation === "relu" && oneDnn();

function activate(y: tf.Tensor4D, activation: Unit["activation"]): tf.Tensor4D {
  if (activation === "none" || fusesRelu(activation)) return y;
  const active = activation === "relu" ? tf.relu(y) : tf.relu6(y);
  y.dispose();
  return active;
}

/** Gradient before a ReLU or ReLU6, given the one behind it and the output y. */
export function activationGradient(dy: tf.Tensor4D, y: tf.Tensor4D, activation: Unit["activation"]): tf.Tensor4D {
  if (activation === "none") return dy;
  const op = activation === "relu" ? "ReluGrad" : "Relu6Grad";
  return execute(op, [attribute.type("T")], [dy, y])[0] as tf.Tensor4D;
}

/** Gradients of a batch norm (before its activation): of its input z, scale and offset. */
export function normGradient(
  du: tf.Tensor4D,
  z: tf.Tensor4D,
  { scale, epsilon, moments, byBatch }: Omit<Affine, "offset"> & { moments: Moments; byBatch: boolean },
): { dz: tf.Tensor4D; dScale: tf.Tensor1D; dOffset: tf.Tensor1D } {
  const attributes = normAttributes({ epsilon, training: byBatch });
  const [dz, dScale, dOffset, ...empty] = execute(
    "FusedBatchNormGradV3",
    attributes,
    [du, z, scale, ...moments.reserved],
    5,
  );
  tf.dispose(empty);
  return { dz: dz as tf.Tensor4D, dScale: dScale as tf.Tensor1D, dOffset: dOffset as tf.Tensor1D };
}
