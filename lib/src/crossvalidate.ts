import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Looked } from "./catalogue/dedupe";
import type { Config } from "./config";
import { UserError } from "./errors";
import { mean } from "./evaluation/quantiles";
import { readJson, writeJson } from "./files";
import { learn } from "./learn";
import { log10Targets } from "./learn-network";
import { predictLog10Dollars } from "./predictor";
import { type Prepared, prepare, type WorkOptions } from "./prepare";
import { Random } from "./random";
import type { Run, RunFile } from "./run";

/** The streams of random numbers that put films into folds, and into a fold's own validation. */
const FOLDS = 11;
const VALIDATION = 12;

/** Share of a fold's training films that tell a network when to stop. */
const VALIDATION_SHARE = 0.1;

export interface CrossValidateOptions extends WorkOptions {
  /** Parts that the films are cut into. */
  folds?: number;
  /** How many of the parts are held out, one after the other; all unless given. */
  held?: number;
  seed?: number;
  onFold?: (fold: number) => void;
}

/** A film that was held out, and what models that never saw it make of it. */
export interface HeldOut {
  id: number;
  title: string;
  fold: number;
  /** Dollars. */
  actual: number;
  predicted: number;
  /** The mean log10 dollars of the films that the fold's model learnt from. */
  trainMeanLog10: number;
}

/**
 * Predicts every film of training and validation by a model that has not seen it; test films stay unseen. Each fold is kept
 * in `folder` when it is done, so that an interrupted call goes on where it was. Leak rules hold between folds and training.
 */
export async function crossValidate(
  folder: string,
  config: Config,
  { folds = 5, held = folds, seed = 42, onFold, ...options }: CrossValidateOptions = {},
): Promise<HeldOut[]> {
  const prepared = await prepare(config, options);
  const films = [...prepared.splits.train, ...prepared.splits.validation];
  if (films.length < 4 * folds) {
    throw new UserError(`${films.length} films are too few for ${folds} folds: use more films or fewer folds.`);
  }
  const order = new Random([seed, FOLDS]).permutation(films.length);
  const found: HeldOut[] = [];
  for (let fold = 0; fold < held; fold++) {
    const path = join(folder, `fold-${fold}.json`);
    if (!existsSync(path)) {
      const out = [...order].filter((_, i) => i % folds === fold).map((film) => films[film]!);
      const rest = [...order].filter((_, i) => i % folds !== fold).map((film) => films[film]!);
      await writeJson(path, await heldOut({ folder, fold, config, prepared }, { out, rest }, options));
    }
    found.push(...((await readJson(path)) as HeldOut[]));
    onFold?.(fold);
  }
  return found;
}

async function heldOut(
  { folder, fold, config, prepared }: { folder: string; fold: number; config: Config; prepared: Prepared },
  { out, rest }: { out: Looked[]; rest: Looked[] },
  options: WorkOptions,
): Promise<HeldOut[]> {
  const run = foldRun(folder, fold);
  // what a kill left half-way is begun again: a fold is short
  await rm(run.folder, { recursive: true, force: true });
  await mkdir(run.folder, { recursive: true });
  const order = new Random([config.training.seed, VALIDATION, fold]).permutation(rest.length);
  const cut = Math.ceil(VALIDATION_SHARE * rest.length);
  const needsValidation = config.model.kind === "network";
  const part = (from: number, to?: number) => [...order.subarray(from, to)].map((film) => rest[film]!);
  const train = needsValidation ? part(cut) : rest;
  const splits = { train, validation: part(0, cut), test: out };
  await learn(run, config, { ...prepared, splits }, { ...options, lap: () => {} });
  const predicted = await predictLog10Dollars({ ...run, config }, out, options);
  await rm(run.folder, { recursive: true });
  const trainMeanLog10 = mean(log10Targets(train));
  return out.map(({ id, title, revenue }, i) => {
    return { id, title, fold, actual: revenue ?? 0, predicted: 10 ** predicted[i]!, trainMeanLog10 };
  });
}

/** A fold's own run folder, inside that of the cross-validation. */
function foldRun(folder: string, fold: number): Run {
  const inside = join(folder, `fold-${fold}`);
  return { name: `fold-${fold}`, folder: inside, file: (name: RunFile) => join(inside, name) };
}
