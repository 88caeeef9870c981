import { noSuch, UsageError } from "../../errors";
import { DEFAULT_AUGMENTATION } from "../../posters/augment";

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

/** What stands in the table: the other row with some settings more, and beside it. */
function change(from: AblationRow, name: string, ...set: string[]): AblationRow {
  return { name, preset: from.preset, set: [...from.set, ...set], beside: from.name };
}

function beside(...backbones: string[]): string {
  return `model.beside=${JSON.stringify(backbones)}`;
}

/** What the preset reads on a poster, left unread. */
const UNREAD = "model.kernel.writing=0";

/** How a backbone learns on few films: a tenth as fast as its head, its batch norms as they are. */
const tuned = ["training.backboneRate=0.1", "training.freezeNorm=true", "evaluation.intervals=constant"];

const head: AblationRow = {
  name: "head on mean features, 224 × 224",
  preset: "posters",
  set: [
    ...["model.kind=network", "model.pooling=mean", "model.scaling=imagenet", "model.mirror=false"],
    ...["model.width=224", "model.height=224", beside(), "training.teacher=0", UNREAD],
  ],
};
const scaled = change(head, "… with the scaling of Lite0's training", "model.scaling=symmetric");
const lastStage = change(scaled, "… the last stage fine-tuned", "training.freeze=until:blocks6", ...tuned);
const shaped = change(scaled, "… in the poster's own shape", "model.height=320");
const mirrored = change(shaped, "… mirrored too", "model.mirror=true");
const style = change(mirrored, "… statistics of every stage", "model.pooling=statistics", "model.standardise=true");
const taught = change(style, "… taught by the film's facts", "training.teacher=0.65");
const kernel: AblationRow = {
  name: "kernel ridge on statistics",
  preset: "posters",
  set: [beside(), UNREAD],
  beside: taught.name,
};
const twoNetworks: AblationRow = {
  name: "kernel ridge of two networks",
  preset: "posters",
  set: [UNREAD],
  beside: kernel.name,
};
const posters: AblationRow = {
  name: "kernel ridge of two networks and of what is written (preset posters)",
  preset: "posters",
  set: [],
  beside: twoNetworks.name,
};
const fused: AblationRow = {
  name: "poster and facts (preset fused)",
  preset: "fused",
  set: [],
  beside: posters.name,
};

/** The rows of the table in docs/results.md, from the simplest head to the presets. */
export const ABLATION: readonly AblationRow[] = [
  head,
  scaled,
  change(scaled, "… attending to the last map", "model.pooling=attention"),
  lastStage,
  change(
    lastStage,
    "… shown posters cropped, blurred and in other colours",
    ...Object.entries(DEFAULT_AUGMENTATION).map(([key, value]) => `training.augment.${key}=${value}`),
  ),
  change(scaled, "… the last two stages fine-tuned", "training.freeze=until:blocks5", ...tuned),
  change(scaled, "… every stage fine-tuned", "training.freeze=none", ...tuned),
  shaped,
  mirrored,
  style,
  taught,
  change(taught, "… Huber loss", "training.loss.name=huber"),
  change(taught, "… Gaussian likelihood", "training.loss.name=gaussian"),
  change(taught, "… quantile loss", "training.loss.name=quantile"),
  change(taught, "… ordinal bins", "training.loss.name=ordinal"),
  change(taught, "… balanced by sampling", "training.balance.by=sampler"),
  change(taught, "… balanced by weights", "training.balance.by=weights"),
  change(taught, "… easy films first", "training.curriculum.start=0.4"),
  change(taught, "… told genres, year and budget too", "training.auxiliary=1"),
  change(taught, "… the weights of the best epoch, not their running average", "training.averaging=0"),
  change(taught, "… from a second seed", "training.seed=43"),
  change(taught, "… from a third seed", "training.seed=44"),
  kernel,
  change(kernel, "… without the teacher", "training.teacher=0"),
  change(kernel, "… without mirroring", "model.mirror=false"),
  change(kernel, "… by ImageNet's scaling", "model.scaling=imagenet"),
  change(kernel, "… on every artwork of a film", "training.otherArtwork=true"),
  change(kernel, "… at half the size too", "model.scales=[1,2]"),
  change(kernel, "… by EfficientNet-Lite1", "model.backbone=efficientnet-lite1"),
  change(kernel, "… by EfficientNet-Lite2", "model.backbone=efficientnet-lite2"),
  change(kernel, "… on mean features", "model.pooling=mean"),
  twoNetworks,
  change(twoNetworks, "… of three, EfficientNet-Lite0, 1 and 2", beside("efficientnet-lite2", "efficientnet-lite1")),
  posters,
  fused,
  change(fused, "… with EfficientNet-Lite2 beside the first", beside("efficientnet-lite2")),
  change(fused, "… without the poster", 'model.without=["poster"]'),
  change(fused, "… without the text", 'model.without=["text"]'),
  change(fused, "… without the franchise", 'model.without=["franchise"]'),
  change(fused, "… without the budget", 'model.without=["budget"]'),
];

/** Those that learn on features in the cache; the others train the backbone too, for an hour each and longer. */
export const FROZEN_ROWS = ABLATION.filter(({ set }) => !set.some((setting) => setting.startsWith("training.freeze=")));

/** Ensembles of rows; they stand below all others. */
export const MEANS: readonly MeanRow[] = [
  {
    name: "mean of the heads from three seeds",
    meanOf: [taught.name, "… from a second seed", "… from a third seed"],
    beside: taught.name,
  },
  {
    name: "mean of the heads by five losses",
    meanOf: [taught.name, "… Huber loss", "… Gaussian likelihood", "… quantile loss", "… ordinal bins"],
    beside: taught.name,
  },
  {
    name: "mean of kernel ridge and the head of easy films first",
    meanOf: [kernel.name, "… easy films first"],
    beside: kernel.name,
  },
  {
    name: "mean of kernel ridge by EfficientNet-Lite0, 1 and 2",
    meanOf: [kernel.name, "… by EfficientNet-Lite1", "… by EfficientNet-Lite2"],
    beside: twoNetworks.name,
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
export const CURVE_ROWS: readonly AblationRow[] = [posters, fused];
