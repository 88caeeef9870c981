import * as tf from "@tensorflow/tfjs";
import type { Weights } from "movie-revenue/model/safetensors";
import { addL1, clipByGlobalNorm } from "movie-revenue/training/clip";
import type { LearningRate, Optimizer, OptimizerState } from "movie-revenue/training/optimizer";
import { nativeOptimizer } from "movie-revenue/training/optimizer-native";
import { plainOptimizer } from "movie-revenue/training/optimizer-plain";
import type { Rule } from "movie-revenue/training/slots";
import { golden, pattern } from "./golden.ts";

/** What golden/optimizers.py keeps of each run: everything by step. */
export interface Trace {
  /** By parameter group. */
  rates: number[][];
  norms: number[];
  /** `a` and then `b`. */
  parameters: number[][];
}

export const traces = golden<Record<string, Trace>>("optimizers.json");
export const STEPS = 50;

/** The parameters of golden/optimizers.py. */
export const start = (): Weights => ({
  a: { shape: [2, 3], data: pattern(6, 13, 4) },
  b: { shape: [2], data: pattern(2, 13, 8) },
});

/** Both ways to follow a rule. */
export const engines = { "plain ops": plainOptimizer, "TensorFlow's fused ops": nativeOptimizer };

interface Part {
  from?: number;
  to?: number;
  weights?: Weights;
  state?: OptimizerState;
  rate: (step: number) => LearningRate;
  clip?: number;
  l1?: number;
}

/** The steps of golden/optimizers.py: the parameters after each, the norms before clipping, and where they end. */
export function trace(
  make: (typeof engines)[keyof typeof engines],
  rule: Rule,
  { from = 0, to = STEPS, weights = start(), state, rate, clip = 0, l1 = 0 }: Part,
): Pick<Trace, "norms" | "parameters"> & { weights: Weights; state: OptimizerState } {
  const optimizer = make(rule, weights, state);
  const norms: number[] = [];
  const parameters: number[][] = [];
  for (let step = from; step < to; step++) {
    tf.tidy(() => {
      let gradients = gradientsOf(step);
      if (l1) gradients = addL1(gradients, optimizer.parameters(), l1);
      if (clip) {
        const clipped = clipByGlobalNorm(gradients, clip);
        norms.push(clipped.norm.dataSync()[0]!);
        gradients = clipped.gradients;
      }
      optimizer.step(gradients, rate(step));
    });
    parameters.push(valuesOf(optimizer));
  }
  const end = { norms, parameters, weights: optimizer.weights(), state: optimizer.state() };
  optimizer.dispose();
  return end;
}

function gradientsOf(step: number): tf.NamedTensorMap {
  const gradient = (size: number, shape: number[]) =>
    tf.tensor(
      pattern(size, 11 + (step % 7), 2).map((value) => value * ((((step * 5) % 9) - 3.5) / 4)),
      shape,
    );
  return { a: gradient(6, [2, 3]), b: gradient(2, [2]) };
}

function valuesOf(optimizer: Optimizer): number[] {
  const { a, b } = optimizer.weights();
  return [...a!.data, ...b!.data];
}

/** The largest difference of a parameter in any step, as a share of the largest parameter. */
export function distance(ours: number[][], theirs: number[][]): number {
  const largest = Math.max(...theirs.flat().map(Math.abs));
  const differences = theirs.flatMap((values, step) => values.map((value, i) => Math.abs(value - ours[step]![i]!)));
  return Math.max(...differences) / largest;
}
