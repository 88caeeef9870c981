import type { Looked } from "../catalogue/dedupe";
import type { Config } from "../config";
import { throwIfInterrupted } from "../errors";
import { mean } from "../evaluation/quantiles";
import { loadBackbones } from "../model/backbones";
import { matrixOfRows, rowsBetween } from "../model/feature-rows";
import { fitFused, predictFused, saveFused } from "../model/fused";
import { checkPairs } from "../model/kernel-ridge";
import { fitPosterKernel, predictPosterKernel, savePosterKernel } from "../model/poster-kernel";
import type { Prepared } from "../prepare";
import { recordEpochs } from "../tracking/record";
import { taughtTargets } from "../training/teacher";
import type { EpochMetrics } from "../training/trainer";
import { membersFor, saveEnsemble } from "./ensemble";
import {
  type Learning,
  type LearnOptions,
  learnHead,
  learnNetwork,
  log10Targets,
  type PosterFeatures,
} from "./learn-network";
import { withOtherArtwork } from "./other-artwork";
import { predictLog10Dollars, withFeatures, writingOf } from "./predictor";
import type { Run } from "./run";

type Lap = { lap: (name: string) => void };

/** Learns from the training films what the configuration asks for; leaves the best model in the run folder and says why it ended. */
export async function learn(
  run: Run,
  config: Config,
  prepared: Prepared,
  options: LearnOptions & Lap,
): Promise<string> {
  const { kind } = config.model;
  // features of so many films take hours
  if (kind === "kernel" || kind === "fused") checkPairs(prepared.splits.train.length);
  const ended = await learnBy(learningOf(run, config, prepared), options);
  options.lap("training");
  return ended;
}

async function learnBy(learning: Learning, options: LearnOptions & Lap): Promise<string> {
  const { config, prepared } = learning;
  const { model, training } = config;
  if (model.kind === "ensemble") return joinMembers(learning, options);
  if (model.kind === "network" && training.freeze !== "backbone") return learnNetwork(learning, options);
  const { train, validation } = prepared.splits;
  const writing = await writingOf(config, [...train, ...validation], options);
  const backbones = await loadBackbones({ ...model, seed: training.seed, ...options });
  return withFeatures(backbones, [...train, ...validation], options, async (features) => {
    options.lap("features");
    const posters = {
      train: rowsBetween(features, 0, train.length),
      validation: rowsBetween(features, train.length, features.rows),
    };
    if (model.kind === "network") return learnHead(learning, posters, options);
    return learnAtOnce(learning, { ...posters, writing }, options);
  });
}

/** The training films with their targets, after their teacher, who sees each film once however many posters it has. */
function learningOf(run: Run, config: Config, prepared: Prepared): Learning {
  const { splits } = prepared;
  const { otherArtwork, teacher, seed } = config.training;
  const targets = taughtTargets(splits.train, log10Targets(splits.train), { share: teacher, seed });
  if (!otherArtwork) return { run, config, prepared, targets };
  const posters = withOtherArtwork(splits);
  const train = posters.map(({ shown }) => shown);
  return {
    ...{ run, config, prepared: { ...prepared, splits: { ...splits, train } } },
    targets: Float32Array.from(posters, ({ film }) => targets[film]!),
  };
}

/** Fits a model that has a solution in closed form: one line in `metrics.jsonl`, and nothing to resume. */
async function learnAtOnce(
  { run, config, prepared, targets }: Learning,
  { writing, ...features }: PosterFeatures & { writing: readonly string[] | undefined },
  { onEpoch, signal }: LearnOptions,
): Promise<string> {
  throwIfInterrupted(signal);
  const startedAt = performance.now();
  const posters = { train: await matrixOfRows(features.train), validation: await matrixOfRows(features.validation) };
  const path = run.file("best.safetensors");
  let fitted: (part: "train" | "validation") => Float64Array;
  if (config.model.kind === "kernel") {
    const films = posters.train.rows;
    const read = {
      train: { features: posters.train, writing: writing?.slice(0, films) },
      validation: { features: posters.validation, writing: writing?.slice(films) },
    };
    const kernel = fitPosterKernel(read.train, targets, config.model.kernel);
    await savePosterKernel(path, kernel);
    fitted = (part) => predictPosterKernel(kernel, read[part]);
  } else {
    const parts = Object.fromEntries(config.model.without.map((part) => [part, false]));
    const fused = fitFused({ films: prepared.splits.train, posters: posters.train }, parts);
    await saveFused(path, fused);
    fitted = (part) => predictFused(fused, { films: prepared.splits[part], posters: posters[part] });
  }
  const train_loss = squaredError(fitted("train"), targets);
  const val_loss = squaredError(fitted("validation"), log10Targets(prepared.splits.validation));
  await recordAtOnce(run, { train_loss, val_loss, startedAt }, onEpoch);
  return "solved";
}

/** Makes the mean of trained runs a run of its own. */
async function joinMembers({ run, config, prepared, targets }: Learning, options: LearnOptions): Promise<string> {
  const startedAt = performance.now();
  const { train, validation } = prepared.splits;
  await saveEnsemble(run.file("best.safetensors"), await membersFor(config, prepared));
  const forecast = (films: readonly Looked[]) => predictLog10Dollars({ ...run, config }, films, options);
  const train_loss = squaredError(await forecast(train), targets);
  const val_loss = squaredError(await forecast(validation), log10Targets(validation));
  await recordAtOnce(run, { train_loss, val_loss, startedAt }, options.onEpoch);
  return "joined";
}

/** Mean squared error, log10 dollars squared. */
function squaredError(predicted: ArrayLike<number>, targets: Float32Array): number {
  return mean(Array.from(predicted, (value, i) => (value - targets[i]!) ** 2));
}

/** The one line of metrics of what takes no epochs. */
async function recordAtOnce(
  run: Run,
  { startedAt, ...losses }: { train_loss: number; val_loss: number; startedAt: number },
  onEpoch: LearnOptions["onEpoch"],
): Promise<void> {
  const metrics: EpochMetrics = { epoch: 1, ...losses, lr: 0, seconds: (performance.now() - startedAt) / 1000 };
  await recordEpochs(run, [metrics]);
  onEpoch?.(metrics);
}
