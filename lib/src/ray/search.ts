import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { reasonOf } from "../errors";
import { assignments, type SearchPlan } from "../pages/search";
import type { WorkOptions } from "../prepare";
import { runNamed, runsFolder } from "../runs/run";
import type { Settings } from "../training/space";
import { type RayTask, runOnRay } from "./cluster";

/** A trial that is still to be trained, and the run that it makes. */
export interface WaitingTrial {
  trial: number;
  settings: Settings;
  run: string;
}

/**
 * Trains trials on a Ray cluster and brings their runs here; why those failed that did, by trial. A trial that was brought
 * here before is not trained again.
 */
export async function trainOnRay(
  trials: readonly WaitingTrial[],
  plan: SearchPlan,
  options: WorkOptions & { on: string },
): Promise<Map<number, string>> {
  const missing = trials.filter(({ run }) => !existsSync(runNamed(run).file("calibration.json")));
  const tasks = missing.map((trial): RayTask => {
    return { id: trial.trial, args: argumentsOf(trial, plan), inputs: {}, outputs: runsFolder() };
  });
  const failed = new Map<number, string>();
  const kept = "The trials that had ended are kept: --resume goes on from there.";
  const ran = runOnRay(tasks, { ...options, kept, task: "training on Ray", unit: "trials" });
  for await (const { id, code, complaint } of ran) {
    if (code !== 0) failed.set(id, reasonOf(complaint.trim().split("\n").at(-1)).replace(/^movie-revenue: /, ""));
  }
  return failed;
}

function argumentsOf({ run, settings }: WaitingTrial, { preset, data, set = [] }: SearchPlan): string[] {
  const given = [...set, ...assignments(settings)].flatMap((setting) => ["--set", setting]);
  // a path of this machine's, which every node must see
  const source = data === undefined || !existsSync(data) ? data : resolve(data);
  return [
    ...["train", "--run", run],
    ...(preset === undefined ? [] : ["--preset", preset]),
    ...(source === undefined ? [] : ["--data", source]),
    ...given,
  ];
}
