import { existsSync } from "node:fs";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { loadEngine } from "../engine";
import { UserError } from "../errors";
import { projectRoot, sha256 } from "../files";
import { buildLite0, disposeLite0, LITE0_DIMENSIONS, lite0Features } from "./lite0";
import { parseNaming, readBytes } from "./safetensors";

/** A frozen network that turns posters into features. */
export interface Backbone {
  name: string;
  /** Features of one poster. */
  dimensions: number;
  /** SHA-256 of the weights' file: features of other weights are other features. */
  weights: string;
  /** Normalised pixels [n, height, width, 3] → features [n, dimensions]. */
  features(pixels: tf.Tensor4D): tf.Tensor2D;
  dispose(): void;
}

/** Where the default weights of a backbone lie: set-up makes them. */
export function defaultWeights(backbone: string): string {
  return join(projectRoot(), "data/weights", `${backbone}.safetensors`);
}

/** Starts the engine and loads a backbone with its default weights, or those of a safetensors file. */
export async function loadBackbone({
  backbone = "efficientnet-lite0",
  weights = "default",
}: {
  backbone?: string;
  weights?: string;
} = {}): Promise<Backbone> {
  if (backbone !== "efficientnet-lite0") {
    throw new UserError(`There is no backbone "${backbone}": efficientnet-lite0 is the one there is.`);
  }
  const path = weights === "default" ? defaultWeights(backbone) : weights;
  if (weights === "default" && !existsSync(path)) {
    throw new UserError(`The weights ${path} are missing: run \`node scripts/setup.mjs\`.`);
  }
  const file = await readBytes(path);
  const { tensors } = parseNaming(path, file);
  await loadEngine();
  const lite0 = namingFile(path, () => buildLite0(tensors));
  return {
    name: backbone,
    dimensions: LITE0_DIMENSIONS,
    weights: sha256(file),
    features: (pixels) => lite0Features(lite0, pixels),
    dispose: () => disposeLite0(lite0),
  };
}

/** Puts the file in front of what its weights lack. */
function namingFile<T>(path: string, build: () => T): T {
  try {
    return build();
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    throw new UserError(`${path}: ${thrown.message}`);
  }
}
