// What the programs of ResNets share: weights and posters that resnet.py draws too, and the library's training step.
import * as tf from "@tensorflow/tfjs";
import { resnet50 } from "movie-revenue/model/resnet";
import { Random } from "movie-revenue/random";
import { learntFrom, stateFrom } from "movie-revenue/training/learnt";
import { lossOf } from "movie-revenue/training/losses";
import { networkStep } from "movie-revenue/training/network-step";
import { joinNetwork, partition } from "movie-revenue/training/network-weights";
import { objectiveOf } from "movie-revenue/training/objective";
import { runningStatistics } from "movie-revenue/training/running-statistics";
import { noise } from "./shared.mjs";

export const BATCH = 32;
export const SHAPE = [BATCH, 224, 224, 3];
const LEARNING_RATE = 2e-4;

const product = (sides) => sides.reduce((all, side) => all * side, 1);

/** Tensors by their names' order: filters of He's variance, and batch norms that keep a network of any depth in range. */
function drawWeights(shapes) {
  const names = Object.keys(shapes).sort();
  return Object.fromEntries(
    names.map((name, i) => [name, { shape: [...shapes[name]], data: draw(name, shapes[name], i) }]),
  );
}

export const backboneWeights = () => drawWeights(resnet50.shapes);

function draw(name, shape, i) {
  const random = new Random([7, i]);
  const bound = Math.sqrt(6 / product(shape.slice(1)));
  const ranges = { weight: [0.5, 1], bias: [0, 0.5], running_mean: [-0.2, 0.2], running_var: [0.5, 1.5] };
  const [low, high] = shape.length > 1 ? [-bound, bound] : ranges[name.split(".").at(-1)];
  const data = new Float32Array(product(shape));
  for (let j = 0; j < data.length; j++) data[j] = random.uniform(low, high);
  return data;
}

/** Normalised pixels of a batch, [batch, height, width, 3]. */
export function drawPixels(shape = SHAPE) {
  return Float32Array.from(noise(product(shape)), (byte) => (byte - 128) / 64);
}

/**
 * A step of training as `trainNetwork` makes it, of every layer, by AdamW without dropout, always on the same posters of
 * this shape; each call returns the mean squared error before it.
 */
export function trainingStep(architecture, { shape, hidden }) {
  const network = networkOf(architecture, hidden);
  const rows = Uint32Array.from({ length: shape[0] }, (_, row) => row);
  const pixels = drawPixels(shape);
  const examples = {
    batches: { tensor: () => tf.tensor4d(pixels, shape) },
    targets: Float32Array.from(rows, (row) => 6 + (row % 8) / 4),
  };
  const dropout = hidden.map(() => 0);
  const objective = objectiveOf(lossOf({ name: "mse" }));
  const run = networkStep(network, examples, {
    hidden,
    dropout,
    seed: 1,
    objective,
    backboneRate: 1,
    partSize: shape[0],
  });
  let step = 0;
  return () => {
    const value = run({ rows }, { step: step++, rate: LEARNING_RATE });
    const [error] = value.dataSync();
    value.dispose();
    return error;
  };
}

function networkOf(architecture, hidden) {
  const unfrozen = { frozen: new Set(), freezeNorm: false };
  const parts = { backbone: drawWeights(architecture.shapes), head: headWeights(architecture.dimensions, hidden) };
  const { learns, moves } = partition(joinNetwork(architecture, parts), architecture, unfrozen);
  const learnt = learntFrom(stateFrom(learns, LEARNING_RATE), { weightDecay: 1e-4, averaging: 0 });
  const statistics = runningStatistics(moves, architecture.momentum);
  return { architecture, learnt, statistics, constants: {}, ...unfrozen };
}

function headWeights(inputs, hidden) {
  const widths = [inputs, ...hidden, 1];
  const layers = widths.slice(1).flatMap((outputs, layer) => [
    [`head.${layer}.weight`, [outputs, widths[layer]]],
    [`head.${layer}.bias`, [outputs]],
  ]);
  return drawWeights(Object.fromEntries(layers));
}
