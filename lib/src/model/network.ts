import type * as tf from "@tensorflow/tfjs";
import type { Weights } from "./safetensors";

/** How a forward pass runs. */
export interface Pass {
  /** Stages that do not learn: their batch norm uses the running statistics, and no gradient is asked of them. */
  frozen: ReadonlySet<string>;
  /** Whether batch norm normalises by the batch, as in training, or by the running statistics. */
  batchStatistics: boolean;
  /** Hears the batch's mean and (biased) variance of each batch norm, kept tensors that the listener disposes. */
  onStatistics?: (norm: string, statistics: { mean: tf.Tensor1D; variance: tf.Tensor1D; count: number }) => void;
}

/** A backbone whose every layer can learn. Adding one to the project is one file that exports this. */
export interface Architecture {
  name: string;
  /** Channels of the last feature map, which is averaged over its places. */
  dimensions: number;
  /** Names of the stages from the pixels on: what `until:<stage>` may name. */
  stages: readonly string[];
  /** Shape, in PyTorch's order, of every parameter and running statistic, by its PyTorch name. */
  shapes: Readonly<Record<string, readonly number[]>>;
  /** The stage that a tensor of `shapes` belongs to. */
  stageOf(name: string): string;
  /** Weights as PyTorch initialises them, drawn from a seed. */
  initialise(seed: number): Weights;
  /** For inference alone, batch norm folded into the convolutions; weights of another model are a `UserError`. */
  freeze(weights: Weights): Frozen;
  /**
   * Normalised pixels [n, height, width, 3] → the last feature map [n, h, w, dimensions], differentiable in `tensors`
   * (parameters and running statistics as `toEngine` lays them out).
   */
  forward(tensors: Readonly<Record<string, tf.Tensor>>, pixels: tf.Tensor4D, pass: Pass): tf.Tensor4D;
}

/** A network in inference. */
export interface Frozen {
  /** Normalised pixels [n, height, width, 3] → the last feature map [n, h, w, dimensions]. */
  featureMap(pixels: tf.Tensor4D): tf.Tensor4D;
  dispose(): void;
}
