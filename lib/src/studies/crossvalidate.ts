import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { Looked } from "../catalogue/dedupe";
import { type Config, departuresOf } from "../config";
import { UserError } from "../errors";
import type { HeldOut } from "../evaluation/held-out";
import { mean } from "../evaluation/quantiles";
import { type Prepared, prepare, type WorkOptions } from "../prepare";
import { Random } from "../random";
import { learn } from "../runs/learn";
import { log10Targets } from "../runs/learn-network";
import { predictLog10Dollars } from "../runs/predictor";
import { type Run, type RunFile, runNamed } from "../runs/run";
import { projectRoot, readJson, sha256, writeJson } from "../system/files";
import { withLock } from "../system/lock";

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
  /** How many films each fold learns from at most; a smaller number takes some of those that a larger one takes. */
  learnFrom?: number;
}

/**
 * Predicts every film of training and validation by a model that has not seen it; test films stay unseen. Each fold is kept
 * in `folder` when it is done, so that an interrupted call goes on where it was; what another process is making is a
 * `UserError`. Leak rules hold between folds and training.
 */
export async function crossValidate(
  folder: string,
  config: Config,
  options: CrossValidateOptions = {},
): Promise<HeldOut[]> {
  if (!hasFolds(folder, options)) {
    await mkdir(folder, { recursive: true });
    await withLock(`${folder}.lock`, `The cross-validation in ${folder}`, () => makeFolds(folder, config, options));
  }
  const folds = await Promise.all(foldFiles(folder, options).map(readJson));
  return (folds as HeldOut[][]).flat();
}

async function makeFolds(
  folder: string,
  config: Config,
  { folds = 5, held, seed = 42, learnFrom, ...options }: CrossValidateOptions,
): Promise<void> {
  let prepared: Prepared | undefined;
  for (const [fold, path] of foldFiles(folder, { folds, held }).entries()) {
    if (existsSync(path)) continue;
    prepared ??= await prepare(config, options);
    const parts = partsOf(prepared, { fold, folds, seed, learnFrom });
    await writeJson(path, await heldOut({ folder, fold, config, prepared }, parts, options));
  }
}

/** Whether every fold of a cross-validation is kept in its folder. */
export function hasFolds(folder: string, options: Pick<CrossValidateOptions, "folds" | "held"> = {}): boolean {
  return foldFiles(folder, options).every(existsSync);
}

/** The folder of a run where folds are kept, one for everything that decides their numbers. */
export function foldsFolder(
  name: string,
  { evaluation: _, ...config }: Config,
  { folds = 5, seed = 42, learnFrom }: Pick<CrossValidateOptions, "folds" | "seed" | "learnFrom"> = {},
): string {
  const departures = departuresOf(config);
  const { source } = config.data;
  // one folder of data by whichever path, on whichever machine; what is undefined is not written
  if (existsSync(source)) departures["data.source"] = relative(projectRoot(), resolve(source));
  const key = sha256(JSON.stringify({ ...departures, folds, seed, learnFrom }));
  return join(runNamed(name).folder, key.slice(0, 12));
}

function foldFiles(
  folder: string,
  { folds = 5, held = folds }: Pick<CrossValidateOptions, "folds" | "held">,
): string[] {
  return Array.from({ length: held }, (_, fold) => join(folder, `fold-${fold}.json`));
}

/** The films that a fold holds out, and the rest, in an order drawn from the seed. */
function partsOf(
  { splits }: Prepared,
  { fold, folds, seed, learnFrom }: { fold: number; folds: number; seed: number; learnFrom: number | undefined },
): FoldParts {
  const films = [...splits.train, ...splits.validation];
  if (films.length < 4 * folds) {
    throw new UserError(`${films.length} films are too few for ${folds} folds: use more films or fewer folds.`);
  }
  const order = [...new Random([seed, FOLDS]).permutation(films.length)];
  const part = (isOut: boolean) => order.filter((_, i) => (i % folds === fold) === isOut).map((film) => films[film]!);
  return { out: part(true), rest: part(false).slice(0, learnFrom) };
}

async function heldOut(place: FoldPlace, parts: FoldParts, options: WorkOptions): Promise<HeldOut[]> {
  const { out } = parts;
  return withFold(place, parts, options, async (run, train) => {
    const predicted = await predictLog10Dollars(run, out, options);
    const trainMeanLog10 = mean(log10Targets(train));
    return out.map(({ id, title, revenue }, i): HeldOut => {
      const dollars = { actual: revenue ?? 0, predicted: 10 ** predicted[i]! };
      return { id, title, fold: place.fold, ...dollars, trainMeanLog10 };
    });
  });
}

interface FoldPlace {
  folder: string;
  fold: number;
  config: Config;
  prepared: Prepared;
}

interface FoldParts {
  /** The films that the fold's model must not see, and those that it may. */
  out: readonly Looked[];
  rest: readonly Looked[];
}

/** Trains on the rest in a run of the fold's own, which is gone after `use`; `use` hears which films were learnt from. */
export async function withFold<T>(
  { folder, fold, config, prepared }: FoldPlace,
  { out, rest }: FoldParts,
  options: WorkOptions,
  use: (run: Run & { config: Config }, train: readonly Looked[]) => Promise<T>,
): Promise<T> {
  if (config.model.kind === "ensemble") {
    throw new UserError(
      "The members of an ensemble have seen the films that are held out: cross-validate each of them.",
    );
  }
  const run = foldRun(folder, fold);
  // what a kill left half-way is begun again: a fold is short
  await rm(run.folder, { recursive: true, force: true });
  await mkdir(run.folder, { recursive: true });
  const order = new Random([config.training.seed, VALIDATION, fold]).permutation(rest.length);
  const cut = Math.ceil(VALIDATION_SHARE * rest.length);
  const needsValidation = config.model.kind === "network";
  const part = (from: number, to?: number) => [...order.subarray(from, to)].map((film) => rest[film]!);
  const train = needsValidation ? part(cut) : [...rest];
  const splits = { train, validation: part(0, cut), test: [...out] };
  await learn(run, config, { ...prepared, splits }, { ...options, lap: () => {} });
  const used = await use({ ...run, config }, train);
  await rm(run.folder, { recursive: true });
  return used;
}

/** A fold's own run folder, inside that of the cross-validation. */
function foldRun(folder: string, fold: number): Run {
  const inside = join(folder, `fold-${fold}`);
  return { name: `fold-${fold}`, folder: inside, file: (name: RunFile) => join(inside, name) };
}
