/** Means of red, green and blue over ImageNet, of values 0 to 1. Source: torchvision, "Models and pre-trained weights". */
export const IMAGENET_MEAN: readonly [number, number, number] = [0.485, 0.456, 0.406];

/** Standard deviations, as above. */
export const IMAGENET_STD: readonly [number, number, number] = [0.229, 0.224, 0.225];

/** All 256 values of each channel, in the single-precision steps of torchvision's `ToTensor` and `Normalize`. */
const table = new Float32Array(3 * 256);
for (let channel = 0; channel < 3; channel++) {
  const mean = Math.fround(IMAGENET_MEAN[channel]!);
  const deviation = Math.fround(IMAGENET_STD[channel]!);
  for (let value = 0; value < 256; value++) {
    table[channel * 256 + value] = Math.fround(Math.fround(value / 255) - mean) / deviation;
  }
}

/** (pixel / 255 − mean) / deviation for interleaved RGB, as many floats as bytes, into `out` where it is given. */
export function normalise(pixels: Uint8Array, out: Float32Array = new Float32Array(pixels.length)): Float32Array {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    out[i] = table[pixels[i]!]!;
    out[i + 1] = table[256 + pixels[i + 1]!]!;
    out[i + 2] = table[512 + pixels[i + 2]!]!;
  }
  return out;
}
