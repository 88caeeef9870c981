import { z } from "zod";
import { SPLIT_METHODS } from "../catalogue/split";
import { POOLINGS } from "../model/pooling";
import { SCALINGS } from "../posters/normalise";

const fraction = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
const positive = z.number().int().positive();
/** Strides and the perceptual hash want multiples of 32. */
const side = positive.multipleOf(32, "must be a multiple of 32").max(1024);

const BACKBONES = ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "resnet18", "resnet50"] as const;

/** Everything that decides a run's numbers, with its defaults; dollars, pixels, fractions. */
export const schema = z.strictObject({
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
      /** Keeps a hub set's files whole; else only facts and reduced posters are kept, and nothing is downloaded twice. */
      keepShards: z.boolean().default(false),
      /** More than this share of rows that cannot be used stops a run: the source is not what it should be. */
      maxInvalid: fraction.default(0.2),
    })
    .prefault({}),
  split: z
    .strictObject({
      /** `random`; `date`: the newest films are the test; `group`: films of one title group stay together. */
      by: z.enum(SPLIT_METHODS).default("random"),
      test: fraction.default(0.1),
      validation: fraction.default(0.1),
      seed: count.default(42),
    })
    .prefault({}),
  model: z
    .strictObject({
      /**
       * `network`: linear layers, and as much of the backbone as `training.freeze` leaves free, by gradient descent;
       * `kernel`: kernel ridge regression on the poster's features; `fused`: poster and the film's facts together;
       * `ensemble`: the mean of what trained runs, the `members`, make of a film in log10 dollars.
       */
      kind: z.enum(["network", "kernel", "fused", "ensemble"]).default("network"),
      /** Names of the runs that an ensemble is the mean of. */
      members: z.array(z.string().min(1)).default([]),
      backbone: z.enum(BACKBONES).default("efficientnet-lite0"),
      /** Further backbones, frozen, whose features of the poster stand beside those of the first. */
      beside: z.array(z.enum(BACKBONES)).default([]),
      /** Of `backbone`: `default`, a safetensors file, `hub:owner/name[@revision]`, or `random`. */
      weights: z.string().min(1).default("default"),
      /** Pixels that a poster is resized to. */
      width: side.default(224),
      height: side.default(224),
      /** How pixels become numbers: `imagenet` as torchvision, `symmetric` as EfficientNet-Lite was trained. */
      scaling: z.enum(SCALINGS).default("imagenet"),
      /** What is kept of the backbone's maps: the `mean` of the last, `statistics` of every stage, or what a head attends to. */
      pooling: z.enum(POOLINGS).default("mean"),
      /** Whether features are averaged over the poster and its mirror image. */
      mirror: z.boolean().default(false),
      /** By which factors a frozen backbone is shown the poster smaller too, as [1, 2]: each adds its own features. */
      scales: z
        .array(z.union([1, 2, 4].map((scale) => z.literal(scale))))
        .min(1)
        .default([1]),
      /** Layers of a network's head. */
      hidden: z.array(positive).default([1024, 512, 1024]),
      dropout: z.array(fraction).default([0.2, 0.1, 0.2]),
      /** Whether a frozen backbone's features are brought to mean 0 and deviation 1 before the head. */
      standardise: z.boolean().default(false),
      /** What a fused model does without, to see what it adds. */
      without: z.array(z.enum(["poster", "text", "franchise", "budget"])).default([]),
      /** Of kernel models: how fast likeness falls with distance, and the noise beside the kernel's 1. */
      kernel: z
        .strictObject({
          gamma: z.number().positive().default(0.8),
          noise: z.number().positive().default(0.5),
          /** How much what is written on the poster counts beside the kernel's 1; 0 leaves it unread. */
          writing: z.number().nonnegative().default(0),
        })
        .prefault({}),
    })
    .prefault({})
    .refine(({ hidden, dropout }) => hidden.length === dropout.length, "hidden and dropout must be equally long"),
  training: z
    .strictObject({
      batchSize: positive.default(32),
      learningRate: z.number().positive().default(2e-4),
      weightDecay: z.number().nonnegative().default(1e-4),
      /** AdamW, or SGD with `momentum`. */
      optimizer: z
        .strictObject({ name: z.enum(["adamw", "sgd"]).default("adamw"), momentum: fraction.default(0.9) })
        .prefault({}),
      /** `plateau` (below), `cosine` down to 0 at the last epoch after `warmup` epochs, or `constant`. */
      schedule: z
        .strictObject({
          name: z.enum(["plateau", "cosine", "constant"]).default("plateau"),
          warmup: z.number().nonnegative().default(0),
        })
        .prefault({}),
      /** `delta` is Huber's, in log10 dollars; `levels` are the quantiles', `bins` the ordinal loss's. */
      loss: z
        .strictObject({
          name: z.enum(["mse", "huber", "quantile", "gaussian", "ordinal"]).default("mse"),
          delta: z.number().positive().default(0.5),
          levels: z.array(z.number().gt(0).lt(1)).default([0.1, 0.5, 0.9]),
          bins: positive.min(2).default(10),
        })
        .prefault({}),
      /** The largest joint norm of the gradients, and the strength of an L1 penalty; 0 does without. */
      clip: z.number().nonnegative().default(0),
      l1: z.number().nonnegative().default(0),
      /** Films of rare revenues are drawn more often (`sampler`) or weigh more (`weights`): (films in their bin)^-power. */
      balance: z
        .strictObject({
          by: z.enum(["none", "sampler", "weights"]).default("none"),
          bins: positive.default(10),
          power: z.number().nonnegative().default(0.5),
        })
        .prefault({}),
      /** The share of films, those nearest the mean, that the first epoch sees, and the epochs until all are seen. */
      curriculum: z
        .strictObject({ start: z.number().gt(0).max(1).default(1), epochs: positive.default(5) })
        .prefault({}),
      maxEpochs: positive.default(30),
      /** ReduceLROnPlateau: the learning rate is multiplied by `factor` after more than `patience` epochs without a better one. */
      plateau: z.strictObject({ factor: fraction.default(0.5), patience: count.default(2) }).prefault({}),
      /** Epochs without a better validation loss before training stops. */
      earlyStopping: positive.default(7),
      /** Decay of the running average of the weights, which is what is validated and kept; 0 keeps the weights themselves. */
      averaging: z.number().min(0).lt(1).default(0.99),
      /** What does not learn: the whole `backbone`, `none`, or the stages `until:<stage>`, which is the first to learn. */
      freeze: z
        .string()
        .regex(/^(none|backbone|until:[a-z0-9]+)$/, "must be none, backbone or until:<stage>")
        .default("backbone"),
      /** The backbone's learning rate as a share of the head's. */
      backboneRate: z.number().positive().default(1),
      /** Whether batch norms keep their running statistics while the backbone learns. */
      freezeNorm: z.boolean().default(false),
      /** Parts of a batch that go through the network one after the other, for less memory. */
      accumulate: positive.default(1),
      /** How training posters are varied while the backbone learns: see `posters/augment.ts`. */
      augment: z
        .strictObject({
          crop: z.number().min(0.5).max(1).default(1),
          brightness: fraction.default(0),
          contrast: fraction.default(0),
          saturation: fraction.default(0),
          blur: fraction.default(0),
          mirror: z.boolean().default(false),
        })
        .prefault({}),
      /** Whether a training film is learnt from by every artwork that its rows show, and not by the first alone. */
      otherArtwork: z.boolean().default(false),
      /** Share of each target that a teacher of the film's facts gives instead of the film's own revenue; 0 asks none. */
      teacher: fraction.default(0),
      /** How much genres, year and budget count that a network learns to tell beside revenue; 0 leaves them out. */
      auxiliary: z.number().nonnegative().default(0),
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
      /** `constant`: as wide for every film; `scaled`: as hard as the film is, learnt by training three times more. */
      intervals: z.enum(["constant", "scaled"]).default("constant"),
      seed: count.default(42),
    })
    .prefault({}),
});

/** A whole configuration. */
export interface Config extends z.infer<typeof schema> {}
