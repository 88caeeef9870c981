import * as tf from "@tensorflow/tfjs";
import { atScales, type Backbone } from "../../model/backbone";
import type { Architecture, Frozen } from "../../model/network";
import { pooledMaps } from "../../model/pooling";
import { normalise } from "../../posters/normalise";
import { spearman } from "../ranking";
import type { FeatureModel } from "./feature-model";
import { gradCam } from "./grad-cam";
import { type Heat, mirrored, regrid, sumOfHeats } from "./heat";
import { type OcclusionOptions, occlusion, type Picture } from "./occlusion";

/** A network that looks at posters, opened up. */
export interface Looker {
  architecture: Architecture;
  frozen: Frozen;
  /** The same network, as features are made by it. */
  backbone: Backbone;
}

export interface PosterExplanation {
  /** Log10 dollars. */
  log10: number;
  /** By the gradients, on the grid of the network's last map. */
  gradCam: Heat;
  /** By covering patches. */
  occlusion: Heat;
  /** Spearman's rank correlation of the two over the patches; null where one of them is the same everywhere. */
  agreement: number | null;
}

/** What of one poster raises and what lowers its prediction, in two ways that know nothing of each other. */
export async function explainPoster(
  poster: Picture,
  lookers: readonly Looker[],
  model: FeatureModel,
  options: OcclusionOptions = {},
): Promise<PosterExplanation> {
  const { predicted, heat } = await occlusion(poster, (pictures) => predictPictures(pictures, lookers, model), options);
  const cam = posterGradCam(poster, lookers, model);
  return { log10: predicted, gradCam: cam, occlusion: heat, agreement: agreementOf(cam, heat) };
}

/** Spearman's rank correlation of two heats over the patches of the second. */
export function agreementOf(heat: Heat, { columns, rows, values }: Heat): number | null {
  return spearman([...regrid(heat, columns, rows).values], [...values]);
}

/** Grad-CAM of one poster, the sum over the networks that look at it, on the grid of the first. */
export function posterGradCam(poster: Picture, lookers: readonly Looker[], model: FeatureModel): Heat {
  const heats: Heat[] = [];
  tf.tidy(() => {
    const pixels = tensorOf([poster.pixels], lookers);
    const gradient = model.gradient(Float32Array.from(featuresOf(pixels, lookers).dataSync<"float32">()));
    let start = 0;
    for (const looker of lookers) {
      const end = start + looker.backbone.dimensions;
      heats.push(heatOf(pixels, looker, gradient.subarray(start, end)));
      start = end;
    }
  });
  return sumOfHeats(heats, heats[0]!);
}

/** What one network adds, given ∂ŷ/∂features; of one that also sees the mirror image, the mean of both. */
function heatOf(pixels: tf.Tensor4D, { architecture, frozen, backbone }: Looker, gradient: Float32Array): Heat {
  const { view } = backbone;
  const seen = (picture: tf.Tensor4D) => {
    const scaled = atScales(picture, view);
    const features = gradient.length / scaled.length;
    const own = scaled.map((smaller, i) => {
      const slopes = gradient.subarray(i * features, (i + 1) * features);
      return gradCam(pooledMaps(architecture, frozen, smaller, view.pooling), slopes, view.pooling);
    });
    return sumOfHeats(own, own[0]!);
  };
  const heat = seen(pixels);
  if (!view.mirror) return heat;
  const both = sumOfHeats([heat, mirrored(seen(tf.reverse(pixels, 2)))], heat);
  return { ...both, values: both.values.map((value) => value / 2) };
}

async function predictPictures(
  pictures: readonly Uint8Array[],
  lookers: readonly Looker[],
  model: FeatureModel,
): Promise<ArrayLike<number>> {
  const features = tf.tidy(() => featuresOf(tensorOf(pictures, lookers), lookers));
  const data = (await features.data()) as Float32Array;
  features.dispose();
  return model.predict({ rows: pictures.length, columns: features.shape[1], data });
}

/** Features by all networks, one after the other, [n, features]. */
function featuresOf(pixels: tf.Tensor4D, lookers: readonly Looker[]): tf.Tensor2D {
  const parts = lookers.map(({ backbone }) => backbone.features(pixels));
  return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
}

/** Pictures as the networks are given them, who share one view. */
function tensorOf(pictures: readonly Uint8Array[], lookers: readonly Looker[]): tf.Tensor4D {
  const { width, height, scaling } = lookers[0]!.backbone.view;
  const size = width * height * 3;
  const batch = new Float32Array(pictures.length * size);
  pictures.forEach((pixels, i) => {
    normalise(pixels, batch.subarray(i * size, (i + 1) * size), scaling);
  });
  return tf.tensor4d(batch, [pictures.length, height, width, 3]);
}
