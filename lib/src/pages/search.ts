import { join } from "node:path";
import type { ConfigOptions } from "../config";
import { searchFigure } from "../reporting/figures/search";
import { reportPage } from "../reporting/page";
import { htmlTable } from "../reporting/tables/html";
import { describeSearch, searchTable } from "../reporting/tables/search";
import { writeFileAtomic } from "../system/files";
import type { Settings, Space, Trial } from "../training/space";

/** What is searched, beside the settings that every trial has in common. */
export interface SearchPlan extends ConfigOptions {
  space: Space;
}

/** A search, and where it is kept. */
export interface SearchPlace {
  name: string;
  folder: string;
  plan: SearchPlan;
}

/** What a search found. */
export interface Searched {
  name: string;
  folder: string;
  /** Every trial that has ended: the lowest validation loss first, failed ones last. */
  trials: Trial[];
  /** Validation loss of always predicting the training mean; null where every trial failed. */
  baseline: number | null;
  /** Films that the trials were compared on. */
  validationFilms: number;
  /** The run of the best trial, and the command line that trains its settings in full. */
  bestRun?: string;
  command?: string;
  /** Settings that kept the trials short, and that the command does without. */
  shortenedBy: string[];
  /** Path of `search.html`. */
  page: string;
}

/** The name of the run that a trial leaves. */
export function trialRun(name: string, trial: number): string {
  return `${name}-trial-${String(trial).padStart(3, "0")}`;
}

/** Settings as `--set` takes them. */
export function assignments(settings: Settings): string[] {
  return Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}

/** The key of a `key=value` setting. */
export function keyOf(setting: string): string {
  return setting.split("=")[0]!.trim();
}

/** Names the best trial and writes `search.html`. */
export async function writeSearchReport(
  { name, folder, plan }: SearchPlace,
  trials: Trial[],
  validationFilms: number,
): Promise<Searched> {
  const best = trials[0]?.status === "done" ? trials[0] : undefined;
  const searched: Searched = {
    ...{ name, folder, trials, validationFilms, baseline: best?.baseline ?? null, page: join(folder, "search.html") },
    shortenedBy: (plan.set ?? []).filter(isShort),
    ...(best && { bestRun: trialRun(name, best.trial), command: commandOf(name, plan, best) }),
  };
  const sections = [
    { heading: "What came out", prose: describeSearch(searched).join("\n\n"), views: [] },
    { heading: "Every trial", views: [searchFigure(searched), searchTable(searched)] },
    { heading: "What was searched", views: [htmlTable(spaceRows(plan))] },
  ];
  const footer = "Every number comes from the trials of this search; its lines are kept in trials.jsonl.";
  await writeFileAtomic(searched.page, await reportPage({ title: `Search: ${name}`, sections, footer }));
  return searched;
}

function spaceRows({ space, preset = "sample", data, set = [] }: SearchPlan): object[] {
  const { method, seed, settings } = space;
  const facts = { preset, data: data ?? "the preset's", set: set.join(" "), method, seed };
  const rows = { ...facts, ...settings };
  return Object.entries(rows).map(([what, value]) => ({ what, value: JSON.stringify(value) }));
}

/** Settings that keep trials short: training in full does without them. */
const SHORT = ["training.maxEpochs", "data.maxFilms"];

function isShort(setting: string): boolean {
  return SHORT.includes(keyOf(setting));
}

function commandOf(name: string, { preset, data, set = [] }: SearchPlan, { settings }: Trial): string {
  const kept = set.filter((setting) => !isShort(setting));
  const words = [
    ...["movie-revenue", "train", ...(preset ? ["--preset", preset] : []), ...(data ? ["--data", data] : [])],
    ...["--run", `${name}-best`],
    ...[...kept, ...assignments(settings)].flatMap((setting) => ["--set", setting]),
  ];
  return words.map(quoted).join(" ");
}

/** A word of a command line, as POSIX shells read it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
