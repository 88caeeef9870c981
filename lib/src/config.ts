import type { z } from "zod";
import { refuseNonsense } from "./config/checks";
import { type Config, schema } from "./config/schema";
import { noSuch, reasonOf, UsageError, UserError } from "./errors";
import { readJson } from "./system/files";

export type { Config } from "./config/schema";

const REAL = { source: "hub:skvarre/movie_posters-100k" };

/** How the winners of the ablation look at a poster: in its own shape, as Lite0 was trained, style at every stage. */
const VIEW = { width: 224, height: 320, scaling: "symmetric", pooling: "statistics", mirror: true };

/** By cross-validation, intervals of the same width hold nine tenths of the films predicted low and seven of those predicted high. */
const SCALED = { evaluation: { intervals: "scaled" } };

/** Presets by name: what each sets apart from the defaults. A film version (10M, 50M, 1M-modern) joins another by a comma. */
export const PRESETS: Record<string, object> = {
  sample: {},
  posters: {
    data: REAL,
    model: { ...VIEW, kind: "kernel", beside: ["efficientnet-lite2"], kernel: { writing: 0.35 } },
    training: { teacher: 0.65 },
    ...SCALED,
  },
  paper: { data: REAL, model: { backbone: "resnet50" }, training: { freeze: "none", averaging: 0 } },
  fused: { data: REAL, model: { ...VIEW, kind: "fused" }, ...SCALED },
  quick: { data: { maxFilms: 64 }, training: { maxEpochs: 6 }, evaluation: { bootstrap: 200 } },
  "10M": { data: { minRevenue: 1e7 } },
  "50M": { data: { minRevenue: 5e7 } },
  "1M-modern": { data: { minRevenue: 1e6, minBudget: 1e5, minYear: 2000 } },
};

export interface ConfigOptions {
  /** One preset, or several joined by commas; later ones win. */
  preset?: string;
  /** Goes to `data.source`. */
  data?: string;
  /** `key=value` settings, as `training.maxEpochs=5`; values are JSON, else text. */
  set?: readonly string[];
}

/** The configuration of a preset with overrides; an unknown preset or key is a `UsageError` that names the nearest. */
export function makeConfig({ preset = "sample", data, set = [] }: ConfigOptions = {}): Config {
  let raw: Tree = {};
  for (const name of preset.split(",").map((part) => part.trim())) raw = merge(raw, presetNamed(name));
  if (data) raw = merge(raw, { data: { source: data } });
  for (const setting of set) raw = merge(raw, parseSetting(setting));
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw new UsageError(explain(parsed.error));
  refuseNonsense(parsed.data, schema.parse({}));
  return parsed.data;
}

/** Reads a run's `config.json`; one that does not fit the schema is a `UserError`. */
export async function readConfig(path: string): Promise<Config> {
  const parsed = schema.safeParse(await readJson(path));
  if (!parsed.success) throw new UserError(`${path}: ${explain(parsed.error)}`);
  return parsed.data;
}

/** Every setting of a configuration, or of a part of it, by its dotted key. */
export function settingsOf(tree: object, prefix = ""): Record<string, unknown> {
  const parts = Object.entries(tree).map(([key, value]) =>
    isTree(value) ? settingsOf(value, `${prefix}${key}.`) : { [`${prefix}${key}`]: value },
  );
  return Object.assign({}, ...parts);
}

/** The settings that are not the defaults: a setting that is added later does not change them. */
export function departuresOf(config: Partial<Config>): Record<string, unknown> {
  const defaults = settingsOf(schema.parse({}));
  const differs = ([key, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(defaults[key]);
  return Object.fromEntries(Object.entries(settingsOf(config)).filter(differs));
}

interface Tree {
  [key: string]: unknown;
}

function presetNamed(name: string): Tree {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (preset) return preset as Tree;
  throw new UsageError(noSuch("preset", name, Object.keys(PRESETS)));
}

/** `training.maxEpochs=5` as a tree; the key must exist among the defaults. */
function parseSetting(setting: string): Tree {
  const at = setting.indexOf("=");
  if (at < 1) throw new UsageError(`--set takes key=value, as training.maxEpochs=5, and was given "${setting}".`);
  const key = setting.slice(0, at).trim();
  const known = Object.keys(settingsOf(schema.parse({})));
  if (!known.includes(key)) throw new UsageError(noSuch("setting", key, known));
  const value = parseValue(setting.slice(at + 1).trim());
  return key.split(".").reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as Tree;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function merge(base: Tree, over: Tree): Tree {
  const merged: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isTree(before) && isTree(value) ? merge(before, value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first thing that zod found, as a sentence. */
function explain(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return reasonOf(error);
  const key = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return `There is no setting "${[...issue.path, issue.keys[0]].join(".")}": remove it.`;
  }
  return `${key ? `The setting ${key}` : "The configuration"} is wrong: ${issue.message.replace("Invalid input: ", "")}.`;
}
