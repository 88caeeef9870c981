import type { Film } from "../catalogue/film";
import type { Config } from "../config";
import { loadEngine } from "../engine";
import { UserError } from "../errors";
import { conformalWidth, intervalAround } from "../evaluation/conformal";
import { difficultyOf } from "../evaluation/difficulty";
import { architectureNamed, type Backbone, frozenBackbone, viewOf } from "../model/backbone";
import { loadBackbones } from "../model/backbones";
import { blocksOf, type FeatureRows, matrixOfRows } from "../model/feature-rows";
import { openFeatures } from "../model/features";
import { predictFused, readFused } from "../model/fused";
import { checkHead, type HeadShape, predictLog10 } from "../model/head";
import { headShapeOf } from "../model/head-shape";
import { type Matrix, matrixOf } from "../model/matrix";
import { predictPosterKernel, readPosterKernel } from "../model/poster-kernel";
import { parseNaming, readBytes, readSafetensors, type Weights } from "../model/safetensors";
import { colourFeatures } from "../posters/colours";
import { cachedPixels } from "../posters/pixels";
import { pixelCache, type WorkOptions } from "../prepare";
import { writingOn } from "../reading/writing";
import { cacheFolder, sha256 } from "../system/files";
import { type Loss, lossOf, parseLoss } from "../training/losses";
import { splitNetwork } from "../training/network-weights";
import { readEnsemble } from "./ensemble";
import type { TrainedRun } from "./run";

/** What a run makes of one poster, in dollars; the ends of the interval are null where it has none. */
export interface PosterPrediction {
  predicted: number;
  low: number | null;
  high: number | null;
}

/** A poster in the pixel cache, and the facts of its film. */
export type Subject = Film & { sha256: string };

/** What a run's best model predicts for films whose posters are in the pixel cache, in their order. */
export async function predictFilms(
  run: TrainedRun,
  films: readonly Subject[],
  options: WorkOptions = {},
): Promise<PosterPrediction[]> {
  const log10 = await predictLog10Dollars(run, films, options);
  const widths = widthsOf(run, films, log10);
  return Array.from(log10, (value, i) => {
    const predicted = 10 ** value;
    return { predicted, ...intervalAround(predicted, widths[i]!) };
  });
}

/** How far each film's interval reaches to either side, log10 dollars; null where the validation films were too few. */
function widthsOf(
  { config, calibration }: TrainedRun,
  films: readonly Subject[],
  log10: ArrayLike<number>,
): (number | null)[] {
  const { level } = config.evaluation;
  const { residuals, scaled } = calibration;
  const times = conformalWidth(scaled?.multiples ?? residuals, level);
  if (!scaled || times === null) return films.map(() => times);
  const forecasts = films.map((film, i) => ({ film, log10: log10[i]! }));
  return Array.from(difficultyOf(scaled.difficulty, forecasts), (size) => times * size);
}

/** Log10 dollars, one for each film. */
export async function predictLog10Dollars(
  run: Pick<TrainedRun, "config" | "file">,
  films: readonly Subject[],
  options: WorkOptions = {},
): Promise<ArrayLike<number>> {
  const best = run.file("best.safetensors");
  const { kind } = run.config.model;
  if (kind === "ensemble") return predictEnsemble(await readEnsemble(best), films, options);
  return withFeatures(await loadBackbonesOf(run, options), films, options, async (features) => {
    if (kind === "network") return predictByHead(best, run.config.model, features);
    const posters = await matrixOfRows(features);
    if (kind === "fused") return predictFused(await readFused(best), { films, posters });
    const writing = await writingOf(run.config, films, options);
    return predictPosterKernel(await readPosterKernel(best), { features: posters, writing });
  });
}

/** The mean of what members make of each film. */
async function predictEnsemble(
  members: readonly TrainedRun[],
  films: readonly Subject[],
  options: WorkOptions,
): Promise<Float64Array> {
  const sums = new Float64Array(films.length);
  for (const member of members) {
    const log10 = await predictLog10Dollars(member, films, options);
    sums.forEach((sum, film) => {
      sums[film] = sum + log10[film]!;
    });
  }
  return sums.map((sum) => sum / members.length);
}

