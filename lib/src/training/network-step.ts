import * as tf from "@tensorflow/tfjs";
import { QUERY } from "../model/attention";
import { dropoutOf } from "../model/dropout";
import { headOutputs } from "../model/head";
import { type HeadPass, passHead } from "../model/head-pass";
import type { Architecture, BatchStatistics } from "../model/network";
import { poolMap } from "../model/pooling";
import type { PosterBatch, PosterBatches } from "./batches";
import { addL1, clipByGlobalNorm } from "./clip";
import type { StepOptions } from "./learner";
import type { Learnt } from "./learnt";
import { BACKBONE } from "./network-weights";
import { type Goals, goalsOf, type Objective, type Wanted } from "./objective";
import type { RunningStatistics } from "./running-statistics";

/** A whole network in training. Its tensors are in the engine's layouts, under `backbone.` and `head.`. */
export interface TrainableNetwork {
  architecture: Architecture;
  learnt: Pick<Learnt, "optimizer" | "average">;
  statistics: RunningStatistics;
  /** What does not change. */
  constants: tf.NamedTensorMap;
  frozen: ReadonlySet<string>;
  freezeNorm: boolean;
}

export interface NetworkStepOptions {
  hidden: readonly number[];
  dropout: readonly number[];
  seed: number;
  objective: Objective;
  /** Learning rate of the backbone as a factor of the head's. */
  backboneRate: number;
  /** The most films that go through the network at once: the gradients of a batch's parts add up to the batch's. */
  partSize: number;
  clip?: number;
  l1?: number;
}

/** Posters and what they shall predict. */
export interface PosterTargets extends Wanted {
  batches: PosterBatches;
}

/** Films of a batch that go through the network together. */
interface Part {
  pixels: tf.Tensor4D;
  goals: Goals;
  masks: tf.Tensor2D[];
}

/** The steps that train a network on posters; nothing is read back from the engine. */
export function networkStep(
  network: TrainableNetwork,
  { batches, ...wanted }: PosterTargets,
  { hidden, dropout, seed, objective, backboneRate, partSize, clip = 0, l1 = 0 }: NetworkStepOptions,
): (batch: PosterBatch, options: StepOptions) => tf.Scalar {
  const { optimizer, average } = network.learnt;
  const masksOf = dropoutOf({ hidden, dropout }, seed);
  const partAt = (batch: PosterBatch, { from, to, part, step }: Span & { part: number; step: number }): Part => {
    const rows = batch.rows.subarray(from, to);
    return {
      pixels: batches.tensor(batch, from, to),
      goals: { ...goalsOf(wanted, rows), count: batch.rows.length },
      masks: masksOf({ batch: rows.length, step, part }),
    };
  };
  return (batch, { step, rate }) =>
    tf.tidy(() => {
      let gradients: tf.NamedTensorMap = {};
      const losses: tf.Scalar[] = [];
      for (const [part, span] of spans(batch.rows.length, partSize).entries()) {
        const passed = tf.tidy(() => passPart(network, partAt(batch, { ...span, part, step }), objective));
        gradients = added(gradients, passed.gradients);
        losses.push(passed.value);
      }
      if (l1 > 0) gradients = replaced(gradients, addL1(gradients, optimizer.parameters(), l1));
      if (clip > 0) gradients = replaced(gradients, clipByGlobalNorm(gradients, clip).gradients);
      optimizer.step(gradients, (name) => (name.startsWith(BACKBONE) ? rate * backboneRate : rate));
      tf.dispose(gradients);
      average.update(optimizer.parameters(), step + 1);
      return tf.addN(losses) as tf.Scalar;
    });
}

interface Span {
  from: number;
  to: number;
}

/** So many films in as few parts as there may be, of sizes as equal as they can be. */
export function spans(films: number, partSize: number): Span[] {
  const count = Math.ceil(films / partSize);
  const end = (part: number) => Math.floor((part * films) / count);
  return Array.from({ length: count }, (_, part) => ({ from: end(part), to: end(part + 1) }));
}

/** Sums of gradients by name, each made where its summands go. */
function added(sums: tf.NamedTensorMap, gradients: tf.NamedTensorMap): tf.NamedTensorMap {
  const entries = Object.entries(gradients).map(([name, gradient]): [string, tf.Tensor] => {
    const before = sums[name];
    if (!before) return [name, gradient];
    const sum = tf.add(before, gradient);
    tf.dispose([before, gradient]);
    return [name, sum];
  });
  return Object.fromEntries(entries);
}

