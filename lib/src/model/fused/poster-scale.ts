import type { Matrix } from "../matrix";

/** How poster features are scaled: less the training mean, over the training deviation; 0 of a constant one. */
export interface PosterScale {
  means: Float32Array;
  factors: Float32Array;
}

/** The scale of training posters, [films, features]. */
export function posterScaleOf({ rows, columns, data }: Matrix): PosterScale {
  const [means, squares] = [new Float64Array(columns), new Float64Array(columns)];
  for (let at = 0; at < data.length; at++) means[at % columns] = means[at % columns]! + data[at]! / rows;
  for (let at = 0; at < data.length; at++) {
    squares[at % columns] = squares[at % columns]! + (data[at]! - means[at % columns]!) ** 2 / rows;
  }
  // what rounding leaves of a constant feature is no deviation
  const factor = (variance: number, column: number): number =>
    variance > 1e-12 * means[column]! ** 2 ? 1 / Math.sqrt(variance) : 0;
  return { means: Float32Array.from(means), factors: Float32Array.from(squares, factor) };
}

/** The posters' features on the scale of the training ones, float32. */
export function scaledPosters({ rows, columns, data }: Matrix, { means, factors }: PosterScale): Matrix {
  const scaled = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    scaled[at] = (data[at]! - means[at % columns]!) * factors[at % columns]!;
  }
  return { rows, columns, data: scaled };
}
