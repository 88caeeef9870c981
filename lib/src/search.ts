import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Config, makeConfig } from "./config";

export type { Searched, SearchPlan } from "./pages/search";

import { Interrupted, reasonOf, throwIfInterrupted, UsageError, UserError } from "./errors";
import {
  assignments,
  keyOf,
  type Searched,
  type SearchPlace,
  type SearchPlan,
  trialRun,
  writeSearchReport,
} from "./pages/search";
import { prepare, type WorkOptions } from "./prepare";
import { trainOnRay } from "./ray/search";
import { rankTrials } from "./reporting/tables/search";
import { readMetrics, runNamed, runsFolder, trainedRun } from "./runs/run";
import { readJson, sweepTemporaries, writeFileAtomic, writeJson } from "./system/files";
import { withLock } from "./system/lock";
import { type Trained, train } from "./train";
import { type Settings, type Trial, trialsOf } from "./training/space";

export interface SearchOptions extends WorkOptions {
  /** Goes on with a search that was begun: ended trials are kept, the one that was not ended is resumed. */
  resume?: boolean;
  /** A Ray cluster that trains the trials: see `RayOptions`. */
  on?: string;
  /** How many trials a random search has; the space's own number unless given. */
  trials?: number;
  /** Hears of every trial that has ended. */
  onTrial?: (trial: Trial, standing: Standing) => void;
  /** Hears what happened that was not asked for, as an older search being set aside. */
  onNote?: (note: string) => void;
}

/** Where a search stands. */
export interface Standing {
  /** Trials ended, of how many. */
  done: number;
  total: number;
  best?: Trial;
  /** Of a trial, on average since this search was begun or resumed, and of all trials that are left. */
  secondsEach: number;
  secondsLeft: number;
}

/** Trains a run for each trial of a space, by its validation loss; keeps what ended after each, and writes a report page. */
export async function search(name: string, plan: SearchPlan, options: SearchOptions = {}): Promise<Searched> {
  const { folder } = runNamed(name);
  await mkdir(runsFolder(), { recursive: true });
  return withLock(`${folder}.lock`, `The search "${name}"`, () => searchLocked({ name, folder, plan }, options));
}

async function searchLocked(place: SearchPlace, options: SearchOptions): Promise<Searched> {
  const { name, folder, plan } = place;
  await sweepTemporaries(folder);
  if (existsSync(join(folder, "config.json"))) {
    throw new UserError(`"${name}" is a run, not a search: choose another --run.`);
  }
  const before = options.resume ? await readSearch(place) : null;
  const trials = options.trials ?? before?.trials ?? plan.space.trials;
  refuseSetTwice(plan);
  const planned = trialsOf(plan.space, trials).map((settings, i) => plannedTrial(place, settings, i + 1));
  // the shared settings alone need not make a whole: what is searched may have to fit them
  const { config } = planned[0]!;
  if (before) refuseOther(place, config, before);
  // what is wrong with the data would fail every trial alike
  const { fingerprint, splits } = await prepare(config, options);
  if (before && before.fingerprint !== fingerprint) {
    throw new UserError(`The films changed since the search "${name}" was begun: choose another --run.`);
  }
  if (!before) await setAside(place, options);
  const { space, preset, data, set } = plan;
  const validationFilms = splits.validation.length;
  await writeJson(join(folder, "search.json"), {
    ...{ space, trials, preset, data, set, config, fingerprint, validationFilms },
  });
  const ended = await runTrials(place, planned, options);
  return writeSearchReport(place, rankTrials(ended), validationFilms);
}

/** A setting that is searched cannot be set for all trials as well. */
function refuseSetTwice({ space, set = [] }: SearchPlan): void {
  const twice = set.map(keyOf).find((key) => Object.hasOwn(space.settings, key));
  if (twice) throw new UsageError(`${twice} is searched, so --set cannot give it: remove one of the two.`);
}

interface Planned {
  trial: number;
  settings: Settings;
  run: string;
  config: Config;
}

/** A trial with its whole configuration; a setting that is unknown or out of its bounds is a `UsageError`. */
function plannedTrial({ name, plan }: SearchPlace, settings: Settings, trial: number): Planned {
  const { space: _space, ...common } = plan;
  const config = makeConfig({ ...common, set: [...(common.set ?? []), ...assignments(settings)] });
  return { trial, settings, run: runNamed(trialRun(name, trial)).name, config };
}

const searchSchema = z.looseObject({
  space: z.unknown(),
  config: z.unknown(),
  fingerprint: z.string(),
  trials: z.number().optional(),
});

/** What an earlier search of that name was; null where there was none. */
async function readSearch({ folder }: SearchPlace): Promise<z.infer<typeof searchSchema> | null> {
  const path = join(folder, "search.json");
  if (!existsSync(path)) return null;
  const parsed = searchSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new UserError(`${path} is damaged: search again without --resume.`);
  return parsed.data;
}

/** Only trials of one space and with the same other settings can be ranked together. */
function refuseOther({ name, plan }: SearchPlace, config: Config, before: { space: unknown; config: unknown }): void {
  const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  const what = differs(before.space, plan.space) ? "another space" : "another --preset, --data or --set";
  if (what !== "another space" && !differs(before.config, config)) return;
  throw new UserError(`The search "${name}" was begun with ${what}: resume it with its own, or choose another --run.`);
}

