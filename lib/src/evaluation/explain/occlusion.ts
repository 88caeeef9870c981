import { throwIfInterrupted, UserError } from "../../errors";
import { resize } from "../../posters/resample";
import type { Heat } from "./heat";

/** What a covered patch shows: the poster's mean colour, or the poster so blurred that a patch has one colour. */
export const FILLS = ["mean", "blur"] as const;

export type Fill = (typeof FILLS)[number];

export interface OcclusionOptions {
  /** Patches across and down. */
  columns?: number;
  rows?: number;
  fill?: Fill;
  /** Posters that are predicted at a time. */
  batchSize?: number;
  signal?: AbortSignal;
}

/** A poster as the models read it: height × width × 3 bytes. */
export interface Picture {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/**
 * What each patch of a poster adds to its prediction (Zeiler & Fergus 2014): log10 dollars of the poster less those of the
 * poster with the patch covered. `predict` gives log10 dollars of pictures of the same size.
 */
export async function occlusion(
  poster: Picture,
  predict: (pictures: Uint8Array[]) => Promise<ArrayLike<number>> | ArrayLike<number>,
  { columns = 6, rows = 8, fill = "mean", batchSize = 16, signal }: OcclusionOptions = {},
): Promise<{ predicted: number; heat: Heat }> {
  checkGrid(poster, columns, rows);
  const cover = fill === "mean" ? blank(poster) : blurred(poster, columns, rows);
  const values = new Float32Array(columns * rows);
  let predicted = Number.NaN;
  // the whole poster goes with the first batch, before the patches
  for (let start = -1; start < values.length; start += batchSize) {
    throwIfInterrupted(signal);
    const patches = Array.from({ length: Math.min(batchSize, values.length - start) }, (_, i) => start + i);
    const made = await predict(
      patches.map((patch) => (patch < 0 ? poster.pixels : covered(poster, cover, { patch, columns, rows }))),
    );
    if (start < 0) predicted = made[0]!;
    patches.forEach((patch, i) => {
      if (patch >= 0) values[patch] = predicted - made[i]!;
    });
  }
  return { predicted, heat: { columns, rows, values } };
}

/** A picture of the poster's mean colour alone, and of its size. */
function blank({ pixels }: Pick<Picture, "pixels">): Uint8Array {
  const sums = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) sums[i % 3] = sums[i % 3]! + pixels[i]!;
  const colour = sums.map((sum) => Math.round((3 * sum) / pixels.length));
  return pixels.map((_, i) => colour[i % 3]!);
}

function blurred({ pixels, width, height }: Picture, columns: number, rows: number): Uint8Array {
  const small = resize({ data: pixels, width, height }, columns, rows);
  return resize({ data: small, width: columns, height: rows }, width, height);
}

function covered(
  { pixels, width, height }: Picture,
  cover: Uint8Array,
  { patch, columns, rows }: { patch: number; columns: number; rows: number },
): Uint8Array {
  const edge = (side: number, parts: number, part: number) => Math.round((side * part) / parts);
  const [column, row] = [patch % columns, Math.floor(patch / columns)];
  const [left, right] = [edge(width, columns, column), edge(width, columns, column + 1)];
  const result = pixels.slice();
  for (let y = edge(height, rows, row); y < edge(height, rows, row + 1); y++) {
    const [from, to] = [3 * (y * width + left), 3 * (y * width + right)];
    result.set(cover.subarray(from, to), from);
  }
  return result;
}

function checkGrid({ width, height }: Picture, columns: number, rows: number): void {
  const fits = (parts: number, side: number) => Number.isInteger(parts) && parts >= 1 && parts <= side;
  if (fits(columns, width) && fits(rows, height)) return;
  throw new UserError(
    `A poster of ${width} × ${height} pixels has no grid of ${columns} × ${rows} patches: give whole numbers from 1.`,
  );
}
