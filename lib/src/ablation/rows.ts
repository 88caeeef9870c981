import { noSuch, UsageError } from "../errors";

/** One choice of the table of what helps: the settings that make it, and the choice that it is compared with. */
export interface AblationRow {
  name: string;
  preset: string;
  /** `key=value` settings beside the preset's. */
  set: readonly string[];
  /** The name of an earlier row. */
  beside?: string;
}

/** A choice that asks for no training: the mean, in log10 dollars, of what other rows make of each film. */
export interface MeanRow {
  name: string;
  /** Names of rows. */
  meanOf: readonly string[];
  beside?: string;
}

const network = ["model.kind=network", "training.teacher=0"];
const plain = [
  ...network,
  "model.pooling=mean",
  "model.width=224",
  "model.height=224",
  "model.scaling=imagenet",
  "model.mirror=false",
];
const style = [...network, "model.standardise=true"];

/** The rows of the README's table, from the simplest head to the presets. */
export const ABLATION: readonly AblationRow[] = [
  { name: "head on mean features, 224 × 224", preset: "posters", set: plain },
  {
    name: "… with the scaling of Lite0's training",
    preset: "posters",
    set: [...plain, "model.scaling=symmetric"],
    beside: "head on mean features, 224 × 224",
  },
  {
    name: "… in the poster's own shape",
    preset: "posters",
    set: [...network, "model.pooling=mean", "model.mirror=false"],
    beside: "… with the scaling of Lite0's training",
  },
  {
    name: "… mirrored too",
    preset: "posters",
    set: [...network, "model.pooling=mean"],
    beside: "… in the poster's own shape",
  },
  { name: "… statistics of every stage", preset: "posters", set: style, beside: "… mirrored too" },
  {
    name: "… taught by the film's facts",
    preset: "posters",
    set: [...style, "training.teacher=0.65"],
    beside: "… statistics of every stage",
  },
  {
    name: "… Huber loss",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=huber"],
    beside: "… taught by the film's facts",
  },
  {
    name: "… Gaussian likelihood",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=gaussian"],
    beside: "… taught by the film's facts",
  },
  {
    name: "… quantile loss",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=quantile"],
    beside: "… taught by the film's facts",
  },
  {
    name: "… ordinal bins",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=ordinal"],
    beside: "… taught by the film's facts",
  },
  {
    name: "… balanced by sampling",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.balance.by=sampler"],
    beside: "… taught by the film's facts",
  },
  {
    name: "… balanced by weights",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.balance.by=weights"],
    beside: "… taught by the film's facts",
  },
  {
    name: "… easy films first",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.curriculum.start=0.4"],
    beside: "… taught by the film's facts",
  },
  {
    name: "… told genres, year and budget too",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.auxiliary=1"],
    beside: "… taught by the film's facts",
  },
  {
    name: "kernel ridge on statistics (preset posters)",
    preset: "posters",
    set: [],
    beside: "… taught by the film's facts",
  },
  {
    name: "… without the teacher",
    preset: "posters",
    set: ["training.teacher=0"],
    beside: "kernel ridge on statistics (preset posters)",
  },
  {
    name: "… without mirroring",
    preset: "posters",
    set: ["model.mirror=false"],
    beside: "kernel ridge on statistics (preset posters)",
  },
  {
    name: "… by ImageNet's scaling",
    preset: "posters",
    set: ["model.scaling=imagenet"],
    beside: "kernel ridge on statistics (preset posters)",
  },
  {
    name: "… at half the size too",
    preset: "posters",
    set: ["model.scales=[1,2]"],
    beside: "kernel ridge on statistics (preset posters)",
  },
  {
    name: "… on mean features",
    preset: "posters",
    set: ["model.pooling=mean"],
    beside: "kernel ridge on statistics (preset posters)",
  },
  {
    name: "poster and facts (preset fused)",
    preset: "fused",
    set: [],
    beside: "kernel ridge on statistics (preset posters)",
  },
  {
    name: "… without the poster",
    preset: "fused",
    set: ['model.without=["poster"]'],
    beside: "poster and facts (preset fused)",
  },
  {
    name: "… without the text",
    preset: "fused",
    set: ['model.without=["text"]'],
    beside: "poster and facts (preset fused)",
  },
  {
    name: "… without the franchise",
    preset: "fused",
    set: ['model.without=["franchise"]'],
    beside: "poster and facts (preset fused)",
  },
  {
    name: "… without the budget",
    preset: "fused",
    set: ['model.without=["budget"]'],
    beside: "poster and facts (preset fused)",
  },
];

/** Ensembles of rows; they stand below all others. */
export const MEANS: readonly MeanRow[] = [
  {
    name: "mean of the heads by five losses",
    meanOf: [
      "… taught by the film's facts",
      "… Huber loss",
      "… Gaussian likelihood",
      "… quantile loss",
      "… ordinal bins",
    ],
    beside: "… taught by the film's facts",
  },
  {
    name: "mean of kernel ridge and the head of easy films first",
    meanOf: ["kernel ridge on statistics (preset posters)", "… easy films first"],
    beside: "kernel ridge on statistics (preset posters)",
  },
];

/** The rows of these names, in their order; a `UsageError` names the nearest of one that is not there. */
export function rowsNamed(names: readonly string[]): AblationRow[] {
  const known = ABLATION.map(({ name }) => name);
  return names.map((name) => {
    const row = ABLATION[known.indexOf(name)];
    if (!row) throw new UsageError(noSuch("row", name, known));
    return row;
  });
}

/** The presets whose error is followed as their films grow in number. */
export const CURVE_ROWS: readonly AblationRow[] = rowsNamed([
  "kernel ridge on statistics (preset posters)",
  "poster and facts (preset fused)",
]);