/** Moves what an earlier search of that name left to `NAME.previous`; one where no epoch was finished is removed. */
async function setAside({ name, folder }: SearchPlace, { onNote }: SearchOptions): Promise<void> {
  const own = new RegExp(`^${name.replaceAll(".", "\\.")}(-trial-\\d{3,})?(\\.previous)?$`);
  const entries = (await readdir(runsFolder())).filter((entry) => own.test(entry));
  const paths = entries.filter((entry) => !entry.endsWith(".previous")).map((entry) => join(runsFolder(), entry));
  const results = ["trials.jsonl", "best.safetensors"];
  const worth = paths.some((path) => results.some((file) => existsSync(join(path, file))));
  const older = entries.filter((entry) => entry.endsWith(".previous")).map((entry) => join(runsFolder(), entry));
  for (const path of worth ? older : paths) await rm(path, { recursive: true, force: true });
  if (!worth) return;
  for (const path of paths) await rename(path, `${path}.previous`);
  onNote?.(`An earlier search of that name was set aside in ${folder}.previous, and so were its trials.`);
}

/** Runs the trials that have not ended; the records of all that have. */
async function runTrials(place: SearchPlace, planned: readonly Planned[], options: SearchOptions): Promise<Trial[]> {
  const path = join(place.folder, "trials.jsonl");
  const ended = await readTrials(path);
  const waiting = planned.filter(({ trial }) => !ended.some((other) => other.trial === trial));
  const { on } = options;
  const brought = on === undefined ? null : await trainOnRay(waiting, place.plan, { ...options, on });
  const total = ended.length + waiting.length;
  const startedAt = performance.now();
  for (const [i, next] of waiting.entries()) {
    const record = await interruptible(() => runTrial(next, total, { ...options, brought }), next.trial, ended.length);
    ended.push(record);
    await writeFileAtomic(path, ended.map((trial) => `${JSON.stringify(trial)}\n`).join(""));
    const secondsEach = (performance.now() - startedAt) / 1000 / (i + 1);
    const best = rankTrials(ended).find(({ status }) => status === "done");
    const secondsLeft = secondsEach * (waiting.length - i - 1);
    options.onTrial?.(record, { done: ended.length, total, best, secondsEach, secondsLeft });
  }
  return ended;
}

async function readTrials(path: string): Promise<Trial[]> {
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, "utf8")).split("\n").filter(Boolean);
  try {
    return lines.map((line) => JSON.parse(line) as Trial);
  } catch {
    throw new UserError(`${path} is damaged: remove the line that is not JSON, and --resume.`);
  }
}

async function interruptible<T>(work: () => Promise<T>, trial: number, ended: number): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Interrupted)) throw thrown;
    throw new Interrupted(
      `Interrupted in trial ${trial}: its epochs and the ${ended} trials before it are kept: --resume goes on from there.`,
    );
  }
}

/** What came of a trial: its own training, or what a Ray cluster brought; why it failed there is thrown. */
async function resultOf({ trial, run, config }: Planned, options: TrialOptions): Promise<TrialResult> {
  const { brought, ...others } = options;
  // nothing is there unless this very trial was begun before
  if (!brought) return train(run, config, { resume: true, ...others });
  const reason = brought.get(trial);
  if (reason !== undefined) throw new UserError(reason);
  const { calibration, ...trained } = await trainedRun(run);
  return { epochs: await readMetrics(trained), baseline: calibration.baseline };
}

type TrialResult = Pick<Trained, "epochs" | "baseline">;

/** `brought` is why trials failed on Ray, by trial, where it trained them; null where they train here. */
interface TrialOptions extends WorkOptions {
  brought: ReadonlyMap<number, string> | null;
}

/** Trains one trial; whatever fails it, except an interruption, is its result. */
async function runTrial(planned: Planned, total: number, options: TrialOptions): Promise<Trial> {
  const { trial, settings } = planned;
  const { onProgress, signal, brought } = options;
  throwIfInterrupted(signal);
  const startedAt = performance.now();
  try {
    const { epochs, baseline } = await resultOf(planned, {
      brought,
      signal,
      onProgress:
        onProgress && ((progress) => onProgress({ ...progress, task: `trial ${trial}/${total} · ${progress.task}` })),
    });
    const best = epochs.reduce((lowest, epoch) => (epoch.val_loss < lowest.val_loss ? epoch : lowest));
    const seconds = tenths(epochs.reduce((sum, epoch) => sum + epoch.seconds, 0));
    const { val_loss, epoch } = best;
    return { trial, settings, status: "done", val_loss, epoch, epochs: epochs.length, seconds, baseline };
  } catch (thrown) {
    if (thrown instanceof Interrupted) throw thrown;
    const seconds = tenths((performance.now() - startedAt) / 1000);
    const nothing = { val_loss: null, epoch: null, epochs: null, baseline: null };
    return { trial, settings, status: "failed", ...nothing, seconds, reason: reasonOf(thrown) };
  }
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
