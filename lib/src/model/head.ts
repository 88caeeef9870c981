import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors";
import { Random } from "../random";
import { readSafetensors, type Weights } from "./safetensors";

/** Streams of random numbers drawn from one seed. */
const INITIALISATION = 1;
const DROPOUT = 2;

export interface HeadShape {
  /** Features that come in. */
  inputs: number;
  /** Width of each hidden layer. */
  hidden: readonly number[];
}

/** Widths of all layers, from the features to the one number that comes out. */
function widths({ inputs, hidden }: HeadShape): number[] {
  return [inputs, ...hidden, 1];
}

/**
 * Weights [out, in] and biases [out] of the head, `head.0.weight` and on, drawn as PyTorch's `nn.Linear` does:
 * uniform in ±1/√in (kaiming_uniform with a = √5 comes to the same). The last bias has `targetMean` added: a head that
 * starts near 0, with targets near 7.6, spends its first epochs on the mean and has overfitted before it is there.
 */
export function initialiseHead(
  shape: HeadShape,
  { seed, targetMean = 0 }: { seed: number; targetMean?: number },
): Weights {
  const random = new Random([seed, INITIALISATION]);
  const weights: Weights = {};
  widths(shape).forEach((inputs, layer, all) => {
    const outputs = all[layer + 1];
    if (outputs === undefined) return;
    const bound = 1 / Math.sqrt(inputs);
    const draw = (size: number) => Float32Array.from({ length: size }, () => random.uniform(-bound, bound));
    weights[`head.${layer}.weight`] = { shape: [outputs, inputs], data: draw(outputs * inputs) };
    weights[`head.${layer}.bias`] = { shape: [outputs], data: draw(outputs) };
  });
  const last = weights[`head.${shape.hidden.length}.bias`]!;
  last.data[0] = last.data[0]! + targetMean;
  return weights;
}

/** The head in a safetensors file; one that has not just these layers is a `UserError`. */
export async function readHead(path: string, shape: HeadShape): Promise<Weights> {
  const { tensors } = await readSafetensors(path);
  const expected = widths(shape).flatMap((inputs, layer, all) => {
    const outputs = all[layer + 1];
    return outputs === undefined
      ? []
      : [`head.${layer}.weight [${outputs},${inputs}]`, `head.${layer}.bias [${outputs}]`];
  });
  const found = Object.entries(tensors).map(([name, { shape }]) => `${name} [${shape}]`);
  const missing = expected.find((tensor) => !found.includes(tensor));
  if (missing)
    throw new UserError(`${path} has no tensor ${missing}: it is not this run's head, so train the run again.`);
  return tensors;
}

/**
 * Log10 dollars, shape [batch], of features [batch, inputs]: linear layers with ReLU between.
 * `masks`, one [batch, width] for each hidden layer, are the dropout of training.
 */
export function applyHead(
  parameters: Record<string, tf.Tensor>,
  features: tf.Tensor2D,
  masks: readonly tf.Tensor2D[] = [],
): tf.Tensor1D {
  const layers = Object.keys(parameters).length / 2;
  let x = features;
  for (let layer = 0; layer < layers; layer++) {
    x = tf.add(tf.matMul(x, parameters[`head.${layer}.weight`]!, false, true), parameters[`head.${layer}.bias`]!);
    if (layer < layers - 1) x = tf.relu(x);
    const mask = masks[layer];
    if (mask) x = tf.mul(x, mask);
  }
  return tf.reshape(x, [-1]) as tf.Tensor1D;
}

/**
 * Dropout masks of one training step: 0 with the layer's rate, else 1/(1 − rate) (Srivastava et al. 2014, inverted).
 * They depend on seed and step alone, so every engine, and a resumed training, drops the same units.
 */
export function dropoutMasks(
  { hidden, dropout }: { hidden: readonly number[]; dropout: readonly number[] },
  { batch, seed, step }: { batch: number; seed: number; step: number },
): tf.Tensor2D[] {
  return hidden.map((width, layer) => {
    const rate = dropout[layer] ?? 0;
    const random = new Random([seed, DROPOUT, step, layer]);
    const threshold = rate * 2 ** 32;
    const kept = 1 / (1 - rate);
    const mask = new Float32Array(batch * width);
    for (let i = 0; i < mask.length; i++) mask[i] = random.uint32() < threshold ? 0 : kept;
    return tf.tensor2d(mask, [batch, width]);
  });
}

/** Log10 dollars, [n], that a trained head predicts from features, row-major [n, inputs]. */
export function predictLog10(weights: Weights, features: Float32Array): Float32Array {
  return tf.tidy(() => {
    const parameters = Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]),
    );
    const inputs = weights["head.0.weight"]!.shape[1]!;
    const x = tf.tensor2d(features, [features.length / inputs, inputs]);
    return Float32Array.from(applyHead(parameters, x).dataSync<"float32">());
  });
}
