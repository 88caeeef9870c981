import { type Config, makeConfig } from "../../config";
import { isParameter } from "../../model/architecture";
import { architectureNamed } from "../../model/backbone";
import { backbonesOf, featuresOfAll, type WeightedBackbone } from "../../model/backbones";
import { headShapeOf } from "../../model/head-shape";
import { countOf, formatCount, formatDollars } from "../format";
import type { Html } from "../view";
import { htmlTable } from "./html";

/** What a configuration learns, from what, and how: only what its kind of model reads. */
export function recipeTable(config: Config): Html {
  const facts = { ...filmsOf(config), ...modelOf(config) };
  return htmlTable(
    Object.entries(facts).map(([what, value]) => ({ what, value })),
    { caption: "The recipe", columns: { what: { title: "" }, value: { title: "" } } },
  );
}

function modelOf(config: Config): Record<string, string> {
  const { kind, members } = config.model;
  if (kind === "ensemble") return { Model: `the mean of the runs ${members.join(", ")}` };
  return { ...viewOfPosters(config), ...(kind === "network" ? ofNetwork(config) : ofKernel(config)) };
}

function filmsOf({ data }: Config): Record<string, string> {
  const { minRevenue, minBudget, minYear } = data;
  const films = [
    `revenue above ${formatDollars(minRevenue)}`,
    minBudget > 0 ? `budget above ${formatDollars(minBudget)}` : "",
    minYear > 0 ? `since ${minYear}` : "",
  ];
  return { Films: films.filter((part) => part !== "").join(", "), Target: "log10 of revenue in dollars" };
}

function viewOfPosters({ model }: Config): Record<string, string> {
  const { width, height, scaling, pooling, mirror, scales } = model;
  const smaller = scales.filter((scale) => scale > 1).map((scale) => `, and 1/${scale} of that`);
  const backbones = backbonesOf(model).map(describeBackbone);
  return {
    Poster: `${width} × ${height} pixels, ${scaling} scaling${smaller.join("")}${mirror ? ", and its mirror image" : ""}`,
    [backbones.length === 1 ? "Backbone" : "Backbones"]: backbones.join("; "),
    Features: `${formatCount(featuresOfAll(model))}, ${pooling === "attention" ? "attended to by the head" : `${pooling} of the maps`}`,
  };
}

function describeBackbone({ backbone, weights }: WeightedBackbone): string {
  return `${backbone}, ${countOf(parametersOf(backbone), "parameter")}, ${originOf(weights)}`;
}

/** Of the backbone alone, without the classifier that it was trained with. */
function parametersOf(backbone: string): number {
  const { shapes } = architectureNamed(backbone);
  const learnt = Object.entries(shapes).filter(([name]) => isParameter(name));
  return learnt.reduce((sum, [, shape]) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

function originOf(weights: string): string {
  if (weights === "random") return "random weights";
  return weights === "default" ? "trained on ImageNet" : `weights of ${weights}`;
}

function ofNetwork({ model, training }: Config): Record<string, string> {
  const { optimizer, learningRate, weightDecay, averaging } = training;
  const { inputs } = headShapeOf(model);
  const outputs = ["mse", "huber"].includes(training.loss.name) ? 1 : `the ${training.loss.name} loss's outputs`;
  return {
    "What learns": whatLearns(training.freeze),
    Head: `${[inputs, ...model.hidden, outputs].join(" → ")}; ReLU between; dropout ${model.dropout.join(", ")}`,
    Loss: training.loss.name === "mse" ? "mean squared error" : training.loss.name,
    Optimizer: optimizer.name === "adamw" ? "AdamW" : `SGD with momentum ${optimizer.momentum}`,
    "Learning rate": `${learningRate}; ${scheduleOf(training)}`,
    "Weight decay": String(weightDecay),
    Batch: countOf(training.batchSize, "film"),
    Stops: `after ${countOf(training.earlyStopping, "epoch")} without a better validation loss, ${countOf(training.maxEpochs, "epoch")} at most`,
    "What is kept": averaging > 0 ? `the running average of the weights, decay ${averaging}` : "the weights themselves",
    ...furtherOf(training),
  };
}

function ofKernel({ model, training }: Config): Record<string, string> {
  const { gamma, noise, writing } = model.kernel;
  const read = writing > 0 ? `; and on what is written on it, weight ${writing}` : "";
  const alone = `kernel ridge regression on the poster's features, gamma ${gamma}, noise ${noise}${read}`;
  return {
    "What learns": model.kind === "fused" ? "kernels of the poster's features and of the film's facts" : alone,
    How: "solved at once, without epochs",
    ...furtherOf(training),
  };
}

function whatLearns(freeze: string): string {
  if (freeze === "none") return "every layer";
  return freeze === "backbone"
    ? "the head alone"
    : `the head, and the backbone from ${freeze.slice("until:".length)} on`;
}

function scheduleOf({ schedule, plateau }: Config["training"]): string {
  if (schedule.name === "constant") return "constant";
  if (schedule.name === "cosine") return `cosine down to 0 after ${schedule.warmup} epochs of warm-up`;
  return `× ${plateau.factor} after more than ${countOf(plateau.patience, "epoch")} without a better validation loss`;
}

const FURTHER = [
  "clip",
  "l1",
  "balance",
  "curriculum",
  "backboneRate",
  "freezeNorm",
  "accumulate",
  "augment",
  "otherArtwork",
  "teacher",
  "auxiliary",
];

/** What else of training is asked for: one line, or none. */
function furtherOf(training: Config["training"]): Record<string, string> {
  const plain: object = makeConfig().training;
  const json = (settings: object, key: string) => JSON.stringify(settings[key as keyof typeof settings]);
  const asked = FURTHER.filter((key) => json(training, key) !== json(plain, key));
  return asked.length > 0 ? { Further: asked.map((key) => `${key} ${json(training, key)}`).join(", ") } : {};
}
