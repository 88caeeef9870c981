/** Where a record lies: the number of its segment, the position in it, the bytes of its payload. */
export interface Entry {
  segment: number;
  at: number;
  bytes: number;
}

const KEY_BYTES = 32;
const ABSENT = -1;

/**
 * Keys of 32 bytes and where their records lie: open addressing over typed arrays, some 65 bytes for each key, where a
 * `Map` of strings takes three times as much. Keys are hashes: their first four bytes spread them.
 */
export class KeyIndex {
  private count = 0;
  private keys = new Uint8Array(0);
  private segments = new Uint32Array(0);
  /** `ABSENT` where the key was deleted. */
  private positions = new Float64Array(0);
  private sizes = new Uint32Array(0);
  /** One more than the number of a key, 0 where free; twice as many as keys, a power of two. */
  private slots = new Uint32Array(1);

  get(key: Uint8Array): Entry | undefined {
    const number = this.slots[this.slotOf(key)]! - 1;
    if (number < 0 || this.positions[number] === ABSENT) return undefined;
    return { segment: this.segments[number]!, at: this.positions[number]!, bytes: this.sizes[number]! };
  }

  set(key: Uint8Array, { segment, at, bytes }: Entry): void {
    if (2 * (this.count + 1) > this.slots.length) this.grow();
    const slot = this.slotOf(key);
    if (this.slots[slot] === 0) {
      this.keys.set(key, this.count * KEY_BYTES);
      this.slots[slot] = ++this.count;
    }
    const number = this.slots[slot]! - 1;
    this.segments[number] = segment;
    this.positions[number] = at;
    this.sizes[number] = bytes;
  }

  delete(key: Uint8Array): void {
    const number = this.slots[this.slotOf(key)]! - 1;
    if (number >= 0) this.positions[number] = ABSENT;
  }

  /** The slot that holds the key, or the free one where it belongs. */
  private slotOf(key: Uint8Array): number {
    const last = this.slots.length - 1;
    let slot = firstBytes(key, 0) & last;
    while (this.slots[slot] !== 0 && !this.isKey(this.slots[slot]! - 1, key)) slot = (slot + 1) & last;
    return slot;
  }

  private isKey(number: number, key: Uint8Array): boolean {
    const start = number * KEY_BYTES;
    for (let i = 0; i < KEY_BYTES; i++) if (this.keys[start + i] !== key[i]) return false;
    return true;
  }

  private grow(): void {
    const room = Math.max(1024, 2 * this.count);
    this.keys = extended(this.keys, new Uint8Array(room * KEY_BYTES));
    this.segments = extended(this.segments, new Uint32Array(room));
    this.positions = extended(this.positions, new Float64Array(room));
    this.sizes = extended(this.sizes, new Uint32Array(room));
    this.slots = new Uint32Array(2 * room);
    const last = this.slots.length - 1;
    for (let number = 0; number < this.count; number++) {
      let slot = firstBytes(this.keys, number * KEY_BYTES) & last;
      while (this.slots[slot] !== 0) slot = (slot + 1) & last;
      this.slots[slot] = number + 1;
    }
  }
}

function firstBytes(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function extended<T extends Uint8Array | Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
