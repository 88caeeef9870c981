import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "../engine";
import { noSuch, UserError } from "../errors";
import type { Scaling } from "../posters/normalise";
import { SIZE } from "../posters/pixels";
import type { ProgressListener } from "../progress";
import { cacheFolder, sha256 } from "../system/files";
import { ARCHITECTURES } from "./architectures";
import type { Architecture, Frozen } from "./network";
import { type Pooling, pooledDimensions, poolFeatures } from "./pooling";
import { parseNaming, readBytes, type Weights } from "./safetensors";
import { namingFile, resolveWeights } from "./weights-source";

export { defaultWeights } from "./weights-source";

/** How a poster is shown to a backbone, and what of the backbone's maps is kept. */
export interface View {
  /** Pixels. */
  width: number;
  height: number;
  scaling: Scaling;
  pooling: Pooling;
  /** Whether the features are averaged over the poster and its mirror image. */
  mirror: boolean;
  /** By which factors the poster is shrunk, one after the other; their features stand side by side. As it is unless given. */
  scales?: readonly number[];
}

export const DEFAULT_VIEW: View = { ...SIZE, scaling: "imagenet", pooling: "mean", mirror: false };

/** A frozen network that turns posters into features. */
export interface Backbone {
  name: string;
  view: View;
  /** Features of one poster. */
  dimensions: number;
  /** SHA-256 of the weights. */
  weights: string;
  /** Scaled pixels [n, height, width, 3] → features [n, dimensions]. */
  features(pixels: tf.Tensor4D): tf.Tensor2D;
  dispose(): void;
}

export interface BackboneOptions extends Partial<View> {
  backbone?: string;
  /** `default`, a safetensors file, `hub:owner/name[@revision]`, or `random`. */
  weights?: string;
  /** Of random weights. */
  seed?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** The architecture of that name; another is a `UserError` that names the nearest. */
export function architectureNamed(name: string): Architecture {
  const found = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
  if (found) return found;
  throw new UserError(noSuch("backbone", name, Object.keys(ARCHITECTURES)));
}

/** Starts the engine and loads a backbone for inference, with its default weights or others. */
export async function loadBackbone({
  backbone = "efficientnet-lite0",
  weights = "default",
  ...options
}: BackboneOptions = {}): Promise<Backbone> {
  const architecture = architectureNamed(backbone);
  const { path, tensors, hash } = await readWeights(architecture, { weights, ...options });
  await loadEngine();
  return frozenBackbone(
    architecture,
    namingFile(path, () => architecture.freeze(tensors)),
    { hash, view: viewOf(options) },
  );
}

/** The view that a configuration's `model` asks for. */
export function viewOf(options: Partial<View>): View {
  const { width, height, scaling, pooling, mirror, scales = [1] } = { ...DEFAULT_VIEW, ...options };
  // a view of one scale is named as it was before there were others: features are kept by it
  return { width, height, scaling, pooling, mirror, ...(scales.join() === "1" ? {} : { scales }) };
}

/** A poster, [n, height, width, 3], at each of a view's scales: by the means of squares of pixels. */
export function atScales(pixels: tf.Tensor4D, { scales = [1] }: Pick<View, "scales">): tf.Tensor4D[] {
  return scales.map((scale) => (scale === 1 ? pixels : tf.avgPool(pixels, scale, scale, "valid")));
}

/** A backbone's weights by PyTorch's names, the file that they are from, and their SHA-256. */
export async function readWeights(
  architecture: Architecture,
  { weights = "default", seed = 42, onProgress, signal }: BackboneOptions = {},
): Promise<{ path: string; tensors: Weights; hash: string }> {
  if (weights === "random") {
    const name = `random weights of ${architecture.name}, seed ${seed}`;
    return { path: name, tensors: architecture.initialise(seed), hash: sha256(Buffer.from(name)) };
  }
  const cache = cacheFolder();
  const path = await resolveWeights(weights, { cache, backbone: architecture.name, onProgress, signal });
  const file = await readBytes(path);
  return { path, tensors: parseNaming(path, file).tensors, hash: sha256(file) };
}

/** A frozen network seen through a view. */
export function frozenBackbone(
  architecture: Architecture,
  frozen: Frozen,
  { hash, view }: { hash: string; view: View },
): Backbone {
  const pooled = (pixels: tf.Tensor4D) => {
    const features = atScales(pixels, view).map((scaled) => poolFeatures(architecture, frozen, scaled, view.pooling));
    return features.length === 1 ? features[0]! : tf.concat(features, 1);
  };
  return {
    name: architecture.name,
    view,
    dimensions: pooledDimensions(architecture, view),
    weights: hash,
    features: (pixels) =>
      tf.tidy(() => {
        const features = pooled(pixels);
        return view.mirror ? tf.mul(tf.add(features, pooled(tf.reverse(pixels, 2))), 0.5) : features;
      }),
    dispose: () => frozen.dispose(),
  };
}
