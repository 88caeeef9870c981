import * as tf from "@tensorflow/tfjs";
import { attribute, execute, isNative } from "../tensorflow";
import { attend, QUERY } from "./attention";

/** A forward pass of the head that can be gone back. */
export interface HeadPass {
  /** [batch, outputs]. */
  outputs: tf.Tensor2D;
  /** From the gradient of a loss by the outputs, that by each parameter and, where asked for, by the features [batch, inputs]. */
  backward(gradient: tf.Tensor2D, options?: { features?: boolean }): HeadGradients;
}

export interface HeadGradients {
  parameters: tf.NamedTensorMap;
  features?: tf.Tensor2D;
}

/**
 * `headOutputs` in training, its gradients written out: natively a third faster than TensorFlow.js's tape. `masks`, one
 * [width, batch] for each hidden layer, are the dropout. Where there is a query, the features are a map, which the head
 * attends to first. To be used inside one `tf.tidy` with what is done with it.
 */
export function passHead(
  parameters: Readonly<Record<string, tf.Tensor>>,
  features: tf.Tensor2D,
  masks: readonly tf.Tensor2D[] = [],
): HeadPass {
  const { multiply, gate } = isNative() ? native : plain;
  const query = parameters[QUERY] as tf.Tensor1D | undefined;
  const attended = query && attend(features, query);
  const inputs = attended?.pooled ?? features;
  const weights: tf.Tensor2D[] = [];
  while (parameters[weightName(weights.length)]) weights.push(parameters[weightName(weights.length)] as tf.Tensor2D);
  // layers are [units, batch]: oneDNN takes twice as long for features · weightᵀ as for weight · featuresᵀ
  const layers: tf.Tensor2D[] = [];
  for (const [layer, weight] of weights.entries()) {
    const product = layer === 0 ? multiply(weight, inputs, "bᵀ") : multiply(weight, layers[layer - 1]!);
    const sum = tf.add(product, tf.reshape(parameters[biasName(layer)]!, [-1, 1])) as tf.Tensor2D;
    layers.push(layer === weights.length - 1 ? sum : masked(tf.relu(sum), masks[layer]));
  }
  const backward: HeadPass["backward"] = (gradient, options = {}) => {
    const found: tf.NamedTensorMap = {};
    let by = tf.transpose(gradient);
    const ones = tf.ones<tf.Rank.R2>([gradient.shape[0], 1]);
    for (let layer = weights.length - 1; layer >= 0; layer--) {
      found[weightName(layer)] = layer === 0 ? multiply(by, inputs) : multiply(by, layers[layer - 1]!, "bᵀ");
      found[biasName(layer)] = tf.reshape(multiply(by, ones), [-1]);
      // a unit that is 0, by ReLU or by its mask, passes nothing on
      if (layer > 0) by = gate(masked(multiply(weights[layer]!, by, "aᵀ"), masks[layer - 1]), layers[layer - 1]!);
    }
    if (!attended && !options.features) return { parameters: found };
    const byInputs = multiply(by, weights[0]!, "aᵀ");
    if (!attended) return { parameters: found, features: byInputs };
    const { query, map } = attended.backward(byInputs);
    return { parameters: { ...found, [QUERY]: query }, features: map };
  };
  return { outputs: tf.transpose(layers.at(-1)!), backward };
}

const weightName = (layer: number): string => `head.${layer}.weight`;
const biasName = (layer: number): string => `head.${layer}.bias`;

function masked(x: tf.Tensor2D, mask: tf.Tensor2D | undefined): tf.Tensor2D {
  return mask ? tf.mul(x, mask) : x;
}

interface Ops {
  /** a · b, or with one of them transposed. */
  multiply(a: tf.Tensor2D, b: tf.Tensor2D, transposed?: "aᵀ" | "bᵀ"): tf.Tensor2D;
  /** The gradient where the output is above 0, else 0. */
  gate(gradient: tf.Tensor2D, output: tf.Tensor2D): tf.Tensor2D;
}

const plain: Ops = {
  multiply: (a, b, transposed) => tf.matMul(a, b, transposed === "aᵀ", transposed === "bᵀ"),
  gate: (gradient, output) => tf.mul(gradient, tf.step(output)),
};

const native: Ops = {
  multiply: (a, b, transposed) =>
    execute(
      "MatMul",
      [
        attribute.type("T"),
        attribute.bool("transpose_a", transposed === "aᵀ"),
        attribute.bool("transpose_b", transposed === "bᵀ"),
      ],
      [a, b],
    )[0] as tf.Tensor2D,
  gate: (gradient, output) => execute("ReluGrad", [attribute.type("T")], [gradient, output])[0] as tf.Tensor2D,
};
