/** A small seeded generator of whole numbers (mulberry32), the same on every machine: the artwork needs no more. */
export class Dice {
  private state: number;

  constructor(...seeds: number[]) {
    this.state = seeds.reduce((hash, seed) => mix(hash ^ mix(seed | 0)), 0x2c1b3c6d);
  }

  /** A number of [0, 1). */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    return mix(this.state) / 4294967296;
  }

  /** A number of [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.unit());
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(list.length * this.unit())] as T;
  }
}

/** Mulberry32's output function (Tommy Ettinger, public domain): 32 bits in, 32 bits out. */
function mix(value: number): number {
  let t = Math.imul(value ^ (value >>> 15), value | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}
