import type { Weight, Weights } from "movie-revenue/model/safetensors";
import { pattern } from "./golden.ts";

/** Weights that golden/resnet_torchvision.py makes as well, for tensors of these shapes in this order. */
export function patternWeights(shapes: Readonly<Record<string, readonly number[]>>): Weights {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, patternWeight(name, shape, i)]));
}

/** The head of the same script, under the names of a run: `head.0.weight` [out, in] and on. */
export function patternHead(widths: readonly number[]): Weights {
  const layers = widths.slice(1).flatMap((out, layer): [string, number[]][] => [
    [`head.${layer}.weight`, [out, widths[layer]!]],
    [`head.${layer}.bias`, [out]],
  ]);
  return patternWeights(Object.fromEntries(layers));
}

/** Matrices and filters of He's variance; batch norms that are not the identity. */
function patternWeight(name: string, shape: readonly number[], index: number): Weight {
  const [size, period] = [product(shape), 251 + 2 * index];
  const weight = (data: Float32Array): Weight => ({ shape: [...shape], data });
  if (shape.length > 1) {
    const wanted = (Math.sqrt(2 / product(shape.slice(1))) * 64 * Math.sqrt(12)) / period;
    return weight(pattern(size, period, 2 ** Math.floor(Math.log2(wanted) + 0.5)));
  }
  if (name.endsWith("running_var")) return weight(pattern(size, 7, 8).map((value) => 1 + value));
  return weight(pattern(size, 11, 4).map((value) => value + (name.endsWith("weight") ? 0.75 : 0)));
}

const product = (sides: readonly number[]) => sides.reduce((all, side) => all * side, 1);
