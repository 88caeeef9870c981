import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Looked } from "../catalogue/dedupe";
import { UNKNOWN_FILM } from "../catalogue/film";
import type { Config } from "../config";
import { UserError } from "../errors";
import { type Difficulty, type Forecast, fitDifficulty } from "../evaluation/difficulty";
import type { Prepared, WorkOptions } from "../prepare";
import { ProgressMeter } from "../progress";
import { Random } from "../random";
import { withFold } from "../studies/crossvalidate";
import { log10Targets } from "./learn-network";
import { predictLog10Dollars, type Subject } from "./predictor";
import type { Run } from "./run";

/** The stream of random numbers that puts training films into folds. */
const STREAM = 13;
/** Few, for each trains the model once more: only how errors differ is asked for, not how large they are. */
const FOLDS = 3;
const FEWEST_FILMS = 8 * FOLDS;

/**
 * Learns how hard films are to predict, from the errors on training films that each fold's model had not seen. A model
 * that reads facts also forecasts them with no fact known, so that it learns what it is worth without.
 */
export async function learnDifficulty(
  run: Run,
  config: Config,
  prepared: Prepared,
  { onProgress, signal }: WorkOptions,
): Promise<Difficulty> {
  // whoever hears of the run's epochs is not told of those of its folds
  const options = { onProgress, signal };
  const { train } = prepared.splits;
  if (train.length < FEWEST_FILMS) {
    throw new UserError(
      `${train.length} training films are too few for scaled intervals: set evaluation.intervals to constant.`,
    );
  }
  const order = [...new Random([config.training.seed, STREAM]).permutation(train.length)];
  const folder = join(run.folder, "difficulty");
  const meter = new ProgressMeter("learning which films are hard", "folds", onProgress, FOLDS);
  const forecasts: Forecast[] = [];
  const errors: number[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const part = (isOut: boolean) => order.filter((_, i) => (i % FOLDS === fold) === isOut).map((film) => train[film]!);
    const out = part(true);
    const shown = config.model.kind === "fused" ? [...out, ...out.map(hidden)] : out;
    const predicted = await withFold({ folder, fold, config, prepared }, { out, rest: part(false) }, options, (inner) =>
      predictLog10Dollars(inner, shown, options),
    );
    const actual = log10Targets(out);
    shown.forEach((film, i) => {
      forecasts.push({ film, log10: predicted[i]! });
      errors.push(predicted[i]! - actual[i % out.length]!);
    });
    meter.advance(1);
  }
  await rm(folder, { recursive: true });
  return fitDifficulty(forecasts, errors, { facts: config.model.kind === "fused" });
}

/** The same poster, of whose film nothing is known. */
function hidden({ sha256 }: Looked): Subject {
  return { ...UNKNOWN_FILM, sha256 };
}
