// The peer of neighbours: the same by trying all pairs, on halves of 32 bits.
import { popcount32 } from "movie-revenue/catalogue/dedupe";
import { inventHashes } from "./hashes.mjs";
import { main, rateOf } from "./shared.mjs";

main("node bench/all-pairs.mjs [HASHES]\n\nFinds the hashes near each of 20,000 among all pairs.", measure);

async function measure(size = 20_000) {
  const words = new Uint32Array(BigUint64Array.from(inventHashes(Number(size))).buffer);
  let pairs = 0;
  const work = () => {
    for (let a = 0; a < words.length; a += 2) {
      for (let b = 0; b < words.length; b += 2) {
        if (popcount32(words[a] ^ words[b]) + popcount32(words[a + 1] ^ words[b + 1]) <= 8) pairs++;
      }
    }
  };
  const rate = await rateOf(work, words.length / 2);
  return { name: "neighbours", unit: "hashes/s", rate, checksum: { pairs } };
}
