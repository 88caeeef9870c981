import { existsSync } from "node:fs";
import { UsageError, UserError } from "./errors";
import { evaluate } from "./evaluate";
import { prepare } from "./prepare";
import { type Compared, compareRuns } from "./rerun/compare";
import { readManifest } from "./runs/manifest";
import { type Run, runNamed, type TrainedRun, trainedRun } from "./runs/run";
import { type TrainOptions, train, weightsHash } from "./train";

/** How far, in log10 dollars, a rerun may be off: .001 is .23 % of the dollars. */
export const RERUN_TOLERANCE = 0.001;

export interface RerunOptions extends Omit<TrainOptions, "resume"> {
  /** The name of the new run; `NAME-rerun` unless given. */
  as?: string;
  tolerance?: number;
}

/** A run that was done again, and how it compares with the first. */
export interface Rerun {
  /** The new one. */
  run: Run;
  /** Each thing that can be compared, with its verdict. */
  compared: Compared[];
  /** What differs beyond the tolerance. */
  differing: Compared[];
}

/**
 * Does a trained run again, from its configuration alone, under another name, and compares the two. Films or weights
 * that are no longer those of the manifest are a `UserError`, before anything is trained.
 */
export async function rerun(
  name: string,
  { as = `${name}-rerun`, tolerance = RERUN_TOLERANCE, ...options }: RerunOptions = {},
): Promise<Rerun> {
  if (as === name) throw new UsageError(`A rerun of "${name}" needs another name than its own: choose another --as.`);
  const run = runNamed(as);
  const before = await trainedRun(name);
  await refuseOtherOrigins(before, options);
  await train(as, before.config, options);
  if (existsSync(before.file("evaluation.json"))) await evaluate(as, options);
  const compared = await compareRuns(before, await trainedRun(as), { tolerance });
  return { run, compared, differing: compared.filter(({ verdict }) => verdict === "differs") };
}

async function refuseOtherOrigins({ name, config, ...run }: TrainedRun, options: TrainOptions): Promise<void> {
  const manifest = await readManifest({ name, ...run });
  if (!manifest) throw new UserError(`The run "${name}" has no manifest.json: nothing tells what it was made from.`);
  const { fingerprint, source } = await prepare(config, options);
  const begins = config.model.kind === "ensemble" ? "its members" : "the weights of its backbone";
  const asBefore = (await weightsHash(config, options)) === manifest.weights;
  const changed = fingerprint === manifest.data.fingerprint ? !asBefore && begins : `the films of ${source}`;
  if (!changed) return;
  throw new UserError(`The run "${name}" cannot be done again: ${changed} are no longer those of its manifest.`);
}
