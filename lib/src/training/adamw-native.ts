import * as tf from "@tensorflow/tfjs";
import type { Weight, Weights } from "../model/safetensors";
import { type AdamWOptions, BETA1, BETA2, EPSILON, type Optimizer, type OptimizerState } from "./optimizer";

/** What tfjs-node's backend offers beside TensorFlow.js's own ops: any eager op of TensorFlow, by name. */
interface NativeBackend {
  binding: Record<"TF_ATTR_TYPE" | "TF_ATTR_SHAPE" | "TF_ATTR_STRING" | "TF_ATTR_BOOL" | "TF_FLOAT", number>;
  executeMultipleOutputs(name: string, attributes: object[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
}

/** A tensor that lives in TensorFlow and is changed in place. */
interface Variable {
  handle: tf.Tensor;
  shape: number[];
}

interface Slot {
  parameter: Variable;
  first: Variable;
  second: Variable;
}

let variables = 0;

/**
 * AdamW by TensorFlow's fused `ResourceApplyAdam`, which changes parameters and moments in place in one pass.
 * TensorFlow adds ε to √v and PyTorch to √(v / (1 − β₂ᵗ)): the op is given ε · √(1 − β₂ᵗ), which makes them equal.
 */
export function nativeAdamW(weights: Weights, { weightDecay }: AdamWOptions, state?: OptimizerState): Optimizer {
  const slots = new Map<string, Slot>();
  for (const [name, weight] of Object.entries(weights)) {
    const zeros = { shape: weight.shape, data: new Float32Array(weight.data.length) };
    slots.set(name, {
      parameter: createVariable(weight),
      first: createVariable(state?.first[name] ?? zeros),
      second: createVariable(state?.second[name] ?? zeros),
    });
  }
  let step = state?.step ?? 0;
  let current: tf.NamedTensorMap | undefined;
  const forget = () => {
    tf.dispose(current ?? {});
    current = undefined;
  };
  const read = (part: keyof Slot) =>
    Object.fromEntries([...slots].map(([name, slot]) => [name, readWeight(slot[part])]));
  return {
    parameters() {
      current ??= Object.fromEntries([...slots].map(([name, slot]) => [name, tf.keep(readVariable(slot.parameter))]));
      return current;
    },
    step(gradients, learningRate) {
      step++;
      // a value still held would make TensorFlow copy the variable before changing it
      forget();
      const scales = tf.tidy(() => adamScalars(step, learningRate).map((scalar) => tf.keep(scalar)));
      // PyTorch multiplies by 1 − lr · decay in float32: at 2e-4 · 1e-4 that is exactly 1, and the pass can be spared
      const decays = Math.fround(1 - learningRate * weightDecay) < 1;
      const decay = tf.scalar(learningRate * weightDecay);
      for (const [name, slot] of slots) applyAdamW(slot, gradients[name]!, { scales, decay: decays ? decay : null });
      tf.dispose([...scales, decay]);
    },
    weights: () => read("parameter"),
    state: () => ({ step, first: read("first"), second: read("second") }),
    dispose() {
      forget();
      for (const slot of slots.values()) for (const variable of Object.values(slot)) destroyVariable(variable);
    },
  };
}

/** β₁ᵗ, β₂ᵗ, learning rate, β₁, β₂, ε: the scalar inputs of ResourceApplyAdam, in its order. */
function adamScalars(step: number, learningRate: number): tf.Scalar[] {
  const second = BETA2 ** step;
  const epsilon = EPSILON * Math.sqrt(1 - second);
  return [BETA1 ** step, second, learningRate, BETA1, BETA2, epsilon].map((value) => tf.scalar(value, "float32"));
}

function applyAdamW(
  { parameter, first, second }: Slot,
  gradient: tf.Tensor,
  { scales, decay }: { scales: tf.Scalar[]; decay: tf.Scalar | null },
): void {
  const { binding } = native();
  const locking = { name: "use_locking", type: binding.TF_ATTR_BOOL, value: false };
  if (decay) {
    const value = readVariable(parameter);
    execute("ResourceApplyGradientDescent", [type("T"), locking], [parameter.handle, decay, value]);
    value.dispose();
  }
  const nesterov = { name: "use_nesterov", type: binding.TF_ATTR_BOOL, value: false };
  const inputs = [parameter.handle, first.handle, second.handle, ...scales, gradient];
  execute("ResourceApplyAdam", [type("T"), locking, nesterov], inputs);
}

function createVariable({ shape, data }: Weight): Variable {
  const { binding } = native();
  const name = {
    name: "shared_name",
    type: binding.TF_ATTR_STRING,
    value: `movie-revenue-${process.pid}-${variables++}`,
  };
  const container = { name: "container", type: binding.TF_ATTR_STRING, value: "" };
  const sized = { name: "shape", type: binding.TF_ATTR_SHAPE, value: shape };
  const handle = tf.keep(execute("VarHandleOp", [type("dtype"), sized, name, container], [], 1)[0]!);
  const value = tf.tensor(data, shape);
  execute("AssignVariableOp", [type("dtype")], [handle, value]);
  value.dispose();
  return { handle, shape };
}

function readVariable({ handle }: Variable): tf.Tensor {
  return execute("ReadVariableOp", [type("dtype")], [handle], 1)[0]!;
}

function readWeight(variable: Variable): Weight {
  const value = readVariable(variable);
  const data = Float32Array.from(value.dataSync<"float32">());
  value.dispose();
  return { shape: variable.shape, data };
}

function destroyVariable({ handle }: Variable): void {
  const ignore = { name: "ignore_lookup_error", type: native().binding.TF_ATTR_BOOL, value: true };
  execute("DestroyResourceOp", [ignore], [handle]);
  handle.dispose();
}

function native(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}

function type(name: string): object {
  const { binding } = native();
  return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
}

function execute(name: string, attributes: object[], inputs: tf.Tensor[], outputs = 0): tf.Tensor[] {
  return native().executeMultipleOutputs(name, attributes, inputs, outputs);
}
