import { readFile } from "node:fs/promises";
import { printable } from "../catalogue/columns";
import { reasonOf, UserError } from "../errors";
import { readError, writeFileAtomic } from "../system/files";

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

/**
 * Parses the bytes of a safetensors file; throws an `Error` that says what is malformed. As in the reference
 * implementation, tensors must fill the data without gap or overlap; a name written twice is refused as well.
 */
export function parseSafetensors(file: Uint8Array): SafetensorsFile {
  const { header, data } = partsOf(file);
  const { __metadata__: metadata = {}, ...described } = header;
  const texts = textsOf(metadata);
  const entries = Object.entries(described).map(([name, entry]) => entryOf(name, entry));
  checkFilled(entries, data.byteLength);
  const tensors: Weights = Object.create(null);
  for (const { name, dtype, shape, start, end } of entries) {
    // PyTorch's batch norm counts its batches in an int64 that inference never reads
    if (name.endsWith(UNREAD)) continue;
    if (dtype !== "F32") throw new Error(`tensor ${printable(name)} is ${dtype}, and only F32 is read`);
    // copied, for a Float32Array must start at a multiple of four bytes (and a Buffer's own slice does not copy)
    tensors[name] = { shape: [...shape], data: new Float32Array(new Uint8Array(data.subarray(start, end)).buffer) };
  }
  return { tensors, metadata: texts };
}

function partsOf(file: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (file.byteLength < 8) throw new Error("it is shorter than its header");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > file.byteLength) throw new Error("its header is cut off");
  return { header: headerOf(file.subarray(8, 8 + headerBytes)), data: file.subarray(8 + headerBytes) };
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    // the parser's own message would quote what lies in the file
    throw new Error("its header is no JSON");
  }
  if (!isRecord(header)) throw new Error("its header is no object");
  if (countPairs(text) > expectedPairs(header)) throw new Error("its header has a name twice, or more than is known");
  return header;
}

/** Pairs of a name and a value in JSON text: the colons outside its strings. */
function countPairs(text: string): number {
  let pairs = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (quoted && sign === "\\") i++;
    else if (sign === '"') quoted = !quoted;
    else if (sign === ":" && !quoted) pairs++;
  }
  return pairs;
}

/** Pairs in a header that writes each name once; JSON.parse keeps only the last of two. */
function expectedPairs(header: Record<string, unknown>): number {
  return Object.values(header).reduce<number>(
    (sum, part) => sum + 1 + (isRecord(part) ? Object.keys(part).length : 0),
    0,
  );
}

function textsOf(metadata: unknown): Record<string, string> {
  if (!isRecord(metadata)) throw new Error("its metadata is no object");
  const wrong = Object.keys(metadata).find((key) => typeof metadata[key] !== "string");
  if (wrong !== undefined) throw new Error(`its metadata ${printable(wrong)} is no text`);
  return Object.assign(Object.create(null), metadata);
}

/** What the header says of a tensor; `start` and `end` are bytes of the data. */
interface Entry {
  name: string;
  dtype: string;
  shape: number[];
  start: number;
  end: number;
}

const UNREAD = ".num_batches_tracked";

/** Bytes of one number. */
const NUMBER_BYTES: ReadonlyMap<unknown, number> = new Map([
  ["F32", 4],
  ["I64", 8],
]);

function entryOf(name: string, entry: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const bytes = NUMBER_BYTES.get(dtype);
  if (bytes === undefined) throw new Error(`tensor ${printable(name)} is ${printable(dtype)}, and only F32 is read`);
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2)
    throw new Error(`tensor ${printable(name)} has no sound shape`);
  const [start, end] = offsets as [number, number];
  const size = shape.reduce((product, side) => product * side, 1);
  if (end - start !== bytes * size) throw new Error(`tensor ${printable(name)} does not fit its shape`);
  return { name, dtype: dtype as string, shape, start, end };
}

/** Throws unless the tensors, in the order of their data, follow each other from the first byte to the last. */
function checkFilled(entries: readonly Entry[], bytes: number): void {
  let filled = 0;
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (end > bytes) throw new Error(`tensor ${printable(name)} does not fit in the file`);
    if (start !== filled)
      throw new Error(`tensor ${printable(name)} ${start < filled ? "overlaps another" : "follows a gap"}`);
    filled = end;
  }
  if (filled !== bytes) throw new Error(`${bytes - filled} bytes belong to no tensor`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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

/** The same of one tensor whose parts come one after the other, together as long as its shape says. */
export async function writeLargeTensor(
  path: string,
  { name, shape, parts }: { name: string; shape: number[]; parts: AsyncIterable<Float32Array> },
  metadata: Record<string, string> = {},
): Promise<void> {
  const bytes = shape.reduce((product, size) => product * size, 4);
  async function* content(): AsyncGenerator<Uint8Array> {
    yield formatHeader([{ name, shape, bytes }], metadata);
    for await (const part of parts) yield bytesIn(part);
  }
  await writeFileAtomic(path, content());
}

/** The bytes of a safetensors file. */
export function formatSafetensors(tensors: Weights, metadata: Record<string, string> = {}): Uint8Array {
  const entries = Object.entries(tensors);
  const listed = entries.map(([name, { shape, data }]) => ({ name, shape, bytes: data.byteLength }));
  return Buffer.concat([formatHeader(listed, metadata), ...entries.map(([, { data }]) => bytesIn(data))]);
}

/** What precedes the data of tensors; padded so that it starts at a multiple of eight. */
function formatHeader(
  tensors: readonly { name: string; shape: readonly number[]; bytes: number }[],
  metadata: Record<string, string>,
): Buffer {
  // of no prototype: a tensor may be called "__proto__"
  const header: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata });
  let end = 0;
  for (const { name, shape, bytes } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const file = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " ");
  file.writeBigUInt64LE(BigInt(file.length - 8));
  text.copy(file, 8);
  return file;
}

function bytesIn({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
