import type * as tf from "@tensorflow/tfjs";
import type { Weights } from "./safetensors";

/** A convolution, its batch norm and its activation. */
export interface Unit {
  /** PyTorch's name of the convolution, whose filter is `<name>.weight`. */
  convolution: string;
  /** PyTorch's name of the batch norm: `weight`, `bias`, `running_mean` and `running_var`. */
  norm: string;
  /** Channels in and out; a depthwise convolution has as many of both and filters each alone. */
  inputs: number;
  outputs: number;
  depthwise: boolean;
  /** Side of the square filter, an odd number. */
  kernel: number;
  stride: 1 | 2;
  /** "same" as TensorFlow pads (more below and right), "torch" by (kernel − 1) / 2 on every side. */
  padding: "same" | "torch";
  activation: "relu" | "relu6" | "none";
}

/** Units one after the other, and what happens to their output. */
export interface Block {
  units: readonly Unit[];
  /** Maximum of each 3 × 3, stride 2, padding 1. Its input must come from a ReLU. */
  pool?: boolean;
  /** The block's input is added to its output: as it is, or through a unit where their shapes differ. */
  skip?: "identity" | Unit;
  /** ReLU after that sum. */
  relu?: boolean;
}

/** Blocks that are frozen, or learn, together. */
export interface Stage {
  name: string;
  blocks: readonly Block[];
}

/** How a forward pass runs. */
export interface Pass {
  /** Stages that do not learn: their batch norm uses the running statistics, and no gradient is asked of them. */
  frozen: ReadonlySet<string>;
  /** Whether batch norm normalises by the batch, as in training, or by the running statistics. */
  batchStatistics: boolean;
  /** Hears the batch's mean and (biased) variance of each batch norm, kept tensors that the listener disposes. */
  onStatistics?: (norm: string, statistics: BatchStatistics) => void;
}

/** Of one batch norm; PyTorch's running variance takes variance · count / (count − 1). */
export interface BatchStatistics {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
  /** Values of each channel: batch · height · width. */
  count: number;
}

/** A backbone whose every layer can learn. Adding one to the project is one file that exports this. */
export interface Architecture {
  name: string;
  /** Channels of the last feature map, which is averaged over its places. */
  dimensions: number;
  /** Added to every variance before its root. */
  epsilon: number;
  /** Share of the batch in the running statistics, as PyTorch counts it. */
  momentum: number;
  /** Names of the stages from the pixels on: what `until:<stage>` may name. */
  stages: readonly string[];
  /** What the stages are made of. */
  layers: readonly Stage[];
  /** Shape, in PyTorch's order, of every parameter and running statistic, by its PyTorch name. */
  shapes: Readonly<Record<string, readonly number[]>>;
  /** The stage that a tensor of `shapes` belongs to. */
  stageOf(name: string): string;
  /** Weights as PyTorch initialises them, drawn from a seed. */
  initialise(seed: number): Weights;
  /** For inference alone, batch norm folded into the convolutions; weights of another model are a `UserError`. */
  freeze(weights: Weights): Frozen;
  /**
   * Normalised pixels [n, height, width, 3] → the last feature map [n, h, w, dimensions], differentiable in those of
   * `tensors` that learn (parameters and running statistics as `toEngine` lays them out); not in the pixels.
   */
  forward(tensors: Readonly<Record<string, tf.Tensor>>, pixels: tf.Tensor4D, pass: Pass): tf.Tensor4D;
}

/** A network in inference. */
export interface Frozen {
  /** Normalised pixels [n, height, width, 3] → the last feature map [n, h, w, dimensions]. */
  featureMap(pixels: tf.Tensor4D): tf.Tensor4D;
  /** The last feature map of every stage, by the stage's name. */
  stageMaps(pixels: tf.Tensor4D): Record<string, tf.Tensor4D>;
  dispose(): void;
}