function replaced(before: tf.NamedTensorMap, after: tf.NamedTensorMap): tf.NamedTensorMap {
  tf.dispose(before);
  return after;
}

type Passed = {
  value: tf.Scalar;
  gradients: tf.NamedTensorMap;
};

/** The loss of a part, its gradients, and new running statistics. */
function passPart(network: TrainableNetwork, part: Part, objective: Objective): Passed {
  const { learnt, statistics } = network;
  const parameters = learnt.optimizer.parameters();
  const names = Object.keys(parameters).filter((name) => name.startsWith(BACKBONE));
  const seen: [norm: string, seen: BatchStatistics][] = [];
  const featuresOf = (backbone: tf.NamedTensorMap) =>
    features(network, backbone, part.pixels, (norm, moments) => seen.push([norm, moments]));
  const passed =
    names.length === 0
      ? scored(parameters, featuresOf({}), { part, objective })
      : throughBackbone(parameters, { names, part, objective, featuresOf });
  for (const [norm, moments] of seen) {
    statistics.move(BACKBONE + norm, moments);
    tf.dispose([moments.mean, moments.variance]);
  }
  return passed;
}

/** What the head is given in training: the mean over places of the last feature map, or all of it to attend to. */
function features(
  { architecture, learnt, statistics, constants, frozen, freezeNorm }: TrainableNetwork,
  backbone: tf.NamedTensorMap,
  pixels: tf.Tensor4D,
  onStatistics: (norm: string, seen: BatchStatistics) => void,
): tf.Tensor2D {
  const tensors = ownNames({ ...constants, ...statistics.tensors(), ...backbone });
  const map = architecture.forward(tensors, pixels, { frozen, batchStatistics: !freezeNorm, onStatistics });
  return poolMap(map, learnt.optimizer.parameters()[QUERY] ? "attention" : "mean");
}

/** A backbone's tensors by the names that the architecture knows. */
function ownNames(tensors: tf.NamedTensorMap): tf.NamedTensorMap {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(BACKBONE));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(BACKBONE.length), tensor]));
}

interface Scoring {
  part: Part;
  objective: Objective;
}

/** The head's loss on features, and the gradients of its parameters. */
function scored(parameters: tf.NamedTensorMap, given: tf.Tensor2D, scoring: Scoring): Passed {
  const { value, pass, gradient } = headLoss(parameters, given, scoring);
  return { value, gradients: pass.backward(gradient).parameters };
}

function headLoss(
  parameters: tf.NamedTensorMap,
  given: tf.Tensor2D,
  { part: { masks, goals }, objective }: Scoring,
): { value: tf.Scalar; pass: HeadPass; gradient: tf.Tensor2D } {
  const pass = passHead(parameters, given, masks);
  return { pass, ...objective.score(pass.outputs, goals) };
}

/** Back through the head by its own gradients, and through the backbone by TensorFlow.js's tape. */
function throughBackbone(
  parameters: tf.NamedTensorMap,
  {
    names,
    featuresOf,
    ...scoring
  }: Scoring & { names: string[]; featuresOf: (backbone: tf.NamedTensorMap) => tf.Tensor2D },
): Passed {
  let head: tf.NamedTensorMap = {};
  const lossOfFeatures = tf.customGrad((given, save) => {
    const { value, pass, gradient } = headLoss(parameters, given as tf.Tensor2D, scoring);
    const { parameters: ownGradients, features: byFeatures } = pass.backward(gradient, { features: true });
    head = ownGradients;
    // both outlive the forward pass: the one is the caller's, the other the tape's
    for (const own of Object.values(head)) tf.keep(own);
    (save as tf.GradSaveFunc)([byFeatures!]);
    return { value, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(saved!, dy) };
  });
  const { value, grads } = tf.valueAndGrads((...backbone: tf.Tensor[]) =>
    lossOfFeatures(featuresOf(Object.fromEntries(names.map((name, i) => [name, backbone[i]!])))),
  )(names.map((name) => parameters[name]!));
  const own = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
  return { value: value as tf.Scalar, gradients: { ...own, ...head } };
}

/** Log10 dollars, [n], by the averaged parameters and the running statistics, in inference. */
export function predictPosters(network: TrainableNetwork, pixels: tf.Tensor4D, objective: Objective): tf.Tensor1D {
  const parameters = network.learnt.average.parameters();
  const found = features({ ...network, freezeNorm: true }, parameters, pixels, () => {});
  return objective.predict(headOutputs(parameters, found));
}
