import { conformalWidth, intervalAround } from "./evaluation/conformal";
import { loadBackbone } from "./model/backbone";
import { extractFeatures } from "./model/features";
import { predictLog10, readHead } from "./model/head";
import { cacheFolder, pixelCache, type WorkOptions } from "./prepare";
import type { TrainedRun } from "./run";

/** What a run makes of one poster, in dollars; the ends of the interval are null where it has none. */
export interface PosterPrediction {
  predicted: number;
  low: number | null;
  high: number | null;
}

/** What a run's best model predicts for posters in the pixel cache, known by their SHA-256, in their order. */
export async function predictPosters(
  run: TrainedRun,
  posters: readonly string[],
  options: WorkOptions = {},
): Promise<PosterPrediction[]> {
  const backbone = await loadBackbone(run.config.model);
  const pixels = await pixelCache();
  try {
    const shape = { inputs: backbone.dimensions, hidden: run.config.model.hidden };
    const head = await readHead(run.file("best.safetensors"), shape);
    const features = await extractFeatures(posters, backbone, pixels, { cache: cacheFolder(), ...options });
    const width = conformalWidth(run.calibration.residuals, run.config.evaluation.level);
    return Array.from(predictLog10(head, features), (log10) => {
      const predicted = 10 ** log10;
      return { predicted, ...intervalAround(predicted, width) };
    });
  } finally {
    await pixels.close();
    backbone.dispose();
  }
}
