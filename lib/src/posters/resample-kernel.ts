import {
  add,
  assemble,
  type Code,
  constant,
  get,
  lanes,
  load,
  multiply,
  set,
  type WasmFunction,
  whileLess,
} from "./wasm";

/** Weights are integers of this many fractional bits (`PRECISION_BITS` of Pillow's Resample.c). */
export const PRECISION_BITS = 32 - 8 - 2;
const HALF = 1 << (PRECISION_BITS - 1);

/** The loops work on up to eight bytes at once, and may touch this many past the end of a picture. */
export const MARGIN = 8;

/**
 * The two loops of a resampling, four lanes at a time, on the module's own memory. Arguments are addresses and numbers
 * of bytes. A table of windows holds, for each output position, a record of 32-bit integers: where its window begins and
 * ends, in bytes from the row's (or column's) first, and then the weight of each sample.
 */
export interface ResampleKernel {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  /** `rows` rows of `inputRow` bytes become as many of `outputRow` bytes, pixel by pixel. */
  across(input: number, inputRow: number, output: number, outputRow: number, rows: number, ...table: Table): void;
  /** Rows of `row` bytes become `rows` rows of as many bytes. */
  down(input: number, row: number, output: number, rows: number, ...table: Table): void;
}

/** Where the records begin, and the bytes of each. */
type Table = [windows: number, record: number];

/** Compiles the loops; the memory begins with one page of 64 KiB. */
export function resampleKernel(): ResampleKernel {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WasmEngine }).WebAssembly;
  return new Instance(new Module(assemble([across(), down()]))).exports as ResampleKernel;
}

/** As much of the standard's interface as is used: Node's types leave it out. */
interface WasmEngine {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
}

function across(): WasmFunction {
  const [input, inputRow, output, outputRow, rows, windows, record] = [0, 1, 2, 3, 4, 5, 6];
  const [outputEnd, rowEnd, window, sample, end, weight, sum] = [7, 8, 9, 10, 11, 12, 13];
  const pixel = [
    ...openWindow({ window, origin: input, sample, end, weight }),
    ...set(sum, lanes.splat(constant(HALF))),
    ...whileLess(get(sample), get(end), [
      ...set(sum, weighted(get(sum), lanes.low(lanes.bytes(lanes.loadFour(get(sample)))), weight)),
      ...advance(sample, constant(3)),
      ...advance(weight, constant(4)),
    ]),
    ...lanes.storeFour(get(output), lanes.clampToBytes(lanes.narrow(whole(sum), whole(sum)))),
    ...advance(output, constant(3)),
    ...advance(window, get(record)),
  ];
  const eachRow = whileLess(get(output), get(outputEnd), [
    ...set(rowEnd, add(get(output), get(outputRow))),
    ...set(window, get(windows)),
    ...whileLess(get(output), get(rowEnd), pixel),
    ...advance(input, get(inputRow)),
  ]);
  const body = [...set(outputEnd, add(get(output), multiply(get(rows), get(outputRow)))), ...eachRow];
  return { name: "across", parameters: 7, integers: 6, vectors: 1, body };
}

function down(): WasmFunction {
  const [input, row, output, rows, window, record] = [0, 1, 2, 3, 4, 5];
  const [outputEnd, rowEnd, column, sample, end, weight, left, right, bytes] = [6, 7, 8, 9, 10, 11, 12, 13, 14];
  const eightBytes = [
    ...openWindow({ window, origin: column, sample, end, weight }),
    ...set(left, lanes.splat(constant(HALF))),
    ...set(right, lanes.splat(constant(HALF))),
    ...whileLess(get(sample), get(end), [
      ...set(bytes, lanes.loadBytes(get(sample))),
      ...set(left, weighted(get(left), lanes.low(get(bytes)), weight)),
      ...set(right, weighted(get(right), lanes.high(get(bytes)), weight)),
      ...advance(sample, get(row)),
      ...advance(weight, constant(4)),
    ]),
    ...lanes.storeEight(get(output), lanes.clampToBytes(lanes.narrow(whole(left), whole(right)))),
    ...advance(output, constant(8)),
    ...advance(column, constant(8)),
  ];
  const eachRow = whileLess(get(output), get(outputEnd), [
    ...set(rowEnd, add(get(output), get(row))),
    ...set(column, get(input)),
    ...whileLess(get(output), get(rowEnd), eightBytes),
    // a row need not be a multiple of eight: what was written beyond it, the next row overwrites
    ...set(output, get(rowEnd)),
    ...advance(window, get(record)),
  ]);
  const body = [...set(outputEnd, add(get(output), multiply(get(rows), get(row)))), ...eachRow];
  return { name: "down", parameters: 6, integers: 6, vectors: 3, body };
}

interface WindowLocals {
  window: number;
  origin: number;
  sample: number;
  end: number;
  weight: number;
}

function openWindow({ window, origin, sample, end, weight }: WindowLocals): Code {
  return [
    ...set(sample, add(get(origin), load(get(window)))),
    ...set(end, add(get(origin), load(add(get(window), constant(4))))),
    ...set(weight, add(get(window), constant(8))),
  ];
}

function weighted(sum: Code, samples: Code, weight: number): Code {
  return lanes.add(sum, lanes.multiply(samples, lanes.loadSplat(get(weight))));
}

function whole(sum: number): Code {
  return lanes.shiftRight(get(sum), PRECISION_BITS);
}

function advance(local: number, by: Code): Code {
  return set(local, add(get(local), by));
}
