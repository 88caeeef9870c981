import { UserError } from "./errors";

/**
 * `numpy.random.default_rng(seed)`, bit for bit: a SeedSequence feeding PCG64 (XSL-RR 128/64, O'Neill 2014).
 *
 * A seed is a whole number ≥ 0; a list of them names a stream of its own, as `new Random([seed, epoch])`.
 */
export class Random {
  /** 128 bits as four uint32 limbs, the least significant first. */
  private readonly state: Uint32Array;
  private readonly increment: Uint32Array;
  /** The halves of the 64 bits drawn last. */
  private high = 0;
  private low = 0;
  /** numpy serves one 64-bit draw as two `uint32`, the low half first; the high half waits here. */
  private waiting = -1;
  private spareNormal = Number.NaN;

  constructor(seed: number | readonly number[]) {
    const [s1, s0, i1, i0] = seedWords(entropyOf(seed)) as [bigint, bigint, bigint, bigint];
    const increment = ((((i1 << 64n) | i0) << 1n) | 1n) & MASK_128;
    this.increment = limbsOf(increment);
    this.state = limbsOf((increment + ((s1 << 64n) | s0)) & MASK_128);
    this.step();
  }

  /** 64 random bits, as `bit_generator.random_raw()`. */
  uint64(): bigint {
    this.draw();
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** 32 random bits, as `rng.integers(0, 2**32)`. */
  uint32(): number {
    if (this.waiting >= 0) {
      const high = this.waiting;
      this.waiting = -1;
      return high;
    }
    this.draw();
    this.waiting = this.high;
    return this.low;
  }

  /** Uniform in [0, 1) with 53 bits, as `rng.random()`. */
  double(): number {
    this.draw();
    return (this.high * 2 ** 21 + (this.low >>> 11)) / 2 ** 53;
  }

  /** Uniform in [low, high), as `rng.uniform(low, high)`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.double();
  }

  /** A whole number in [0, bound), 1 ≤ bound ≤ 2³², as `rng.integers(0, bound)` (Lemire, arXiv 1805.10941). */
  integer(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32)) {
      throw new RangeError(`A bound must be a whole number from 1 to 2**32, not ${bound}.`);
    }
    if (bound === 1) return 0;
    for (;;) {
      const draw = this.uint32();
      const leftover = Math.imul(draw, bound) >>> 0;
      // the remainder is costly and nearly never needed: it is below the bound
      if (leftover >= bound || leftover >= 2 ** 32 % bound) return highWord(draw, bound);
    }
  }

  /** `count` whole numbers in [0, n) with replacement, as `rng.integers(0, n, size=count)`. */
  indices(n: number, count: number): Uint32Array {
    const drawn = new Uint32Array(count);
    for (let i = 0; i < count; i++) drawn[i] = this.integer(n);
    return drawn;
  }

  /** The numbers 0 … n − 1 in random order, as `rng.permutation(n)`. */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.upTo(i);
      const held = order[i] as number;
      order[i] = order[j] as number;
      order[j] = held;
    }
    return order;
  }

  /** Standard normal by Box and Muller's transform: the one method whose numbers are NOT numpy's (it uses a ziggurat). */
  normal(): number {
    const spare = this.spareNormal;
    this.spareNormal = Number.NaN;
    if (!Number.isNaN(spare)) return spare;
    const radius = Math.sqrt(-2 * Math.log(1 - this.double()));
    const angle = 2 * Math.PI * this.double();
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number in [0, max]: numpy shuffles by masking and drawing again, not by Lemire's way. */
  private upTo(max: number): number {
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const draw = (this.uint32() & mask) >>> 0;
      if (draw <= max) return draw;
    }
  }

  /** The next 64 bits: the halves of the state xored, rotated right by the state's top six bits. */
  private draw(): void {
    this.step();
    const s = this.state;
    const rotation = s[3]! >>> 26;
    const shift = rotation & 31;
    const low = s[0]! ^ s[2]!;
    const high = s[1]! ^ s[3]!;
    const near = rotation < 32 ? low : high;
    const far = rotation < 32 ? high : low;
    this.low = (shift === 0 ? near : (near >>> shift) | (far << (32 - shift))) >>> 0;
    this.high = (shift === 0 ? far : (far >>> shift) | (near << (32 - shift))) >>> 0;
  }

  /**
   * state ← state × multiplier + increment (mod 2¹²⁸), in columns of 16 bits.
   * A column sums at most four products below 2⁴⁸, which a double holds exactly; BigInt is twenty times slower.
   */
  private step(): void {
    const s = this.state;
    const i = this.increment;
    const [s0, s1, s2, s3] = [s[0]!, s[1]!, s[2]!, s[3]!];
    let column = s0 * M0 + i[0]!;
    let half = column & 0xffff;
    column = Math.floor(column / 65536) + s0 * M1;
    s[0] = half | (column << 16);
    column = Math.floor(column / 65536) + s0 * M2 + s1 * M0 + i[1]!;
    half = column & 0xffff;
    column = Math.floor(column / 65536) + s0 * M3 + s1 * M1;
    s[1] = half | (column << 16);
    column = Math.floor(column / 65536) + s0 * M4 + s1 * M2 + s2 * M0 + i[2]!;
    half = column & 0xffff;
    column = Math.floor(column / 65536) + s0 * M5 + s1 * M3 + s2 * M1;
    s[2] = half | (column << 16);
    column = Math.floor(column / 65536) + s0 * M6 + s1 * M4 + s2 * M2 + s3 * M0 + i[3]!;
    half = column & 0xffff;
    column = Math.floor(column / 65536) + s0 * M7 + s1 * M5 + s2 * M3 + s3 * M1;
    s[3] = half | (column << 16);
  }
}

