import type { Image } from "./decode";
import { MARGIN, PRECISION_BITS, type ResampleKernel, resampleKernel } from "./resample-kernel";

/** Bytes of WebAssembly memory above which, after a huge poster, it is given back. */
const MOST_MEMORY = 64 * 2 ** 20;
const PAGE = 65_536;
let kernel: ResampleKernel | undefined;

/** Posters come in few sizes; beyond this many the tables are begun anew. */
const MOST_TABLES = 256;
const tables = new Map<string, Int32Array>();

/**
 * Resizes as Pillow 13's `Image.resize((width, height), Image.BILINEAR)` does, bit for bit: a triangle filter as wide as
 * the reduction, in fixed point. Returns height × width × 3 bytes.
 */
export function resize(image: Image, width: number, height: number): Uint8Array {
  const downFirst = isDownFirst(image, width, height);
  const between = downFirst ? { width: image.width, height } : { width, height: image.height };
  const columns = windowsOf(image.width, width, 3);
  const rows = windowsOf(image.height, height, between.width * 3);
  const sizes = [image.data.length, between.width * between.height * 3, width * height * 3];
  const { addresses, total } = layOut([...sizes, columns.byteLength, rows.byteLength]);
  const [input, middle, output, columnTable, rowTable] = addresses as [number, number, number, number, number];

  const { across, down, memory } = withMemory(total);
  new Uint8Array(memory.buffer, input).set(image.data);
  new Int32Array(memory.buffer, columnTable).set(columns);
  new Int32Array(memory.buffer, rowTable).set(rows);
  const goAcross = (from: number, to: number): void =>
    across(from, image.width * 3, to, width * 3, between.height, columnTable, columns.byteLength / width);
  const goDown = (from: number, to: number): void =>
    down(from, between.width * 3, to, height, rowTable, rows.byteLength / height);
  if (downFirst) {
    goDown(input, middle);
    goAcross(middle, output);
  } else {
    goAcross(input, middle);
    goDown(middle, output);
  }
  return new Uint8Array(memory.buffer, output, width * height * 3).slice();
}

/**
 * Both orders give the same picture but for the last bit of some bytes. Pillow 13 goes down first where the height loses
 * more than twice what the width does (its pull request 9549; found by trying 1,500 shapes); before, it never did.
 */
function isDownFirst(from: { width: number; height: number }, width: number, height: number): boolean {
  return from.height > height && from.height - height > 2 * (from.width - width);
}

/** Places for parts of these sizes, each followed by the margin and aligned to 16 bytes. */
function layOut(sizes: readonly number[]): { addresses: number[]; total: number } {
  let total = 0;
  const addresses = sizes.map((size) => {
    const address = total;
    total += Math.ceil((size + MARGIN) / 16) * 16;
    return address;
  });
  return { addresses, total };
}

/** The kernel with at least so many bytes; beyond `MOST_MEMORY` one of its own, since memory never shrinks. */
function withMemory(bytes: number): ResampleKernel {
  kernel ??= resampleKernel();
  const chosen = bytes > MOST_MEMORY ? resampleKernel() : kernel;
  const missing = bytes - chosen.memory.buffer.byteLength;
  if (missing > 0) chosen.memory.grow(Math.ceil(missing / PAGE));
  return chosen;
}

function windowsOf(from: number, to: number, step: number): Int32Array {
  const key = `${from} ${to} ${step}`;
  let windows = tables.get(key);
  if (!windows) {
    if (tables.size >= MOST_TABLES) tables.clear();
    windows = triangleWindows(from, to, step);
    tables.set(key, windows);
  }
  return windows;
}

/**
 * The kernel's table for `from` samples, `step` bytes apart, that become `to`.
 * Source: `precompute_coeffs` and `normalize_coeffs_8bpc` in Pillow's Resample.c.
 */
function triangleWindows(from: number, to: number, step: number): Int32Array {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const record = 2 + Math.ceil(support) * 2 + 1;
  const table = new Int32Array(to * record);
  for (let position = 0; position < to; position++) {
    const centre = (position + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const weights = Array.from({ length: end - start }, (_, i) => triangle((i + start - centre + 0.5) * (1 / support)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const fixed = weights.map((weight) => Math.trunc(0.5 + (weight / sum) * (1 << PRECISION_BITS)));
    table.set([start * step, end * step, ...fixed], position * record);
  }
  return table;
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}
