import { readFile } from "node:fs/promises";
import { reasonOf, UserError } from "../errors";
import { readError, writeFileAtomic } from "../files";

/** A dense float32 array and its shape, row-major. */
export interface Weight {
  shape: number[];
  data: Float32Array;
}

/** Tensors by name, under PyTorch's names and in PyTorch's layouts (convolutions [out, in, height, width]). */
export type Weights = Record<string, Weight>;

export interface SafetensorsFile {
  tensors: Weights;
  metadata: Record<string, string>;
}

/** The longest header that is read; the reference implementation allows as much. */
const MAX_HEADER_BYTES = 100_000_000;

/** Reads a safetensors file of float32 tensors (github.com/huggingface/safetensors, "Format"); a malformed one is a `UserError`. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  return parseNaming(path, await readBytes(path));
}

/** The bytes of a weights file; a `UserError` where it cannot be read. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (thrown) {
    throw readError(path, thrown);
  }
}

/** Parses bytes that came from a file; a `UserError` names the file where they are malformed. */
export function parseNaming(path: string, file: Uint8Array): SafetensorsFile {
  try {
    return parseSafetensors(file);
  } catch (thrown) {
    throw new UserError(`${path} is not a sound safetensors file (${reasonOf(thrown)}): make or download it again.`);
  }
}

/** Parses the bytes of a safetensors file; throws an `Error` that says what is malformed. */
export function parseSafetensors(file: Uint8Array): SafetensorsFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < 8) throw new Error("it is shorter than its header");
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > file.byteLength) throw new Error("its header is cut off");
  const header: unknown = JSON.parse(
    new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, 8 + headerBytes)),
  );
  if (typeof header !== "object" || header === null || Array.isArray(header))
    throw new Error("its header is no object");
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, unknown>;
  const data = file.subarray(8 + headerBytes);
  const tensors: Weights = Object.create(null);
  for (const [name, entry] of Object.entries(entries)) {
    // PyTorch's batch norm counts its batches in an int64 that inference never reads
    if (!name.endsWith(".num_batches_tracked")) tensors[name] = parseTensor(name, entry, data);
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function parseTensor(name: string, entry: unknown, data: Uint8Array): Weight {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (dtype !== "F32") throw new Error(`tensor "${name}" is ${String(dtype)}, and only F32 is read`);
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2)
    throw new Error(`tensor "${name}" has no sound shape`);
  const [start, end] = offsets as [number, number];
  const size = shape.reduce((product, side) => product * side, 1);
  if (end > data.byteLength || end - start !== 4 * size) throw new Error(`tensor "${name}" does not fit its shape`);
  // copied, for a Float32Array must start at a multiple of four bytes (and a Buffer's own slice does not copy)
  return { shape: [...shape], data: new Float32Array(new Uint8Array(data.subarray(start, end)).buffer) };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Writes float32 tensors and text metadata as one safetensors file, atomically. */
export async function writeSafetensors(
  path: string,
  tensors: Weights,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeFileAtomic(path, formatSafetensors(tensors, metadata));
}

/** The bytes of a safetensors file; the header is padded so that data starts at a multiple of eight. */
export function formatSafetensors(tensors: Weights, metadata: Record<string, string> = {}): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let bytes = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [bytes, bytes + data.byteLength] };
    bytes += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const file = Buffer.alloc(8 + padded + bytes, " ");
  file.writeBigUInt64LE(BigInt(padded));
  text.copy(file, 8);
  let at = 8 + padded;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
