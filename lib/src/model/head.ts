import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors";
import { Random } from "../random";
import { attend, QUERY } from "./attention";
import type { PosterScale } from "./fused/poster-scale";
import { readSafetensors, type Weights } from "./safetensors";

/** The stream of random numbers that a new head is drawn from. */
const INITIALISATION = 1;

export interface HeadShape {
  /** Features that come in. */
  inputs: number;
  /** Width of each hidden layer. */
  hidden: readonly number[];
  /** Numbers that come out; 1 unless the loss needs more. */
  outputs?: number;
  /** Whether the head attends to a map of so many channels as features come in; not unless given. */
  attention?: boolean;
}

/** Widths of all layers, from the features to what comes out. */
function widths({ inputs, hidden, outputs = 1 }: HeadShape): number[] {
  return [inputs, ...hidden, outputs];
}

/**
 * Weights [out, in] and biases [out] of the head, `head.0.weight` and on, drawn as PyTorch's `nn.Linear` does:
 * uniform in ±1/√in (kaiming_uniform with a = √5 comes to the same). The last bias has `targetMean` added, or `start`, one
 * number for each output: a head that starts near 0, with targets near 7.6, spends its first epochs on the mean and has
 * overfitted before it is there.
 */
export function initialiseHead(
  shape: HeadShape,
  { seed, targetMean = 0, start = [targetMean] }: { seed: number; targetMean?: number; start?: readonly number[] },
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
  // the plain mean of the map's places
  if (shape.attention) weights[QUERY] = { shape: [shape.inputs], data: new Float32Array(shape.inputs) };
  const last = weights[`head.${shape.hidden.length}.bias`]!;
  last.data = last.data.map((value, output) => value + (start[output] ?? 0));
  return weights;
}

/** The head in a safetensors file; one that has not just these layers is a `UserError`. */
export async function readHead(path: string, shape: HeadShape): Promise<Weights> {
  return checkHead(path, (await readSafetensors(path)).tensors, shape);
}

/** Tensors that came from a file, if they are the head of this shape; else a `UserError` that names the file. */
export function checkHead(path: string, tensors: Weights, shape: HeadShape): Weights {
  const expected = widths(shape).flatMap((inputs, layer, all) => {
    const outputs = all[layer + 1];
    return outputs === undefined
      ? []
      : [`head.${layer}.weight [${outputs},${inputs}]`, `head.${layer}.bias [${outputs}]`];
  });
  if (shape.attention) expected.push(`${QUERY} [${shape.inputs}]`);
  const found = Object.entries(tensors).map(([name, { shape }]) => `${name} [${shape}]`);
  const missing = expected.find((tensor) => !found.includes(tensor));
  if (missing)
    throw new UserError(`${path} has no tensor ${missing}: it is not this run's head, so train the run again.`);
  return tensors;
}

/** A head of scaled features, (feature − mean) · factor, as a head of the features themselves: it needs no scale any more. */
export function unscaledHead(head: Weights, { means, factors }: PosterScale): Weights {
  const { shape, data } = head["head.0.weight"]!;
  const bias = head["head.0.bias"]!;
  const weight = data.map((value, i) => value * factors[i % factors.length]!);
  const moved = bias.data.map((value, unit) =>
    means.reduce((sum, mean, i) => sum - weight[unit * means.length + i]! * mean, value),
  );
  return { ...head, "head.0.weight": { shape, data: weight }, "head.0.bias": { ...bias, data: moved } };
}

/** A head, alone or in its network, with only its first outputs: what is learnt beside revenue is not kept. */
export function firstOutputs(weights: Weights, outputs: number): Weights {
  let layer = 0;
  while (weights[`head.${layer + 1}.weight`]) layer++;
  const [weight, bias] = [weights[`head.${layer}.weight`]!, weights[`head.${layer}.bias`]!];
  const inputs = weight.shape[1]!;
  return {
    ...weights,
    [`head.${layer}.weight`]: { shape: [outputs, inputs], data: weight.data.slice(0, outputs * inputs) },
    [`head.${layer}.bias`]: { shape: [outputs], data: bias.data.slice(0, outputs) },
  };
}

/**
 * Outputs, shape [batch, outputs], of features [batch, inputs]: attention where there is a
 * query, and linear layers with ReLU between, without dropout.
 */
export function headOutputs(parameters: Record<string, tf.Tensor>, features: tf.Tensor2D): tf.Tensor2D {
  const query = parameters[QUERY];
  let x = query ? attend(features, query as tf.Tensor1D).pooled : features;
  for (let layer = 0; parameters[`head.${layer}.weight`]; layer++) {
    if (layer > 0) x = tf.relu(x);
    x = tf.add(tf.matMul(x, parameters[`head.${layer}.weight`]!, false, true), parameters[`head.${layer}.bias`]!);
  }
  return x;
}

/** Log10 dollars, shape [batch], that a head of one output makes of features [batch, inputs]. */
export function applyHead(parameters: Record<string, tf.Tensor>, features: tf.Tensor2D): tf.Tensor1D {
  return tf.reshape(headOutputs(parameters, features), [-1]);
}

export interface PredictOptions {
  /** Features of one film: as many as the head's inputs unless given, which they must be for a head that attends to a map. */
  columns?: number;
  /** Makes log10 dollars [n] of outputs [n, outputs]: those themselves unless given. */
  read?: (outputs: tf.Tensor2D) => tf.Tensor1D;
}

/** Log10 dollars, [n], that a trained head predicts from features, row-major [n, columns]. */
export function predictLog10(
  weights: Weights,
  features: Float32Array,
  { columns = weights["head.0.weight"]!.shape[1]!, read = (outputs) => tf.reshape(outputs, [-1]) }: PredictOptions = {},
): Float32Array {
  return tf.tidy(() => {
    const parameters = Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]),
    );
    const x = tf.tensor2d(features, [features.length / columns, columns]);
    return Float32Array.from(read(headOutputs(parameters, x)).dataSync<"float32">());
  });
}
