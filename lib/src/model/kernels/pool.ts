import * as tf from "@tensorflow/tfjs";
import { attribute, execute, isNative } from "../../tensorflow";
import { oneDnn, poolAttributes } from "./onednn";

/** Where each maximum came from, as oneDNN notes it; absent elsewhere. */
export type Workspace = tf.Tensor | undefined;

/**
 * Maximum of each 3 × 3, stride 2, padding 1, of x [n, h, w, channels] that came from a ReLU: zeros may pad it, for none
 * is above an output, and a tie with an output of 0 has no gradient in either place.
 */
export function maxPool(x: tf.Tensor4D): { y: tf.Tensor4D; workspace: Workspace } {
  if (!isNative()) return { y: plainMaxPool(x), workspace: undefined };
  const input = padded(x);
  const [y, workspace] = oneDnn()
    ? execute("_MklNativeMaxPool", workspaceAttributes(), [input], 2)
    : execute("MaxPool", poolAttributes(), [input]);
  input.dispose();
  return { y: y as tf.Tensor4D, workspace };
}

/** The same in ops that TensorFlow.js can differentiate on every backend. */
export function plainMaxPool(x: tf.Tensor4D): tf.Tensor4D {
  return tf.maxPool(padded(x), 3, 2, "valid");
}

/** Gradient of the input x, given the output y and its gradient. */
export function maxPoolGradient(
  dy: tf.Tensor4D,
  { x, y, workspace }: { x: tf.Tensor4D; y: tf.Tensor4D; workspace: Workspace },
): tf.Tensor4D {
  return tf.tidy(() => {
    const input = padded(x);
    // by the workspace it takes a twentieth of the time
    const [dx] = workspace
      ? execute("_MklNativeMaxPoolGrad", workspaceAttributes(), [input, y, dy, workspace])
      : execute("MaxPoolGrad", poolAttributes(), [input, y, dy]);
    return tf.slice(dx as tf.Tensor4D, [0, 1, 1, 0], x.shape);
  });
}

function workspaceAttributes() {
  return [...poolAttributes(), attribute.bool("workspace_enabled", true), oneDnn.kernel()];
}

function padded(x: tf.Tensor4D): tf.Tensor4D {
  return tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
}
