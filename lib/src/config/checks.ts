import { UsageError } from "../errors";
import type { Config } from "./schema";

/** What only gradient descent reads, beside everything of `training` but what follows. */
const NETWORK_ONLY = ["hidden", "dropout", "standardise"] as const;

/** What kernels read of `training` too; what is solved at once keeps within any number of epochs. */
const OF_KERNELS = ["seed", "teacher", "otherArtwork", "maxEpochs"];

/** What only a backbone that learns reads. */
const FINE_TUNING_ONLY = ["backboneRate", "freezeNorm", "accumulate", "augment"] as const;

/** Throws a `UsageError` for settings that would be read by nothing, or contradict each other. */
export function refuseNonsense(config: Config, defaults: Config): void {
  if (config.model.kind !== "fused" && config.model.without.length > 0) {
    refuse("model.without", `a fused model reads it, and model.kind is ${config.model.kind}`);
  }
  if (config.model.kind !== "ensemble" && config.model.members.length > 0) {
    refuse("model.members", `an ensemble reads it, and model.kind is ${config.model.kind}`);
  }
  const { backbone, beside } = config.model;
  if (new Set([backbone, ...beside]).size <= beside.length) refuse("model.beside", "it names a backbone twice");
  if (config.model.kind === "network") refuseForNetwork(config, defaults);
  else if (config.model.kind === "ensemble") refuseForEnsemble(config, defaults);
  else refuseForKernels(config, defaults);
}

function refuseForNetwork({ model, training, evaluation }: Config, defaults: Config): void {
  if (differs(model.kernel, defaults.model.kernel))
    refuse("model.kernel", "a kernel reads it, and model.kind is network");
  if (model.pooling === "attention") refuseBesideAttention(model);
  if (training.freeze === "backbone") {
    for (const key of FINE_TUNING_ONLY) {
      if (!differs(training[key], defaults.training[key])) continue;
      refuse(`training.${key}`, "a backbone that learns reads it: set training.freeze to none or until:<stage>");
    }
    return;
  }
  if (evaluation.intervals === "scaled")
    refuse("evaluation.intervals", "scaled intervals would train the backbone three times more");
  if (model.pooling === "statistics") refuse("model.pooling", "statistics are taken of a frozen backbone alone");
  if (model.standardise) refuse("model.standardise", "features are standardised for a frozen backbone alone");
  if (model.scales.join() !== "1") refuse("model.scales", "several scales are shown to a frozen backbone alone");
  if (model.beside.length > 0) refuse("model.beside", "only a frozen backbone has others beside it");
}

/** Attention tells places apart. */
function refuseBesideAttention({ mirror, standardise, scales, beside }: Config["model"]): void {
  if (beside.length > 0) refuse("model.beside", "attention is given one map");
  if (scales.join() !== "1") refuse("model.scales", "attention is given one map");
  if (mirror) refuse("model.mirror", "attention looks at places, and they are others in the mirror image");
  if (standardise) refuse("model.standardise", "attention is given the map as it is");
}

/** Of an ensemble's model only its members, and the size of posters that they share, are its own. */
function refuseForEnsemble({ model, training, evaluation }: Config, defaults: Config): void {
  if (new Set(model.members).size < 2) refuse("model.kind", "an ensemble needs two members or more in model.members");
  const own = ["kind", "members", "width", "height"];
  const theirs = (part: "model" | "training", now: object, before: object) => {
    for (const [key, value] of Object.entries(now)) {
      if (own.includes(key) || !differs(value, before[key as keyof typeof before])) continue;
      refuse(`${part}.${key}`, "the members of an ensemble have their own");
    }
  };
  theirs("model", model, defaults.model);
  theirs("training", training, defaults.training);
  if (evaluation.intervals === "scaled")
    refuse("evaluation.intervals", "scaled intervals would train every member three times more");
}

function refuseForKernels({ model, training }: Config, defaults: Config): void {
  const { kind } = model;
  if (model.pooling === "attention")
    refuse("model.pooling", `the head of a network attends, and model.kind is ${kind}`);
  for (const key of NETWORK_ONLY) {
    if (differs(model[key], defaults.model[key]))
      refuse(`model.${key}`, `a network reads it, and model.kind is ${kind}`);
  }
  for (const [key, value] of Object.entries(training)) {
    if (OF_KERNELS.includes(key) || !differs(value, defaults.training[key as keyof Config["training"]])) continue;
    refuse(`training.${key}`, `a network reads it, and model.kind is ${kind}`);
  }
  if (kind !== "fused") return;
  if (training.otherArtwork) refuse("training.otherArtwork", "a fused model learns the facts of each film once");
  if (training.teacher > 0) refuse("training.teacher", "a fused model knows the film's facts itself");
  if (differs(model.kernel, defaults.model.kernel)) refuse("model.kernel", "the kernels of a fused model are its own");
}

function differs(value: unknown, other: unknown): boolean {
  return JSON.stringify(value) !== JSON.stringify(other);
}

function refuse(key: string, why: string): never {
  throw new UsageError(
    `The setting ${key} makes no sense here: ${why}. Leave it out, or set it back where the preset sets it.`,
  );
}
