import { resnet } from "movie-revenue/model/resnet";
import type { Weights } from "movie-revenue/model/safetensors";
import { openPixels, type PixelCache } from "movie-revenue/posters/pixels";
import { sha256 } from "movie-revenue/system/files";
import type { TrainingState } from "movie-revenue/training/checkpoint";
import type { EpochMetrics, TrainerEvents } from "movie-revenue/training/loop";
import { type NetworkData, type NetworkOptions, trainNetwork } from "movie-revenue/training/network-trainer";
import { uniform } from "./backbones.ts";
import { tempFolder } from "./fixtures.ts";
import { noise } from "./pictures.ts";

/** The network, posters and options of golden/finetune.py. */
export const architecture = resnet("small", { block: "bottleneck", depths: [1, 1], widths: [8, 16] });
export const [SIDE, TRAIN, VALIDATION, SEED] = [32, 20, 7, 5];

export const options: NetworkOptions = {
  batchSize: 8,
  learningRate: 1e-3,
  weightDecay: 0.05,
  maxEpochs: 2,
  plateau: { factor: 0.5, patience: 100 },
  earlyStopping: 100,
  averaging: 0,
  seed: SEED,
  hidden: [5],
  dropout: [0],
};

const headShapes: Record<string, number[]> = {
  "head.0.weight": [5, 64],
  "head.0.bias": [5],
  "head.1.weight": [1, 5],
  "head.1.bias": [1],
};

const BOUNDS: Record<string, [number, number]> = {
  weight: [0.5, 1],
  bias: [-1.5, 0],
  running_var: [0.5, 1.5],
  running_mean: [-0.2, 0.2],
};

function bounds(name: string, shape: readonly number[]): [number, number] {
  if (shape.length > 1) {
    const bound = Math.sqrt(6 / product(shape.slice(1)));
    return [-bound, bound];
  }
  return name.startsWith("head") ? [-1, 1] : BOUNDS[name.split(".").at(-1)!]!;
}

const product = (sides: readonly number[]) => sides.reduce((all, side) => all * side, 1);

/** The weights of `network` in the script, in the order of their names. */
export function startWeights(): Weights {
  const own = Object.entries(architecture.shapes).map(([name, shape]) => [`backbone.${name}`, shape] as const);
  const shapes = [...own, ...Object.entries(headShapes)].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    shapes.map(([name, shape], i) => [
      name,
      { shape: [...shape], data: uniform([SEED, i], product(shape), bounds(name, shape)) },
    ]),
  );
}

/** The targets of the script, then its weights of training films. */
export const targets = uniform([SEED, 100], TRAIN + VALIDATION, [7, 9]);
export const weights = uniform([SEED, 101], TRAIN, [0.5, 1.5]);

/** The script's posters in a cache of their own, and the data of a training. */
export async function openData(): Promise<NetworkData & { pixels: PixelCache }> {
  const pixels = await openPixels(await tempFolder(), { width: SIDE, height: SIDE });
  const { data } = noise(SIDE, SIDE * (TRAIN + VALIDATION));
  const size = SIDE * SIDE * 3;
  const posters = Array.from({ length: TRAIN + VALIDATION }, (_, i) => sha256(`poster ${i}`));
  for (const [i, poster] of posters.entries()) {
    await pixels.keep(poster, { hash: 0n, pixels: data.slice(i * size, (i + 1) * size) });
  }
  return {
    architecture,
    pixels,
    scaling: "imagenet",
    train: { posters: posters.slice(0, TRAIN), targets: targets.slice(0, TRAIN) },
    validation: { posters: posters.slice(TRAIN), targets: targets.slice(TRAIN) },
  };
}

export interface Kept {
  epochs: EpochMetrics[];
  states: TrainingState[];
  ended: string;
}

/** Trains and keeps what every epoch tells. */
export async function fineTune(
  data: NetworkData,
  changes: Partial<NetworkOptions> = {},
  start: Weights | TrainingState = startWeights(),
  events: TrainerEvents = {},
): Promise<Kept> {
  const kept: Kept = { epochs: [], states: [], ended: "" };
  const onEpoch: TrainerEvents["onEpoch"] = async (metrics, state) => {
    kept.epochs.push(metrics);
    kept.states.push(state());
    await events.onEpoch?.(metrics, state);
  };
  kept.ended = await trainNetwork(data, start, { ...options, ...changes }, { ...events, onEpoch });
  return kept;
}
