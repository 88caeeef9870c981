/** WebAssembly code as its bytes. The few instructions below are those that the pixel loops need. */
export type Code = readonly number[];

/** A function to export: `i32` parameters, then locals of both kinds, numbered in that order. */
export interface WasmFunction {
  name: string;
  parameters: number;
  integers: number;
  vectors: number;
  body: Code;
}

// source of all opcodes: WebAssembly Core Specification 2.0, "Binary Format"
const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY = 0x40;

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const multiply = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const load = (address: Code): Code => [...address, 0x28, 2, 0];

/** Repeats the body while `a < b` holds, asked before each round. */
export function whileLess(a: Code, b: Code, body: Code): Code {
  const leaveUnlessLess = [...a, ...b, 0x4f, 0x0d, 1];
  return [0x02, EMPTY, 0x03, EMPTY, ...leaveUnlessLess, ...body, 0x0c, 0, 0x0b, 0x0b];
}

const vector = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...vector(opcode)];
const unary =
  (opcode: number) =>
  (a: Code): Code => [...a, ...vector(opcode)];

/** Instructions on four 32-bit lanes, and the ways there from bytes and back. */
export const lanes = {
  splat: unary(17),
  add: binary(174),
  multiply: binary(181),
  shiftRight: (a: Code, bits: number): Code => [...a, ...constant(bits), ...vector(172)],
  /** The lowest, or highest, four of eight 16-bit lanes. */
  low: unary(169),
  high: unary(170),
  /** The lowest eight bytes as 16-bit lanes. */
  bytes: unary(137),
  /** Eight bytes at an address as 16-bit lanes. */
  loadBytes: (address: Code): Code => [...address, ...vector(2), 0, 0],
  /** Four bytes at an address; the rest zero. */
  loadFour: (address: Code): Code => [...address, ...vector(92), 0, 0],
  /** One 32-bit number at an address, in every lane. */
  loadSplat: (address: Code): Code => [...address, ...vector(9), 2, 0],
  /** Two times four 32-bit lanes → eight of 16 bits, and those → bytes 0 to 255, both clamped. */
  narrow: binary(133),
  clampToBytes: (a: Code): Code => [...a, ...a, ...vector(102)],
  storeFour: (address: Code, value: Code): Code => [...address, ...value, ...vector(90), 0, 0, 0],
  storeEight: (address: Code, value: Code): Code => [...address, ...value, ...vector(91), 0, 0, 0],
};

/** A module that exports the functions and `memory`, which begins with one page of 64 KiB. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, ...list(Array(parameters).fill([I32])), 0]);
  const exported = functions.map(({ name }, i) => [...text(name), 0, i]);
  const code = functions.map(({ integers, vectors, body }) => {
    const content = [2, integers, I32, vectors, V128, ...body, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, i) => [i]))),
    ...section(5, [1, 0, 1]),
    ...section(7, list([...exported, [...text("memory"), 2, 0]])),
    ...section(10, list(code)),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return list([...Buffer.from(value)].map((byte) => [byte]));
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): Code {
  const last = value >= -64 && value < 64;
  return last ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