// PCG_DEFAULT_MULTIPLIER_128 = 0x2360ed051fc65da44385df649fccf645, in words of 16 bits
const [M0, M1, M2, M3, M4, M5, M6, M7] = [0xf645, 0x9fcc, 0xdf64, 0x4385, 0x5da4, 0x1fc6, 0xed05, 0x2360];
const MASK_128 = (1n << 128n) - 1n;

/** The upper 32 bits of the 64-bit product of a uint32 and a number ≤ 2³². */
function highWord(a: number, b: number): number {
  const low = a * (b & 0xffff);
  const high = a * Math.floor(b / 65536);
  return Math.floor((high + Math.floor(low / 65536)) / 65536);
}

function limbsOf(value: bigint): Uint32Array {
  return Uint32Array.from([0n, 32n, 64n, 96n], (shift) => Number((value >> shift) & 0xffffffffn));
}

/** A seed as numpy cuts it into uint32 words: each number little-endian, without leading zeros, one after the other. */
function entropyOf(seed: number | readonly number[]): number[] {
  const numbers = typeof seed === "number" ? [seed] : seed;
  return numbers.flatMap((number) => {
    if (!Number.isSafeInteger(number) || number < 0) {
      throw new UserError(
        `The seed ${number} cannot be used: give a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`,
      );
    }
    return number < 2 ** 32 ? [number] : [number >>> 0, Math.floor(number / 2 ** 32)];
  });
}

/** `SeedSequence(entropy).generate_state(4, uint64)`; the constants are numpy's (after O'Neill's seed_seq_fe128). */
function seedWords(entropy: readonly number[]): bigint[] {
  const pool = poolOf(entropy);
  const hash = hasher(0x8b51f9dd, 0x58f38ded);
  const words = Array.from({ length: 8 }, (_, i) => BigInt(hash(pool[i % 4]!)));
  return [0, 2, 4, 6].map((i) => (words[i + 1]! << 32n) | words[i]!);
}

/** Four words into which every word of the entropy is mixed. */
function poolOf(entropy: readonly number[]): number[] {
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: 4 }, (_, i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to]!, hash(pool[from]!));
  }
  for (const word of entropy.slice(4)) {
    for (let to = 0; to < 4; to++) pool[to] = mix(pool[to]!, hash(word));
  }
  return pool;
}

/** A hash of uint32 words whose constant moves on with each word. */
function hasher(start: number, multiplier: number): (word: number) => number {
  let constant = start;
  return (word) => {
    const mixed = word ^ constant;
    constant = Math.imul(constant, multiplier);
    return foldDown(Math.imul(mixed, constant));
  };
}

function mix(x: number, y: number): number {
  return foldDown(Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715));
}

function foldDown(word: number): number {
  return (word ^ (word >>> 16)) >>> 0;
}
