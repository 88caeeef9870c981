import * as tf from "@tensorflow/tfjs";
import { Random } from "../random";

/** The stream of random numbers that dropout draws from. */
const DROPOUT = 2;

export interface DropoutShape {
  /** Width of each hidden layer. */
  hidden: readonly number[];
  /** The share of units that each drops. */
  dropout: readonly number[];
}

export interface DropoutStep {
  batch: number;
  step: number;
  /** Tells the parts of a batch apart where gradients are accumulated. */
  part?: number;
}

/**
 * Makes the dropout masks of a step, [width, batch] for each hidden layer: 0 with the layer's rate, else 1/(1 − rate)
 * (Srivastava et al. 2014, inverted). They depend on seed, step and layer alone, so every engine, and a resumed training,
 * drops the same units. They are good until the next ones, whose memory they are: fresh memory costs as much as the draws.
 */
export function dropoutOf({ hidden, dropout }: DropoutShape, seed: number): (step: DropoutStep) => tf.Tensor2D[] {
  const memory = hidden.map(() => new Float32Array(0));
  return ({ batch, step, part = 0 }) =>
    hidden.map((width, layer) => {
      const size = width * batch;
      if (memory[layer]!.length < size) memory[layer] = new Float32Array(size);
      const mask = memory[layer]!.subarray(0, size);
      const stream = [seed, DROPOUT, step, layer];
      fillMask(mask, dropout[layer] ?? 0, new Random(part > 0 ? [...stream, part] : stream));
      return tf.tensor2d(mask, [width, batch]);
    });
}

/** Draws 16 bits for each unit by sfc32 (Doty-Humphrey's PractRand), ten times faster than the generator that seeds it. */
function fillMask(mask: Float32Array, rate: number, seeds: Random): void {
  const threshold = Math.round(rate * 2 ** 16);
  // at rate 1 all is dropped, and 1/(1 − rate) is no number
  const kept = rate < 1 ? 1 / (1 - rate) : 0;
  let [a, b, c, counter] = [seeds.uint32() | 0, seeds.uint32() | 0, seeds.uint32() | 0, 1];
  for (let i = 0; i < mask.length; i += 2) {
    const draw = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + draw) | 0;
    // the sign bit says whether the draw reaches the threshold: a branch would be guessed wrong for every unit dropped
    mask[i] = kept * ((threshold - 1 - (draw & 0xffff)) >>> 31);
    mask[i + 1] = kept * ((threshold - 1 - (draw >>> 16)) >>> 31);
  }
}
