import { loadBackbone } from "./model/backbone";
import { extractFeatures } from "./model/features";
import { writeSafetensors } from "./model/safetensors";
import { imageFiles, readPosters } from "./predict";
import { cacheFolder, pixelCache, type WorkOptions } from "./prepare";

export interface FeaturesOptions extends WorkOptions {
  backbone?: string;
  /** A safetensors file, or `default`. */
  weights?: string;
}

/**
 * Writes the features of a folder's posters as tensor `features`, [n, d], to a safetensors file; its metadata `names`
 * is the JSON list of the files, in order. What cannot be read is left out and returned with its reason.
 */
export async function writeFeatures(
  images: string,
  out: string,
  { backbone: name, weights, ...options }: FeaturesOptions = {},
): Promise<{ names: string[]; dimensions: number; skipped: { file: string; reason: string }[] }> {
  const files = await imageFiles(images);
  const backbone = await loadBackbone({ backbone: name, weights });
  const { posters, skipped } = await readPosters(images, files, options);
  const pixels = await pixelCache();
  try {
    const data = await extractFeatures([...posters.values()], backbone, pixels, { cache: cacheFolder(), ...options });
    const names = [...posters.keys()];
    const { dimensions } = backbone;
    const tensors = { features: { shape: [names.length, dimensions], data } };
    await writeSafetensors(out, tensors, {
      names: JSON.stringify(names),
      backbone: backbone.name,
      weights: backbone.weights,
    });
    return { names, dimensions, skipped };
  } finally {
    await pixels.close();
    backbone.dispose();
  }
}
