// Our side of decode: encoded posters in memory → normalised tensors.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { decode } from "movie-revenue/posters/decode";
import { normalise } from "movie-revenue/posters/normalise";
import { resize } from "movie-revenue/posters/resample";
import { main, rateOf } from "./shared.mjs";

const IN_FLIGHT = 4;

main("node bench/decode.mjs FOLDER\n\nDecodes, resizes to 224 × 224 and normalises the posters of a folder.", measure);

async function measure(folder) {
  const posters = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)));
  let crcs = 0;
  // the first pass warms up, and proves that both sides make the same tensors
  await pass(posters, (tensor) => {
    crcs += crc32(new Uint8Array(tensor.buffer));
  });
  const rate = await rateOf(() => pass(posters, () => {}), posters.length, 3);
  return { name: "decode", unit: "posters/s", rate, checksum: { crcs } };
}

/** Makes the tensor of every poster; `use` gets each. */
async function pass(posters, use) {
  let next = 0;
  const worker = async () => {
    // one array for each worker, as in a batch: a new one each time costs as much as the arithmetic
    const tensor = new Float32Array(224 * 224 * 3);
    while (next < posters.length) use(normalise(resize(await decode(posters[next++]), 224, 224), tensor));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}
