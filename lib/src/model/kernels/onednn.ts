import * as tf from "@tensorflow/tfjs";
import { type Attribute, attribute, execute, isNative } from "../../tensorflow";

const known = new WeakMap<object, boolean>();

/**
 * Whether TensorFlow has its oneDNN kernels here (x86 Linux without a GPU, and `TF_ENABLE_ONEDNN_OPTS` not 0): the ops
 * `_MklNative…` fuse what the public ops cannot. They are not part of TensorFlow's promises, so each is asked for once.
 */
export function oneDnn(): boolean {
  // TensorFlow itself would not stop whoever asks for these kernels by name
  if (!isNative() || process.env.TF_ENABLE_ONEDNN_OPTS === "0") return false;
  const backend = tf.backend();
  let found = known.get(backend);
  if (found === undefined) {
    found = !(backend as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice && tf.tidy(works) === 1;
    known.set(backend, found);
  }
  return found;
}

/** The label under which TensorFlow registers those kernels. */
oneDnn.kernel = (): Attribute => attribute.string("_kernel", "MklNameChangeOp");

/** 1 where the fused ops of this folder run and give what is expected. */
function works(): number {
  const one = tf.ones([1, 2, 2, 1]);
  const unit = tf.ones([1]);
  try {
    const convolution = [
      attribute.type("T"),
      attribute.ints("strides", [1, 1, 1, 1]),
      attribute.string("padding", "SAME"),
    ];
    const [sum] = execute(
      "_MklNativeConv2DWithBias",
      [...convolution, oneDnn.kernel()],
      [one, tf.ones([1, 1, 1, 1]), unit],
    );
    const [normal] = execute("_MklNativeFusedBatchNormEx", reluNormAttributes(), [sum!, unit, unit, unit, unit], 6);
    const pooling = [...poolAttributes(), attribute.bool("workspace_enabled", true), oneDnn.kernel()];
    const [largest] = execute("_MklNativeMaxPool", pooling, [tf.ones([1, 3, 3, 1])], 2);
    // (1 + 1 − mean 1) / √(variance 1 + 0) + 1 = 2, and the largest of ones is 1
    return normal!.dataSync()[0] === 2 && largest!.dataSync()[0] === 1 ? 1 : 0;
  } catch {
    return 0;
  }
}

function reluNormAttributes(): Attribute[] {
  return [...normAttributes({ epsilon: 0, training: false }), ...fusedRelu()];
}

/** Settings of `FusedBatchNormV3`; its gradient has no average factor. */
export function normAttributes({ epsilon, training }: { epsilon: number; training: boolean }): Attribute[] {
  return [
    attribute.type("T"),
    attribute.type("U"),
    attribute.float("epsilon", epsilon),
    attribute.string("data_format", "NHWC"),
    attribute.bool("is_training", training),
  ];
}

/** What makes `_MklNativeFusedBatchNormEx` of it: batch norm with ReLU in one pass. */
export function fusedRelu(): Attribute[] {
  return [attribute.string("activation_mode", "Relu"), attribute.int("num_side_inputs", 0), oneDnn.kernel()];
}

/** Settings of a maximum over 3 × 3, stride 2, of an input that is padded already. */
export function poolAttributes(): Attribute[] {
  return [
    attribute.type("T"),
    attribute.ints("ksize", [1, 3, 3, 1]),
    attribute.ints("strides", [1, 2, 2, 1]),
    attribute.string("padding", "VALID"),
    attribute.string("data_format", "NHWC"),
  ];
}
