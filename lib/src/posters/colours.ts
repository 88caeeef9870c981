import { SIZE } from "./pixels";

/** The histogram has so many steps of each channel. */
const STEPS = 8;
/** The poster is cut into so many cells across and down. */
const [ACROSS, DOWN] = [4, 6] as const;
/** An edge is where the light changes by more than this from a pixel to the next, of 255. */
const EDGE = 32;

const HISTOGRAM = STEPS ** 3;
const CELLS = ACROSS * DOWN;

/** The names of a poster's colour features, in order. */
export const COLOUR_FEATURES: readonly string[] = [
  ...range(HISTOGRAM).map((i) => `rgb ${i >> 6}${(i >> 3) & 7}${i & 7}`),
  ...range(CELLS).flatMap((cell) =>
    ["red", "green", "blue", "edges"].map((what) => `${what} ${(cell % ACROSS) + 1}|${Math.floor(cell / ACROSS) + 1}`),
  ),
  ...["brightness", "saturation", "contrast", "edges"],
];

/**
 * Colour and layout of a poster, height × width × 3 bytes, as numbers from 0 to 1 under the names of `COLOUR_FEATURES`:
 * the square roots of an 8 × 8 × 8 RGB histogram (Hellinger's map: distances between them are meaningful), mean colour
 * and edge density over 4 × 6 cells, mean brightness (BT.601 luma), mean saturation (HSV), contrast (deviation of the
 * luma) and edge density.
 */
export function colourFeatures(pixels: Uint8Array, { width, height }: typeof SIZE = SIZE): Float32Array {
  if (pixels.length !== width * height * 3) {
    throw new RangeError(`${pixels.length} bytes are not ${width} × ${height} × 3.`);
  }
  const { histogram, cells, counts, whole } = count(pixels, width, height);
  const area = width * height;
  const features = new Float32Array(COLOUR_FEATURES.length);
  for (let i = 0; i < HISTOGRAM; i++) features[i] = Math.sqrt(histogram[i]! / area);
  for (let cell = 0; cell < CELLS; cell++) {
    const size = counts[cell]! || 1;
    const at = HISTOGRAM + cell * 4;
    for (let c = 0; c < 3; c++) features[at + c] = cells[cell * 4 + c]! / size / 255;
    features[at + 3] = cells[cell * 4 + 3]! / size;
  }
  const brightness = whole.luma / area;
  const contrast = Math.sqrt(Math.max(0, whole.lumaSquared / area - brightness ** 2));
  features.set([brightness / 255, whole.saturation / area, contrast / 255, whole.edges / area], HISTOGRAM + CELLS * 4);
  return features;
}

/** Sums over the pixels: of each histogram step, of each cell (red, green, blue, edges), and of the whole poster. */
function count(pixels: Uint8Array, width: number, height: number) {
  const histogram = new Uint32Array(HISTOGRAM);
  const cells = new Float64Array(CELLS * 4);
  const counts = new Uint32Array(CELLS);
  const cellOfColumn = Uint8Array.from({ length: width }, (_, x) => Math.floor((x * ACROSS) / width));
  const above = new Float32Array(width);
  const whole = { luma: 0, lumaSquared: 0, saturation: 0, edges: 0 };
  for (let y = 0, at = 0; y < height; y++) {
    const firstCell = Math.floor((y * DOWN) / height) * ACROSS;
    let before = 0;
    for (let x = 0; x < width; x++, at += 3) {
      const r = pixels[at]!;
      const g = pixels[at + 1]!;
      const b = pixels[at + 2]!;
      const bin = ((r >> 5) << 6) | ((g >> 5) << 3) | (b >> 5);
      histogram[bin] = histogram[bin]! + 1;
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      const largest = r > g ? (r > b ? r : b) : g > b ? g : b;
      const smallest = r < g ? (r < b ? r : b) : g < b ? g : b;
      const edge = (x > 0 && Math.abs(luma - before) > EDGE) || (y > 0 && Math.abs(luma - above[x]!) > EDGE) ? 1 : 0;
      const cell = firstCell + cellOfColumn[x]!;
      counts[cell] = counts[cell]! + 1;
      cells[cell * 4] = cells[cell * 4]! + r;
      cells[cell * 4 + 1] = cells[cell * 4 + 1]! + g;
      cells[cell * 4 + 2] = cells[cell * 4 + 2]! + b;
      cells[cell * 4 + 3] = cells[cell * 4 + 3]! + edge;
      whole.luma += luma;
      whole.lumaSquared += luma * luma;
      if (largest > 0) whole.saturation += (largest - smallest) / largest;
      whole.edges += edge;
      before = above[x] = luma;
    }
  }
  return { histogram, cells, counts, whole };
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
