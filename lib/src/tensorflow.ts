import * as tf from "@tensorflow/tfjs";

/** A setting of a TensorFlow op, as `attribute` makes them. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** What tfjs-node's backend offers beside TensorFlow.js's own ops: any eager op of TensorFlow, by name. */
interface NativeBackend {
  binding: Record<string, number>;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
}

const native = (): NativeBackend => tf.backend() as unknown as NativeBackend;

/** Whether the engine is TensorFlow's C library, so that `execute` works. */
export function isNative(): boolean {
  return tf.getBackend() === "tensorflow";
}

/**
 * Runs one of TensorFlow's eager ops (tensorflow.org/api_docs/python/tf/raw_ops) and returns its `outputs` first tensors.
 * It is not recorded for gradients: wrap it in `tf.customGrad`. Only on the native engine.
 */
export function execute(
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly tf.Tensor[],
  outputs = 1,
): tf.Tensor[] {
  return native().executeMultipleOutputs(name, [...attributes], [...inputs], outputs);
}

const TYPES = { float32: "TF_FLOAT", int32: "TF_INT32", bool: "TF_BOOL", string: "TF_STRING" } as const;

const make =
  <Value>(kind: string) =>
  (name: string, value: Value): Attribute => ({ name, type: native().binding[kind]!, value });

/** Makers of attributes. The binding has no list of strings. */
export const attribute = {
  /** A data type, float32 unless named. */
  type: (name: string, type: keyof typeof TYPES = "float32"): Attribute =>
    make<number>("TF_ATTR_TYPE")(name, native().binding[TYPES[type]]!),
  shape: make<readonly number[]>("TF_ATTR_SHAPE"),
  bool: make<boolean>("TF_ATTR_BOOL"),
  int: make<number>("TF_ATTR_INT"),
  ints: make<readonly number[]>("TF_ATTR_INT"),
  float: make<number>("TF_ATTR_FLOAT"),
  string: make<string>("TF_ATTR_STRING"),
};
