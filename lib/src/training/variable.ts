import * as tf from "@tensorflow/tfjs";
import type { Weight } from "../model/safetensors";
import { attribute, execute } from "../tensorflow";

/** A tensor that lives in TensorFlow and is changed in place; only on the native engine. */
export interface Variable {
  handle: tf.Tensor;
  shape: number[];
}

let created = 0;

export function createVariable({ shape, data }: Weight): Variable {
  const [handle] = execute(
    "VarHandleOp",
    [
      attribute.type("dtype"),
      attribute.shape("shape", shape),
      attribute.string("shared_name", `movie-revenue-${process.pid}-${created++}`),
      attribute.string("container", ""),
    ],
    [],
  );
  const variable = { handle: tf.keep(handle!), shape };
  const value = tf.tensor(data, shape);
  assignVariable(variable, value);
  value.dispose();
  return variable;
}

/** The value as it is now; while the tensor is held, a change in place costs a copy. */
export function readVariable({ handle }: Variable): tf.Tensor {
  return execute("ReadVariableOp", [attribute.type("dtype")], [handle])[0]!;
}

export function assignVariable({ handle }: Variable, value: tf.Tensor): void {
  execute("AssignVariableOp", [attribute.type("dtype")], [handle, value], 0);
}

/** The variable times a number. */
export function scaleVariable(variable: Variable, factor: number): void {
  const [value, scalar] = [readVariable(variable), tf.scalar(factor)];
  const [scaled] = execute("Mul", [attribute.type("T")], [value, scalar]);
  assignVariable(variable, scaled!);
  tf.dispose([value, scalar, scaled!]);
}

/** The values, copied out of the engine. */
export function readWeight(variable: Variable): Weight {
  const value = readVariable(variable);
  const data = Float32Array.from(value.dataSync<"float32">());
  value.dispose();
  return { shape: variable.shape, data };
}

export function destroyVariable({ handle }: Variable): void {
  execute("DestroyResourceOp", [attribute.bool("ignore_lookup_error", true)], [handle], 0);
  handle.dispose();
}
