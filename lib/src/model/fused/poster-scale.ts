import { blocksOf, type FeatureRows, heldRows } from "../feature-rows";
import type { Matrix } from "../matrix";

/** How poster features are scaled: less the training mean, over the training deviation; 0 of a constant one. */
export interface PosterScale {
  means: Float32Array;
  factors: Float32Array;
}

/** The scale of training posters, [films, features]. */
export function posterScaleOf({ rows, columns, data }: Matrix): PosterScale {
  const { means, squares, addMeans, addSquares } = momentsOf(rows, columns);
  addMeans(data);
  addSquares(data);
  return scaleFrom(means, squares);
}

/** The same of features that need not be in memory: they are read twice. */
export async function scaleOfRows(features: FeatureRows): Promise<PosterScale> {
  const { means, squares, addMeans, addSquares } = momentsOf(features.rows, features.columns);
  for await (const { data } of blocksOf(features)) addMeans(data);
  for await (const { data } of blocksOf(features)) addSquares(data);
  return scaleFrom(means, squares);
}

/** Means, and then variances about them, of blocks of rows that come one after the other. */
function momentsOf(rows: number, columns: number) {
  const [means, squares] = [new Float64Array(columns), new Float64Array(columns)];
  return {
    ...{ means, squares },
    addMeans(data: Matrix["data"]) {
      for (let at = 0; at < data.length; at++) means[at % columns] = means[at % columns]! + data[at]! / rows;
    },
    addSquares(data: Matrix["data"]) {
      for (let at = 0; at < data.length; at++) {
        squares[at % columns] = squares[at % columns]! + (data[at]! - means[at % columns]!) ** 2 / rows;
      }
    },
  };
}

function scaleFrom(means: Float64Array, variances: Float64Array): PosterScale {
  // what rounding leaves of a constant feature is no deviation
  const factor = (variance: number, column: number): number =>
    variance > 1e-12 * means[column]! ** 2 ? 1 / Math.sqrt(variance) : 0;
  return { means: Float32Array.from(means), factors: Float32Array.from(variances, factor) };
}

/** The posters' features on the scale of the training ones, float32. */
export function scaledPosters({ rows, columns, data }: Matrix, scale: PosterScale): Matrix & { data: Float32Array } {
  const scaled = new Float32Array(data.length);
  scaleInto(scaled, data, scale);
  return { rows, columns, data: scaled };
}

/** The same of features that need not be in memory: those that are there are scaled once, others as they are read. */
export function scaledRows(features: FeatureRows, scale: PosterScale): FeatureRows {
  const { rows, columns, data } = features;
  if (data) return heldRows(scaledPosters({ rows, columns, data }, scale));
  return {
    ...{ rows, columns },
    async read(wanted) {
      const found = await features.read(wanted);
      scaleInto(found, found, scale);
      return found;
    },
  };
}

function scaleInto(scaled: Float32Array, data: Matrix["data"], { means, factors }: PosterScale): void {
  const columns = means.length;
  for (let at = 0; at < data.length; at++) {
    scaled[at] = (data[at]! - means[at % columns]!) * factors[at % columns]!;
  }
}
