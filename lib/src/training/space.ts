import { z } from "zod";
import { UserError } from "../errors";
import { Random } from "../random";
import { readJson } from "../system/files";

const value = z.union([z.number(), z.string(), z.boolean(), z.array(z.union([z.number(), z.string()]))]);
const range = z.strictObject({
  low: z.number(),
  high: z.number(),
  /** Whether the number itself or its logarithm is drawn uniformly. */
  scale: z.enum(["log", "linear"]),
  /** Whole numbers, both ends among them. */
  integer: z.boolean().optional(),
});
const choice = z.union(
  [z.array(value).min(1, "must list at least one value"), range],
  'must be a list of values, or {"low": …, "high": …, "scale": "log" or "linear", "integer": true or false}',
);
const schema = z.strictObject({
  method: z.enum(["grid", "random"], 'must be "grid" or "random"'),
  trials: z.number().int().positive().optional(),
  seed: z.number().int().nonnegative().default(42),
  settings: z.record(z.string(), choice),
});

/** What is searched: by each dotted setting its values, or the range that they are drawn from. */
export interface Space extends z.infer<typeof schema> {}

/** A value for each setting that is searched. */
export type Settings = Record<string, unknown>;

/** A trial that has ended: a line of `trials.jsonl`. */
export interface Trial {
  /** Counted from 1. */
  trial: number;
  settings: Settings;
  status: "done" | "failed";
  /** The lowest mean squared error on the validation films, log10 dollars squared; null where the trial failed. */
  val_loss: number | null;
  /** The epoch that had it, and how many there were. */
  epoch: number | null;
  epochs: number | null;
  /** What its epochs took, or the time until it failed. */
  seconds: number;
  /** Validation loss of always predicting the training mean. */
  baseline: number | null;
  /** Why it failed. */
  reason?: string;
}

/** More combinations than anybody waits for. */
const MOST_TRIALS = 10_000;
/** Draws in which a trial must find settings that no earlier trial has. */
const MOST_DRAWS = 10_000;
/** Significant digits of a drawn number, so that people can read it and type it again; more where a range is narrow. */
const DIGITS = 4;

/** Reads a search space; one that cannot be searched is a `UserError` that names the file and the setting. */
export async function readSpace(path: string): Promise<Space> {
  return parseSpace(await readJson(path), path);
}

/** Checks a search space; `source` is what an error calls it. */
export function parseSpace(raw: unknown, source = "The search space"): Space {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const where = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
    throw new UserError(`${source}: ${where}${issue.message.replace("Invalid input: ", "")}.`);
  }
  const fault = faultOf(parsed.data);
  if (fault) throw new UserError(`${source}: ${fault}.`);
  return parsed.data;
}

function faultOf({ method, trials, settings }: Space): string | undefined {
  const keys = Object.keys(settings);
  if (keys.length === 0) return "settings is empty: name what shall be searched, as training.learningRate";
  if (method === "grid" && trials !== undefined) return "a grid tries every combination: leave trials out";
  for (const key of keys) {
    if (/^(data|split|evaluation)\./.test(key)) {
      return `${key} cannot be searched: only trials of the same films, judged alike, can be compared`;
    }
    const fault = faultOfChoice(settings[key]!, method);
    if (fault) return `${key} ${fault}`;
  }
  return undefined;
}

function faultOfChoice(choice: Space["settings"][string], method: Space["method"]): string | undefined {
  if (Array.isArray(choice)) {
    const texts = choice.map((value) => JSON.stringify(value));
    const twice = texts.find((text, i) => texts.indexOf(text) !== i);
    return twice && `lists ${twice} twice`;
  }
  const { low, high, scale, integer } = choice;
  if (method === "grid") return "is a range, and a grid takes lists: list its values, or take method random";
  if (!(low < high)) return `must have low below high, not ${low} and ${high}`;
  if (scale === "log" && low <= 0) return `has a log scale, so low must be above 0, not ${low}`;
  if (integer && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) return "must have whole numbers as ends";
  return undefined;
}

/**
 * The settings of every trial: a grid's combinations, the last setting changing fastest, or as many random ones as asked
 * for, no two alike. Trial i is the same however many are asked for.
 */
export function trialsOf(space: Space, budget: number | undefined = space.trials): Settings[] {
  if (space.method === "grid") {
    if (budget !== undefined) throw new UserError("A grid tries every combination: leave --trials out.");
    return gridOf(space);
  }
  if (budget === undefined) {
    throw new UserError('A random search needs a number of trials: give --trials, or "trials" in the space.');
  }
  const seen = new Set<string>();
  return Array.from({ length: refuseTooMany(budget) }, (_, i) => drawNew(space, i + 1, seen));
}

function gridOf({ settings }: Space): Settings[] {
  const lists = Object.entries(settings) as [string, unknown[]][];
  refuseTooMany(lists.reduce((product, [, list]) => product * list.length, 1));
  return lists.reduce<Settings[]>(
    (trials, [key, list]) => trials.flatMap((settings) => list.map((value) => ({ ...settings, [key]: value }))),
    [{}],
  );
}

function refuseTooMany(trials: number): number {
  if (trials <= MOST_TRIALS) return trials;
  throw new UserError(`${trials} trials are more than the ${MOST_TRIALS} that a search may have: search fewer.`);
}

/** Draws until no earlier trial has these settings: the same settings and seed would give the same model. */
function drawNew({ settings, seed }: Space, trial: number, seen: Set<string>): Settings {
  // a stream for each trial, so that one that draws again does not move those after it
  const random = new Random([seed, trial]);
  for (let draws = 0; draws < MOST_DRAWS; draws++) {
    const drawn = Object.entries(settings).map(([key, choice]) => [key, draw(choice, random)]);
    const text = JSON.stringify(drawn);
    if (seen.has(text)) continue;
    seen.add(text);
    return Object.fromEntries(drawn);
  }
  throw new UserError(`The space holds too few combinations for ${trial} different trials: ask for fewer --trials.`);
}

function draw(choice: Space["settings"][string], random: Random): unknown {
  if (Array.isArray(choice)) return choice[random.integer(choice.length)];
  const { low, high, scale, integer } = choice;
  const end = integer ? high + 1 : high;
  const drawn = scale === "log" ? low * (end / low) ** random.double() : random.uniform(low, end);
  const alike = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low)));
  const shown = integer ? Math.floor(drawn) : Number(drawn.toPrecision(DIGITS + Math.max(0, alike)));
  return Math.min(high, Math.max(low, shown));
}
