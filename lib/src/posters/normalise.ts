/** Means of red, green and blue over ImageNet, of values 0 to 1. Source: torchvision, "Models and pre-trained weights". */
export const IMAGENET_MEAN: readonly [number, number, number] = [0.485, 0.456, 0.406];

/** Standard deviations, as above. */
export const IMAGENET_STD: readonly [number, number, number] = [0.229, 0.224, 0.225];

/**
 * How bytes become the numbers that a backbone reads: `imagenet` is torchvision's (value / 255 − mean) / deviation,
 * `symmetric` is (value − 127) / 128, by which TensorFlow trained EfficientNet-Lite (its `efficientnet_lite_builder.py`).
 */
export const SCALINGS = ["imagenet", "symmetric"] as const;

export type Scaling = (typeof SCALINGS)[number];

/** All 256 values of each channel; ImageNet's in the single-precision steps of torchvision's `ToTensor` and `Normalize`. */
const TABLES: Record<Scaling, Float32Array> = {
  imagenet: table((value, channel) => {
    const mean = Math.fround(IMAGENET_MEAN[channel]!);
    return Math.fround(Math.fround(value / 255) - mean) / Math.fround(IMAGENET_STD[channel]!);
  }),
  symmetric: table((value) => (value - 127) / 128),
};

function table(scaled: (value: number, channel: number) => number): Float32Array {
  return Float32Array.from({ length: 3 * 256 }, (_, i) => scaled(i & 255, i >> 8));
}

/** Interleaved RGB bytes as numbers, as many floats as bytes, into `out` where it is given. */
export function normalise(
  pixels: Uint8Array,
  out: Float32Array = new Float32Array(pixels.length),
  scaling: Scaling = "imagenet",
): Float32Array {
  const values = TABLES[scaling];
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    out[i] = values[pixels[i]!]!;
    out[i + 1] = values[256 + pixels[i + 1]!]!;
    out[i + 2] = values[512 + pixels[i + 2]!]!;
  }
  return out;
}
