export { hammingDistance as hamming, SAME_PICTURE_DISTANCE as SAME_PICTURE } from "../catalogue/dedupe";

/** The picture is averaged to so many cells each way. */
const CELLS = 32;
/** So many frequencies each way make the 64 bits. */
const FREQUENCIES = 8;

/** cos(π (2x + 1) f / 64) of the DCT-II, for f = 1 to 8: frequency 0, the brightness, says nothing of the picture. */
const waves = Float64Array.from({ length: FREQUENCIES * CELLS }, (_, i) => {
  const frequency = Math.floor(i / CELLS) + 1;
  return Math.cos((Math.PI * (2 * (i % CELLS) + 1) * frequency) / (2 * CELLS));
});

/**
 * A 64-bit hash that hardly changes when a picture is re-encoded or resized: the mean luma of 32 × 32 cells, their
 * DCT-II, and for each of frequencies 1 to 8 down and across whether it is above the median of the 64.
 * Source: pHash's `ph_dct_imagehash` (Zauner, 2010). Width and height are multiples of 32.
 */
export function perceptualHash(pixels: Uint8Array, width = 224, height: number = width): bigint {
  const frequencies = lowFrequencies(cellSums(pixels, width, height));
  const sorted = Float64Array.from(frequencies).sort();
  const median = (sorted[31]! + sorted[32]!) / 2;
  const words = [0, 32].map((from) =>
    frequencies.subarray(from, from + 32).reduce((word, value) => ((word << 1) | (value > median ? 1 : 0)) >>> 0, 0),
  );
  return (BigInt(words[0]!) << 32n) | BigInt(words[1]!);
}

/** Sums of 1000 × luma (ITU-R BT.601) in each cell: whole numbers, so that no order of summing changes them. */
function cellSums(pixels: Uint8Array, width: number, height: number): Float64Array {
  if (width % CELLS || height % CELLS) throw new RangeError(`${width} × ${height} is not a multiple of ${CELLS}.`);
  const sums = new Float64Array(CELLS * CELLS);
  const across = width / CELLS;
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor((y * CELLS) / height) * CELLS;
    for (let cell = row; cell < row + CELLS; cell++) {
      let sum = 0;
      for (const end = at + 3 * across; at < end; at += 3) {
        sum += 299 * pixels[at]! + 587 * pixels[at + 1]! + 114 * pixels[at + 2]!;
      }
      sums[cell] = sums[cell]! + sum;
    }
  }
  return sums;
}

/** The 8 × 8 coefficients, row by row, rounded to whole numbers so that a flat picture has zeros and not noise. */
function lowFrequencies(cells: Float64Array): Float64Array {
  const rows = new Float64Array(FREQUENCIES * CELLS);
  for (let f = 0; f < FREQUENCIES; f++) {
    for (let y = 0; y < CELLS; y++) rows[f * CELLS + y] = correlate(cells, y * CELLS, f);
  }
  const coefficients = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let down = 0; down < FREQUENCIES; down++) {
    for (let across = 0; across < FREQUENCIES; across++) {
      coefficients[down * FREQUENCIES + across] = Math.round(correlate(rows, across * CELLS, down));
    }
  }
  return coefficients;
}

function correlate(values: Float64Array, start: number, wave: number): number {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += values[start + i]! * waves[wave * CELLS + i]!;
  return sum;
}
