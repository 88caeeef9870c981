import * as tf from "@tensorflow/tfjs";
import { throwIfInterrupted } from "../errors";
import { describeArchitecture } from "../model/architecture";
import { gather } from "../model/feature-rows";
import type { Architecture } from "../model/network";
import type { Weights } from "../model/safetensors";
import { type ProgressListener, ProgressMeter } from "../progress";
import type { PosterBatches } from "./batches";
import { batchesOf, rowsOf } from "./loop";

/** The most bytes that the maps of all posters may take; posters whose maps would take more go through all stages every time. */
const MEMORY = 2 ** 32;

export interface FrozenMapsOptions {
  /** The backbone's, by their own names. */
  weights: Weights;
  batchSize: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** An architecture's first stages and the rest, each as an architecture; the pixels of the rest are maps of the first. */
export function splitAfter(architecture: Architecture, stages: number): [first: Architecture, rest: Architecture] {
  const part = (layers: Architecture["layers"]) => describeArchitecture({ ...architecture, layers });
  return [part(architecture.layers.slice(0, stages)), part(architecture.layers.slice(stages))];
}

/**
 * What the stages that do not learn make of every poster, worked out once: to the stages that learn, maps are what pixels are
 * to the whole. For each of `sets` its batches again; null where the maps of all posters would take more than 4 GiB.
 */
export async function frozenMaps(
  first: Architecture,
  sets: readonly { posters: readonly string[]; batches: PosterBatches }[],
  { weights, batchSize, onProgress, signal }: FrozenMapsOptions,
): Promise<PosterBatches[] | null> {
  const films = sets.reduce((count, { posters }) => count + posters.length, 0);
  const frozen = first.freeze(weights);
  const meter = new ProgressMeter("showing posters to frozen stages", "posters", onProgress, films);
  const maps: PosterBatches[] = [];
  try {
    for (const { posters, batches } of sets) {
      let kept = new Float32Array(0);
      let shape: Shape = [0, 0, 0];
      for (const rows of batchesOf(rowsOf(posters.length), batchSize)) {
        throwIfInterrupted(signal);
        const batch = await batches.read(rows);
        const map = tf.tidy(() => frozen.featureMap(batches.tensor(batch)));
        shape = map.shape.slice(1) as Shape;
        const size = map.size / rows.length;
        const values = map.dataSync<"float32">();
        map.dispose();
        if (4 * size * films > MEMORY) return null;
        if (kept.length === 0) kept = new Float32Array(posters.length * size);
        kept.set(values, rows[0]! * size);
        meter.advance(rows.length);
      }
      maps.push(mapBatches(kept, shape));
    }
    return maps;
  } finally {
    frozen.dispose();
  }
}

/** Height, width and channels of a map. */
type Shape = [number, number, number];

/** Batches of maps [height, width, channels], one after the other in memory. */
function mapBatches(maps: Float32Array, shape: Shape): PosterBatches {
  const size = shape[0] * shape[1] * shape[2];
  let memory = new Float32Array(0);
  return {
    read: async (rows, epoch = 0) => ({ rows, epoch, bytes: [] }),
    tensor({ rows }, from = 0, to = rows.length) {
      if (memory.length < (to - from) * size) memory = new Float32Array((to - from) * size);
      gather(maps, size, rows.subarray(from, to), memory);
      return tf.tensor4d(memory.subarray(0, (to - from) * size), [to - from, ...shape]);
    },
  };
}
