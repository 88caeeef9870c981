import { z } from "zod";
import { noSuch, reasonOf, UsageError, UserError } from "./errors";
import { readJson } from "./files";

const fraction = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
const positive = z.number().int().positive();

/** Everything that decides a run's numbers, with its defaults; dollars, pixels, fractions. */
const schema = z.strictObject({
  data: z
    .strictObject({
      /** Parquet file or folder, folder of images, `sample`, or `hub:owner/name`. */
      source: z.string().min(1).default("sample"),
      /** Films must have earned more than this, and cost more than `minBudget`, in or after `minYear`; 0 asks nothing. */
      minRevenue: z.number().nonnegative().default(1e7),
      minBudget: z.number().nonnegative().default(0),
      minYear: count.default(0),
      /** Reads rows only until so many films pass; 0 reads all. */
      maxFilms: count.default(0),
    })
    .prefault({}),
  split: z
    .strictObject({
      test: fraction.default(0.1),
      validation: fraction.default(0.1),
      seed: count.default(42),
    })
    .prefault({}),
  model: z
    .strictObject({
      backbone: z.enum(["efficientnet-lite0"]).default("efficientnet-lite0"),
      /** A safetensors file of the backbone's weights, or `default`: the ImageNet weights that set-up made. */
      weights: z.string().min(1).default("default"),
      hidden: z.array(positive).default([1024, 512, 1024]),
      dropout: z.array(fraction).default([0.2, 0.1, 0.2]),
    })
    .prefault({})
    .refine(({ hidden, dropout }) => hidden.length === dropout.length, "hidden and dropout must be equally long"),
  training: z
    .strictObject({
      batchSize: positive.default(32),
      learningRate: z.number().positive().default(2e-4),
      weightDecay: z.number().nonnegative().default(1e-4),
      maxEpochs: positive.default(30),
      /** ReduceLROnPlateau: the learning rate is multiplied by `factor` after more than `patience` epochs without a better one. */
      plateau: z.strictObject({ factor: fraction.default(0.5), patience: count.default(2) }).prefault({}),
      /** Epochs without a better validation loss before training stops. */
      earlyStopping: positive.default(7),
      /** Decay of the running average of the weights, which is what is validated and kept; 0 keeps the weights themselves. */
      averaging: z.number().min(0).lt(1).default(0.99),
      /** Every so many epochs a few validation films are predicted, in dollars; 0 never. */
      sampleEvery: count.default(5),
      seed: count.default(42),
    })
    .prefault({}),
  evaluation: z
    .strictObject({
      /** Resamples of the bootstrap behind every 95 % interval. */
      bootstrap: positive.default(2000),
      /** Share of films that a predicted interval shall hold. */
      level: z.number().gt(0).lt(1).default(0.8),
      seed: count.default(42),
    })
    .prefault({}),
});

/** A whole configuration. */
export type Config = z.infer<typeof schema>;

/** Presets by name: what each sets apart from the defaults. A film version (10M, 50M, 1M-modern) joins another by a comma. */
export const PRESETS: Record<string, object> = {
  sample: {},
  posters: { data: { source: "hub:skvarre/movie_posters-100k" } },
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
  return parsed.data;
}

/** Reads a run's `config.json`; one that does not fit the schema is a `UserError`. */
export async function readConfig(path: string): Promise<Config> {
  const parsed = schema.safeParse(await readJson(path));
  if (!parsed.success) throw new UserError(`${path}: ${explain(parsed.error)}`);
  return parsed.data;
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
  const known = leaves(schema.parse({}));
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

/** The dotted paths of a tree's leaves. */
function leaves(tree: object, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    return isTree(value) ? leaves(value, `${prefix}${key}.`) : [`${prefix}${key}`];
  });
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
