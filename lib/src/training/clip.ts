import * as tf from "@tensorflow/tfjs";
import { attribute, execute, isNative } from "../tensorflow";

/**
 * Gradients scaled down together so that their joint norm is at most `maxNorm`, and the norm before: PyTorch's
 * `clip_grad_norm_`, its 1e-6 included. The tensors are new and the caller's; nothing is read back from the engine.
 */
export function clipByGlobalNorm(
  gradients: tf.NamedTensorMap,
  maxNorm: number,
): { gradients: tf.NamedTensorMap; norm: tf.Scalar } {
  return tf.tidy(() => {
    const norm = globalNorm(gradients);
    const scale = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
    const clipped = Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, scale)] as const);
    return { gradients: Object.fromEntries(clipped), norm };
  });
}

/** The Euclidean norm of all gradients as one vector; of none, 0. */
export function globalNorm(gradients: tf.NamedTensorMap): tf.Scalar {
  return tf.tidy(() => {
    const squares = Object.values(gradients).map(sumOfSquares);
    return squares.length === 0 ? tf.scalar(0) : (tf.sqrt(tf.addN(squares)) as tf.Scalar);
  });
}

/** TensorFlow's `L2Loss` is half of it, and needs no tensor of squares. */
function sumOfSquares(gradient: tf.Tensor): tf.Scalar {
  if (!isNative()) return tf.sum(tf.square(gradient));
  return tf.mul(execute("L2Loss", [attribute.type("T")], [gradient])[0]!, 2) as tf.Scalar;
}

/**
 * The gradients with that of an L1 penalty, strength · Σ|p| over their parameters, added: strength · sign(p), which at 0
 * is 0 as in PyTorch (Tibshirani 1996). The penalty is part of the loss: add it before clipping.
 * The tensors are new and the caller's.
 */
export function addL1(
  gradients: tf.NamedTensorMap,
  parameters: tf.NamedTensorMap,
  strength: number,
): tf.NamedTensorMap {
  const penalised = Object.entries(gradients).map(([name, gradient]) => {
    const sum = tf.tidy(() => tf.add(gradient, tf.mul(tf.sign(parameters[name]!), strength)));
    return [name, sum] as const;
  });
  return Object.fromEntries(penalised);
}

/** strength · Σ|p|: what an L1 penalty adds to the loss. */
export function l1Penalty(parameters: tf.NamedTensorMap, strength: number): tf.Scalar {
  return tf.tidy(() => {
    const sums = Object.values(parameters).map((parameter) => tf.sum(tf.abs(parameter)));
    return sums.length === 0 ? tf.scalar(0) : (tf.mul(tf.addN(sums), strength) as tf.Scalar);
  });
}