/** What a run's backbones see in films' posters, [films, features]. */
export async function featuresSeen(
  run: Pick<TrainedRun, "config" | "file">,
  films: readonly Subject[],
  options: WorkOptions = {},
): Promise<Matrix & { data: Float32Array }> {
  return withFeatures(await loadBackbonesOf(run, options), films, options, matrixOfRows);
}

async function predictByHead(path: string, model: Config["model"], features: FeatureRows): Promise<Float32Array> {
  const { head, loss } = await readTrainedHead(path, model);
  const log10 = new Float32Array(features.rows);
  for await (const { rows, data } of blocksOf(features)) {
    log10.set(predictLog10(head, data, { columns: features.columns, read: loss.predict }), rows[0]);
  }
  return log10;
}

/** The head that a network's run has kept, its shape, and the loss that says what its outputs mean. */
export async function readTrainedHead(
  path: string,
  model: Config["model"],
): Promise<{ head: Weights; shape: HeadShape; loss: Loss }> {
  const { tensors, metadata } = await readSafetensors(path);
  const loss = lossOf(parseLoss(metadata.loss, path));
  const shape = { ...headShapeOf(model), outputs: loss.outputs };
  return { head: checkHead(path, splitNetwork(tensors).head, shape), shape, loss };
}

/** What is written on films' posters, where the configuration's kernel reads it. */
export async function writingOf(
  { model }: Pick<Config, "model">,
  films: readonly Subject[],
  options: WorkOptions,
): Promise<string[] | undefined> {
  if (model.kernel.writing === 0) return;
  const pixels = await pixelCache(model);
  try {
    const posters = films.map(({ sha256 }) => sha256);
    return await writingOn(posters, pixels, { cache: cacheFolder(), ...options });
  } finally {
    await pixels.close();
  }
}

/** Colour features of films' posters, [films, features]. */
export async function colourMatrix({ model }: Config, films: readonly Subject[]): Promise<Matrix> {
  const pixels = await pixelCache(model);
  try {
    const rows: Float32Array[] = [];
    for (const { sha256 } of films) rows.push(colourFeatures(await cachedPixels(pixels, sha256), pixels.size));
    return matrixOf(rows);
  } finally {
    await pixels.close();
  }
}

/** Uses features of films' posters by backbones, [films, features of all], which are disposed before that. */
export async function withFeatures<T>(
  backbones: readonly Backbone[],
  films: readonly Subject[],
  options: WorkOptions,
  use: (features: FeatureRows) => Promise<T>,
): Promise<T> {
  const features = await openFeaturesOf(backbones, films, options);
  try {
    return await use(features);
  } finally {
    await features.close();
  }
}

async function openFeaturesOf(backbones: readonly Backbone[], films: readonly Subject[], options: WorkOptions) {
  try {
    const pixels = await pixelCache(backbones[0]!.view);
    try {
      const posters = films.map(({ sha256 }) => sha256);
      return await openFeatures(posters, backbones, pixels, { cache: cacheFolder(), ...options });
    } finally {
      await pixels.close();
    }
  } finally {
    for (const backbone of backbones) backbone.dispose();
  }
}

/** The run's own backbone where it was trained, else those of its configuration. */
async function loadBackbonesOf(run: Pick<TrainedRun, "config" | "file">, options: WorkOptions): Promise<Backbone[]> {
  const { model, training } = run.config;
  if (training.freeze === "backbone") return loadBackbones({ ...model, seed: training.seed, ...options });
  await loadEngine();
  const architecture = architectureNamed(model.backbone);
  const { tensors, hash } = await trainedBackbone(run.file("best.safetensors"));
  return [frozenBackbone(architecture, architecture.freeze(tensors), { hash, view: viewOf(model) })];
}

/** The weights of a backbone that a run trained, by their own names, and the SHA-256 of their file. */
export async function trainedBackbone(path: string): Promise<{ tensors: Weights; hash: string }> {
  const file = await readBytes(path);
  const { backbone } = splitNetwork(parseNaming(path, file).tensors);
  if (Object.keys(backbone).length > 0) return { tensors: backbone, hash: sha256(file) };
  throw new UserError(`${path} holds no backbone, though the run trained one: train the run again.`);
}
