import type { Weight, Weights } from "./safetensors";

/** PyTorch's layouts → the engine's: filters [out, in, h, w] become [h, w, in, out], depthwise ones [h, w, channels, 1]. */
export function toEngine(weights: Weights): Weights {
  return mapValues(weights, (weight) => {
    const [out, inputs, height, width] = weight.shape;
    if (width === undefined) return weight;
    const depthwise = inputs === 1;
    const order = depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0];
    const shape = depthwise ? [height!, width, out!, 1] : [height!, width, inputs!, out!];
    return { shape, data: permute(weight, order) };
  });
}

/** The way back, for weights and gradients alike. */
export function toTorch(weights: Weights): Weights {
  return mapValues(weights, (weight) => {
    const [height, width, inputs, out] = weight.shape;
    if (out === undefined) return weight;
    const depthwise = out === 1;
    const order = depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1];
    const shape = depthwise ? [inputs!, 1, height!, width!] : [out, inputs!, height!, width!];
    return { shape, data: permute(weight, order) };
  });
}

/** The values in the order of permuted axes, as numpy's `transpose`; four axes. */
function permute({ shape, data }: Weight, order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const [n0, n1, n2, n3] = order.map((axis) => shape[axis]!) as [number, number, number, number];
  const [s0, s1, s2, s3] = order.map((axis) => strides[axis]!) as [number, number, number, number];
  const permuted = new Float32Array(data.length);
  let to = 0;
  for (let i0 = 0; i0 < n0; i0++) {
    for (let i1 = 0; i1 < n1; i1++) {
      for (let i2 = 0; i2 < n2; i2++) {
        const from = i0 * s0 + i1 * s1 + i2 * s2;
        for (let i3 = 0; i3 < n3; i3++) permuted[to++] = data[from + i3 * s3]!;
      }
    }
  }
  return permuted;
}

function mapValues(weights: Weights, change: (weight: Weight) => Weight): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, change(weight)]));
}
