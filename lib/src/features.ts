import { loadBackbone } from "./model/backbone";
import { featureRows } from "./model/features";
import { writeLargeTensor } from "./model/safetensors";
import { imageFiles, readPosters } from "./predict";
import { cacheFolder, pixelCache, type WorkOptions } from "./prepare";

export interface FeaturesOptions extends WorkOptions {
  backbone?: string;
  /** A safetensors file, or `default`. */
  weights?: string;
  /**
   * The folder is a part of another: posters of which none can be read are no failure, and the metadata's `skipped` lists
   * what was left out.
   */
  part?: boolean;
}

/** What was written: the files in the order of the rows, and those left out. */
export interface WrittenFeatures {
  names: string[];
  dimensions: number;
  skipped: { file: string; reason: string }[];
}

/**
 * Writes the features of a folder's posters as tensor `features`, [n, d], to a safetensors file; its metadata `names`
 * is the JSON list of the files, in order. What cannot be read is left out and returned with its reason.
 */
export async function writeFeatures(
  images: string,
  out: string,
  { backbone: name, weights, part = false, ...options }: FeaturesOptions = {},
): Promise<WrittenFeatures> {
  const files = await imageFiles(images);
  const backbone = await loadBackbone({ backbone: name, weights });
  const { posters, skipped } = await readPosters(images, files, { mayBeNone: part, ...options });
  const pixels = await pixelCache();
  try {
    const { dimensions } = backbone;
    const names = [...posters.keys()];
    const rows = featureRows([...posters.values()], backbone, pixels, { cache: cacheFolder(), ...options });
    await writeLargeTensor(
      out,
      { name: "features", shape: [names.length, dimensions], parts: rows },
      {
        names: JSON.stringify(names),
        backbone: backbone.name,
        weights: backbone.weights,
        ...(part && { skipped: JSON.stringify(skipped) }),
      },
    );
    return { names, dimensions, skipped };
  } finally {
    await pixels.close();
    backbone.dispose();
  }
}
