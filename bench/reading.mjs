// Our side of reading: decoded posters → lines of lettering.
import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { decode } from "movie-revenue/posters/decode";
import { openReader, readerFiles } from "movie-revenue/reading/reader";
import { main, rateOf } from "./shared.mjs";

const POSTERS = 24;

main("node bench/reading.mjs\n\nReads what is written on a drawn poster, again and again.", measure);

async function measure() {
  const poster = await decode(await readFile(new URL("../test/golden/reading.png", import.meta.url)));
  const reader = await openReader(await readerFiles());
  // warms up, and proves that both sides read the same
  const lines = (await reader.read(poster)).map(({ text }) => text);
  const readAll = async () => {
    for (let i = 0; i < POSTERS; i++) await reader.read(poster);
  };
  const rate = await rateOf(readAll, POSTERS, 3);
  return { name: "reading", unit: "posters/s", rate, checksum: { lines: lines.length, text: crc32(lines.join("\n")) } };
}
