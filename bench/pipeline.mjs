// Our side of pipeline: parquet files → films, features, a trained head and its evaluation, from empty caches.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeConfig } from "movie-revenue/config";
import { evaluate } from "movie-revenue/evaluate";
import { loadBackbone } from "movie-revenue/model/backbone";
import { extractFeatures } from "movie-revenue/model/features";
import { cacheFolder, pixelCache, readCatalogue } from "movie-revenue/prepare";
import { train } from "movie-revenue/train";
import { main } from "./shared.mjs";

main("node bench/pipeline.mjs DATA\n\nPrepares, extracts features, trains and evaluates, in an empty folder.", measure);

async function measure(data) {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  process.env.MOVIE_REVENUE_CACHE = join(folder, "cache");
  process.env.MOVIE_REVENUE_RUNS = join(folder, "runs");
  try {
    const config = makeConfig({ data });
    const start = performance.now();
    const { run, epochs } = await train("bench", config);
    const { evaluation } = await evaluate("bench");
    const seconds = (performance.now() - start) / 1000;
    const { data: counts, timings } = JSON.parse(readFileSync(run.file("manifest.json"), "utf8"));
    const stages = { ...timings, epochs: epochs.length };
    const checksum = { ...counts.splits, features: await meanFeature(config), mse: evaluation.model.mse };
    return { name: "pipeline", unit: "films/s", rate: counts.films / seconds, checksum, stages };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The mean of all films' features, read from the cache that the run left. */
async function meanFeature(config) {
  const [backbone, pixels] = [await loadBackbone(), await pixelCache()];
  const posters = (await readCatalogue(config)).films.map(({ sha256 }) => sha256);
  const features = await extractFeatures(posters, [backbone], pixels, { cache: cacheFolder() });
  await pixels.close();
  return features.reduce((sum, value) => sum + value, 0) / features.length;
}
