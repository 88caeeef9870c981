import type { Film } from "movie-revenue/catalogue/film";
import { makeConfig } from "movie-revenue/config";
import { fitBaselines } from "movie-revenue/evaluation/baselines";
import { writeSafetensors } from "movie-revenue/model/safetensors";
import { type Calibration, type Run, runNamed, startRun, writeMetrics } from "movie-revenue/runs/run";
import { writeJson } from "movie-revenue/system/files";

/** How a run made by hand departs from the others. */
interface Facts {
  data?: string;
  splits?: Partial<Calibration["splits"]>;
}

/**
 * A trained run without training. Features are never negative, so its head, one unit wide, predicts
 * 10^(7 + mean of the 1280 features) dollars; four residuals, the largest .4, make every interval ± .4 log10.
 */
export async function handmadeRun(name: string, { data = "sample", splits = {} }: Facts = {}): Promise<Run> {
  const run = runNamed(name);
  await startRun(run, makeConfig({ data, set: ["evaluation.bootstrap=50", "model.hidden=[1]", "model.dropout=[0]"] }));
  await writeSafetensors(run.file("best.safetensors"), {
    "head.0.weight": { shape: [1, 1280], data: new Float32Array(1280).fill(1 / 1280) },
    "head.0.bias": { shape: [1], data: Float32Array.of(0) },
    "head.1.weight": { shape: [1, 1], data: Float32Array.of(1) },
    "head.1.bias": { shape: [1], data: Float32Array.of(7) },
  });
  const calibration: Calibration = {
    splits: { train: [], validation: [], test: [], ...splits },
    sharedPosters: [],
    reference: { trainMeanLog10: 7.5, trainMedian: 3e7, brackets: { lowMax: 2e7, mediumMax: 6e7 } },
    residuals: [0.1, 0.2, 0.3, 0.4],
    baseline: 0.25,
  };
  await writeJson(run.file("calibration.json"), calibration);
  const films = [2e7, 5e7].map((revenue, i) => ({ ...unknownFilm, id: i + 1, revenue }));
  await writeJson(run.file("baselines.json"), { ...fitBaselines({ films }), mean: 7.5, median: Math.log10(3e7) });
  await writeMetrics(run, [{ epoch: 1, train_loss: 0.3, val_loss: 0.2, lr: 2e-4, seconds: 1 }]);
  return run;
}

/** A film of which nothing is known. */
export const unknownFilm: Film = {
  ...{ id: 0, title: "", genres: [], overview: "", tagline: "", language: "", releaseDate: "" },
  ...{ year: null, runtime: null, budget: null, revenue: null },
};

/** What a run made by hand predicts from the features of one poster, in dollars. */
export function handmadePrediction(features: ArrayLike<number>): number {
  return 10 ** (7 + Array.from(features).reduce((sum, value) => sum + value, 0) / features.length);
}
