import { Random } from "../random";
import { resize } from "./resample";

/** How posters are varied in training: mildly, for a poster's layout, colours and lettering are what is learnt from. */
export interface Augmentation {
  /** The least share of the poster's area that a crop keeps; 1 does not crop. */
  crop: number;
  /** Each of these is multiplied by a factor in 1 ± this. */
  brightness: number;
  contrast: number;
  saturation: number;
  /** The probability of a slight blur. */
  blur: number;
  /** Whether half of the posters are mirrored, their lettering too. They are never turned upside down. */
  mirror: boolean;
}

export const DEFAULT_AUGMENTATION: Augmentation = {
  crop: 0.85,
  brightness: 0.2,
  contrast: 0.2,
  saturation: 0.2,
  blur: 0.1,
  mirror: false,
};

/** A picture's sides in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What happens to one poster. */
export interface Variation {
  crop: Size & { x: number; y: number };
  /** Factors; 1 changes nothing. */
  brightness: number;
  contrast: number;
  saturation: number;
  blur: boolean;
  mirror: boolean;
}

/** The stream of random numbers that variations are drawn from. */
const VARIATION = 4;

/** The variation of one film in one epoch: it depends on seed, epoch and film alone, not on the batch or its order. */
export function drawVariation(
  { crop, brightness, contrast, saturation, blur, mirror }: Augmentation,
  { width, height }: Size,
  { seed, epoch, film }: { seed: number; epoch: number; film: number },
): Variation {
  const random = new Random([seed, VARIATION, epoch, film]);
  const around = (spread: number) => random.uniform(1 - spread, 1 + spread);
  const scale = Math.sqrt(random.uniform(crop, 1));
  // rounded up, so that no crop keeps less than was asked
  const kept = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
  // all is drawn, whatever is used: to turn one option off leaves the others as they were
  return {
    crop: { x: random.integer(width - kept.width + 1), y: random.integer(height - kept.height + 1), ...kept },
    brightness: around(brightness),
    contrast: around(contrast),
    saturation: around(saturation),
    blur: random.double() < blur,
    mirror: random.double() < 0.5 && mirror,
  };
}

/** A poster's pixels, height × width × 3 bytes, varied; new bytes of the same size. */
export function vary(pixels: Uint8Array, size: Size, variation: Variation): Uint8Array {
  let varied = cropped(pixels, size, variation.crop);
  varied = recoloured(varied, variation);
  if (variation.blur) varied = blurred(varied, size);
  return variation.mirror ? mirrored(varied, size) : varied;
}

/** A part of the picture, enlarged to its whole size as `resize` does. */
export function cropped(pixels: Uint8Array, { width, height }: Size, crop: Variation["crop"]): Uint8Array {
  if (crop.width === width && crop.height === height) return pixels;
  const data = new Uint8Array(crop.width * crop.height * 3);
  for (let row = 0; row < crop.height; row++) {
    const from = ((crop.y + row) * width + crop.x) * 3;
    data.set(pixels.subarray(from, from + crop.width * 3), row * crop.width * 3);
  }
  return resize({ data, width: crop.width, height: crop.height }, width, height);
}

/** Grey as ITU-R BT.601 weighs red, green and blue; Pillow and torchvision take the same. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114] as const;

/**
 * Brightness, contrast about the mean grey, and saturation about each pixel's grey, in this order, as torchvision's
 * functions of these names have them; in one pass, for all are linear, and rounded and kept within a byte but once.
 */
export function recoloured(
  pixels: Uint8Array,
  { brightness, contrast, saturation }: Pick<Variation, "brightness" | "contrast" | "saturation">,
): Uint8Array {
  const factor = brightness * contrast;
  const offset = (1 - contrast) * brightness * meanGrey(pixels);
  const [own, shared] = [factor * saturation, factor * (1 - saturation)];
  const changed = new Uint8ClampedArray(pixels.length);
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const base = shared * (RED * red + GREEN * green + BLUE * blue) + offset;
    changed[i] = own * red + base;
    changed[i + 1] = own * green + base;
    changed[i + 2] = own * blue + base;
  }
  return new Uint8Array(changed.buffer);
}

function meanGrey(pixels: Uint8Array): number {
  const sums = [0, 0, 0] as [number, number, number];
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    sums[0] += pixels[i]!;
    sums[1] += pixels[i + 1]!;
    sums[2] += pixels[i + 2]!;
  }
  return ((RED * sums[0] + GREEN * sums[1] + BLUE * sums[2]) * 3) / pixels.length;
}

/** Each pixel and its neighbours by (1 2 1) / 4, across and then down; the border repeats itself. */
export function blurred(pixels: Uint8Array, { width, height }: Size): Uint8Array {
  const stride = width * 3;
  const across = smoothed(pixels, { step: 3, line: stride });
  return smoothed(across, { step: stride, line: stride * height });
}

/** Along lines of so many bytes, neighbours being a step apart. */
function smoothed(pixels: Uint8Array, { step, line }: { step: number; line: number }): Uint8Array {
  const smooth = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += line) {
    for (let i = start; i < start + line; i++) {
      const before = i - step < start ? i : i - step;
      const after = i + step >= start + line ? i : i + step;
      smooth[i] = (pixels[before]! + 2 * pixels[i]! + pixels[after]! + 2) >> 2;
    }
  }
  return smooth;
}

/** Left and right changed over. */
export function mirrored(pixels: Uint8Array, { width }: Size): Uint8Array {
  const turned = new Uint8Array(pixels.length);
  const stride = width * 3;
  for (let i = 0; i < pixels.length; i += 3) {
    const column = i % stride;
    const to = i - column + (stride - 3 - column);
    turned[to] = pixels[i]!;
    turned[to + 1] = pixels[i + 1]!;
    turned[to + 2] = pixels[i + 2]!;
  }
  return turned;
}
