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
  looker: Looker,
  model: FeatureModel,
  options: OcclusionOptions = {},
): Promise<PosterExplanation> {
  const { predicted, heat } = await occlusion(poster, (pictures) => predictPictures(pictures, looker, model), options);
  const cam = posterGradCam(poster, looker, model);
  return { log10: predicted, gradCam: cam, occlusion: heat, agreement: agreementOf(cam, heat) };
}

/** Spearman's rank correlation of two heats over the patches of the second. */
export function agreementOf(heat: Heat, { columns, rows, values }: Heat): number | null {
  return spearman([...regrid(heat, columns, rows).values], [...values]);
}

/** Grad-CAM of one poster; of a network that also sees the mirror image, the mean of both. */
export function posterGradCam(poster: Picture, { backbone, architecture, frozen }: Looker, model: FeatureModel): Heat {
  const { view } = backbone;
  const heats: Heat[] = [];
  tf.tidy(() => {
    const pixels = tensorOf([poster.pixels], backbone);
    const gradient = model.gradient(Float32Array.from(backbone.features(pixels).dataSync<"float32">()));
    const heatOf = (seen: tf.Tensor4D) => {
      const scaled = atScales(seen, view);
      const features = gradient.length / scaled.length;
      const own = scaled.map((picture, i) => {
        const slopes = gradient.subarray(i * features, (i + 1) * features);
        return gradCam(pooledMaps(architecture, frozen, picture, view.pooling), slopes, view.pooling);
      });
      return sumOfHeats(own, own[0]!);
    };
    heats.push(heatOf(pixels));
    if (view.mirror) heats.push(mirrored(heatOf(tf.reverse(pixels, 2))));
  });
  const sum = sumOfHeats(heats, heats[0]!);
  return { ...sum, values: sum.values.map((value) => value / heats.length) };
}

async function predictPictures(
  pictures: readonly Uint8Array[],
  { backbone }: Looker,
  model: FeatureModel,
): Promise<ArrayLike<number>> {
  const features = tf.tidy(() => backbone.features(tensorOf(pictures, backbone)));
  const data = (await features.data()) as Float32Array;
  features.dispose();
  return model.predict({ rows: pictures.length, columns: backbone.dimensions, data });
}

function tensorOf(pictures: readonly Uint8Array[], { view: { width, height, scaling } }: Backbone): tf.Tensor4D {
  const size = width * height * 3;
  const batch = new Float32Array(pictures.length * size);
  pictures.forEach((pixels, i) => {
    normalise(pixels, batch.subarray(i * size, (i + 1) * size), scaling);
  });
  return tf.tensor4d(batch, [pictures.length, height, width, 3]);
}
