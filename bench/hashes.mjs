// Hashes of 64 bits for neighbours and its peer.

/** So many without a pattern (xorshift, Marsaglia 2003), of which one in ten lies 6 bits from the one before. */
export function inventHashes(count) {
  let state = 88172645463325252n;
  const hashes = [];
  for (let i = 0; i < count; i++) {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    hashes.push(i % 10 === 9 ? hashes[i - 1] ^ 0x8100_0400_0020_0101n : state);
  }
  return hashes;
}
