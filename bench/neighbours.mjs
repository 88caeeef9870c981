// Our side of neighbours: every hash's neighbours within 8 of 64 bits, by the index that the leak audit uses.
import { NearHashes } from "movie-revenue/catalogue/near-hashes";
import { inventHashes } from "./hashes.mjs";
import { main, rateOf } from "./shared.mjs";

main("node bench/neighbours.mjs [HASHES]\n\nFinds the hashes near each of 20,000.", measure);

async function measure(size = 20_000) {
  const hashes = inventHashes(Number(size));
  let pairs = 0;
  const work = () => {
    const index = new NearHashes(hashes);
    for (const hash of hashes) pairs += index.near(hash).length;
  };
  const rate = await rateOf(work, hashes.length);
  return { name: "neighbours", unit: "hashes/s", rate, checksum: { pairs } };
}
