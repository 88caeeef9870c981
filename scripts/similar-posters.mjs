// Which posters of a folder look alike to the network? node scripts/similar-posters.mjs FOLDER
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { writeFeatures } = require("movie-revenue");
const { readSafetensors } = require("movie-revenue/model/safetensors");

const [folder] = process.argv.slice(2);
if (!folder || folder === "--help") {
  console.log(
    "node scripts/similar-posters.mjs FOLDER\n\nNames the most similar other poster for each poster of a folder.",
  );
} else {
  const scratch = mkdtempSync(join(tmpdir(), "similar-"));
  try {
    const out = join(scratch, "features.safetensors");
    const { names } = await writeFeatures(folder, out);
    const { features } = (await readSafetensors(out)).tensors;
    const rows = names.map((_, i) => unit(features.data.subarray(i * features.shape[1], (i + 1) * features.shape[1])));
    names.forEach((name, i) => {
      const others = rows.map((row, j) => ({ name: names[j], cosine: j === i ? -1 : dot(rows[i], row) }));
      const nearest = others.reduce((best, other) => (other.cosine > best.cosine ? other : best));
      console.log(`${name} → ${nearest.name} (${nearest.cosine.toFixed(3)})`);
    });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function unit(row) {
  const length = Math.sqrt(dot(row, row));
  return row.map((value) => value / length);
}

function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
