import { loadBackbone } from "./model/backbone";
import { extractFeatures } from "./model/features";
import { predictLog10, readHead } from "./model/head";
import { cacheFolder, pixelCache, type WorkOptions } from "./prepare";
import type { TrainedRun } from "./run";

/** Log10 dollars that a run's best model predicts for posters in the pixel cache, known by their SHA-256, [posters]. */
export async function predictPosters(
  run: TrainedRun,
  posters: readonly string[],
  options: WorkOptions = {},
): Promise<Float32Array> {
  const backbone = await loadBackbone(run.config.model);
  const pixels = await pixelCache();
  try {
    const shape = { inputs: backbone.dimensions, hidden: run.config.model.hidden };
    const head = await readHead(run.file("best.safetensors"), shape);
    const features = await extractFeatures(posters, backbone, pixels, { cache: cacheFolder(), ...options });
    return predictLog10(head, features);
  } finally {
    await pixels.close();
    backbone.dispose();
  }
}
