import * as tf from "@tensorflow/tfjs";
import type { Film } from "../../catalogue/film";
import type { RbfTerm } from "../../model/covariance";
import { type Fused, predictFused } from "../../model/fused";
import type { PosterScale } from "../../model/fused/poster-scale";
import { type PredictOptions, predictLog10 } from "../../model/head";
import { passHead } from "../../model/head-pass";
import type { Matrix } from "../../model/matrix";
import { likeness, type PosterKernel, predictPosterKernel } from "../../model/poster-kernel";
import type { Weights } from "../../model/safetensors";
import { addedByLines, type LineAdded } from "../../model/writing";

/** What stands between a poster's features and its prediction. */
export interface FeatureModel {
  /** Log10 dollars of features [posters, features]. */
  predict(features: Matrix & { data: Float32Array }): ArrayLike<number>;
  /** ∂ log10 dollars / ∂ features of one poster, [features]. */
  gradient(features: Float32Array): Float32Array;
  /** What the lines add that are read on the poster, of a model that reads. */
  lines?: LineAdded[];
}

/** A head, and how its outputs are read. */
export function headModel(head: Weights, read?: PredictOptions["read"]): FeatureModel {
  return {
    predict: ({ data, columns }) => predictLog10(head, data, { columns, read }),
    gradient(features) {
      const slopes = tf.tidy(() => {
        const parameters = Object.fromEntries(
          Object.entries(head).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]),
        );
        const { outputs, backward } = passHead(parameters, tf.tensor2d(features, [1, features.length]));
        const byOutputs = read ? tf.grad((x: tf.Tensor) => read(x as tf.Tensor2D))(outputs) : tf.onesLike(outputs);
        return backward(byOutputs as tf.Tensor2D, { features: true }).features!;
      });
      const found = Float32Array.from(slopes.dataSync<"float32">());
      slopes.dispose();
      return found;
    },
  };
}

/** Kernel ridge regression on the features, of posters with the same writing: what was read stays, whatever is covered. */
export function kernelModel(kernel: PosterKernel, writing = ""): FeatureModel {
  const { scale, coefficients } = kernel;
  const term = likeness(kernel);
  return {
    predict: (features) =>
      predictPosterKernel(kernel, { features, writing: Array.from({ length: features.rows }, () => writing) }),
    gradient: (features) => kernelGradient(features, { term, scale, coefficients }),
    ...(kernel.writing && { lines: addedByLines(writing, kernel.writing) }),
  };
}

/** A model of facts and poster, of one film: the facts stay as they are. Without a part for the poster the gradient is 0. */
export function fusedModel(fused: Fused, film: Film): FeatureModel {
  const { poster: scale, kernel } = fused;
  return {
    predict: (posters) => predictFused(fused, { films: Array.from({ length: posters.rows }, () => film), posters }),
    gradient(features) {
      // the poster's term is the last; the prediction is the mean of the kernel and of trees, which see facts alone
      const term = kernel.terms.at(-1);
      if (!scale || term?.kind !== "rbf") return new Float32Array(features.length);
      return kernelGradient(features, { term, scale, coefficients: kernel.coefficients }).map((value) => value / 2);
    },
  };
}

/** ∂/∂features of Σ coefficient · weight · exp(−gamma · ‖scaled − row‖²), where scaled = (feature − mean) · factor. */
function kernelGradient(
  features: Float32Array,
  { term, scale, coefficients }: { term: RbfTerm; scale: PosterScale; coefficients: ArrayLike<number> },
): Float32Array {
  const { weight, gamma, rows } = term;
  const scaled = features.map((value, i) => (value - scale.means[i]!) * scale.factors[i]!);
  const slopes = new Float64Array(features.length);
  for (let film = 0; film < rows.rows; film++) {
    const row = rows.data.subarray(film * rows.columns, (film + 1) * rows.columns);
    let distance = 0;
    for (let i = 0; i < row.length; i++) distance += (scaled[i]! - row[i]!) ** 2;
    const share = -2 * gamma * weight * coefficients[film]! * Math.exp(-gamma * distance);
    for (let i = 0; i < row.length; i++) slopes[i] = slopes[i]! + share * (scaled[i]! - row[i]!);
  }
  return Float32Array.from(slopes, (slope, i) => slope * scale.factors[i]!);
}
