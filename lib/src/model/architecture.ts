import * as tf from "@tensorflow/tfjs";
import { Random } from "../random";
import { isNative } from "../tensorflow";
import { forwardFused } from "./kernels/learning";
import { forwardPlain } from "./kernels/plain";
import { filterShape, foldStages, inferBlock, unitsOf } from "./layers";
import type { Architecture, Frozen, Stage, Unit } from "./network";
import type { Weights } from "./safetensors";

/** What a backbone says of itself. */
export interface Description {
  name: string;
  /** From the pixels on. */
  layers: readonly Stage[];
  epsilon: number;
  momentum: number;
}

/** A backbone from its description. */
export function describeArchitecture({ name, layers, epsilon, momentum }: Description): Architecture {
  const shapes: Record<string, number[]> = {};
  const stages = new Map<string, string>();
  for (const stage of layers) {
    for (const [tensor, shape] of stage.blocks.flatMap(unitsOf).flatMap(tensorsOf)) {
      shapes[tensor] = shape;
      stages.set(tensor, stage.name);
    }
  }
  return {
    name,
    dimensions: layers.at(-1)!.blocks.at(-1)!.units.at(-1)!.outputs,
    epsilon,
    momentum,
    stages: layers.map(({ name }) => name),
    layers,
    shapes,
    stageOf(tensor) {
      const stage = stages.get(tensor);
      if (stage === undefined) throw new Error(`${name} has no tensor "${tensor}".`);
      return stage;
    },
    initialise: (seed) => initialise(shapes, seed),
    freeze: (weights) => freeze(layers, weights, epsilon),
    forward: (tensors, pixels, pass) =>
      (isNative() ? forwardFused : forwardPlain)({ layers, epsilon }, tensors, { pixels, pass }),
  };
}

/** Whether a tensor is learnt; running statistics are not. */
export function isParameter(name: string): boolean {
  return !/\.running_(mean|var)$/.test(name);
}

function tensorsOf(unit: Unit): [name: string, shape: number[]][] {
  const parts = ["weight", "bias", "running_mean", "running_var"];
  return [
    [`${unit.convolution}.weight`, filterShape(unit)],
    ...parts.map((part): [string, number[]] => [`${unit.norm}.${part}`, [unit.outputs]]),
  ];
}

/**
 * Filters normal with deviation √(2 / (outputs of a channel's group · height · width)) as torchvision's ResNet has it
 * (kaiming_normal_, fan_out; He et al. 2015) and TensorFlow's EfficientNet; batch norm 1 and 0.
 */
function initialise(shapes: Architecture["shapes"], seed: number): Weights {
  const random = new Random([seed, INITIALISATION]);
  const weights: Weights = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    if (shape.length === 4) {
      const [out = 0, inputs = 0, height = 0, width = 0] = shape;
      const deviation = Math.sqrt(2 / ((inputs === 1 ? 1 : out) * height * width));
      for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    } else if (/\.(weight|running_var)$/.test(name)) data.fill(1);
    weights[name] = { shape: [...shape], data };
  }
  return weights;
}

/** The stream of random numbers that weights are drawn from; the head's is another. */
const INITIALISATION = 3;

function freeze(layers: readonly Stage[], weights: Weights, epsilon: number): Frozen {
  const folded = foldStages(weights, layers, epsilon);
  const applyStage = ({ blocks }: Stage, input: tf.Tensor4D) => {
    let x = input;
    for (const block of blocks) {
      const before = x;
      x = inferBlock(block, x, folded);
      if (before !== input) before.dispose();
    }
    return x;
  };
  return {
    featureMap(pixels) {
      let x = pixels;
      for (const stage of layers) {
        const before = x;
        x = applyStage(stage, x);
        if (before !== pixels) before.dispose();
      }
      return x;
    },
    stageMaps(pixels) {
      let x = pixels;
      return Object.fromEntries(
        layers.map((stage) => {
          x = applyStage(stage, x);
          return [stage.name, x];
        }),
      );
    },
    dispose() {
      for (const { filter, bias } of Object.values(folded)) tf.dispose([filter, bias]);
    },
  };
}
