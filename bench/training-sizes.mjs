// Memory and rate of a head's training by number of films, its features in memory and on disk: see --help.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { DEFAULT_VIEW } from "movie-revenue/model/backbone";
import { rowsBetween } from "movie-revenue/model/feature-rows";
import { openFeatures } from "movie-revenue/model/features";
import { initialiseHead } from "movie-revenue/model/head";
import { textTable } from "movie-revenue/reporting/tables";
import { sha256 } from "movie-revenue/system/files";
import { trainHead } from "movie-revenue/training/trainer";
import { main, noise } from "./shared.mjs";

const help = `node bench/training-sizes.mjs [FILMS…]

Makes 1,280 features for each of so many invented films (default 10000 100000; 1000000 need 5.3 GB of disk for a while) and
trains the head on nine tenths of them for an epoch, which the last tenth judges: with the features in memory, and with
those in the cache, read as they are needed. Prints samples a second, the most memory held, and whether both have the same
losses. From 1,000,000 films on they are not held in memory.`;

const DIMENSIONS = 1280;
const SIDE = 32;
/** Features of more films are not tried in memory. */
const HELD = 500_000;

const args = process.argv.slice(2);
if (args.includes("--help")) console.log(help);
else if (args[0] === "--one") await main(help, (_, films, cache, held) => trained(Number(films), cache, Number(held)));
else await compare(args.length > 0 ? args.map(Number) : [10_000, 100_000]);

async function compare(sizes) {
  const rows = [];
  for (const films of sizes) {
    const cache = await mkdtemp(join(tmpdir(), "training-"));
    try {
      // made first, so that both ways find the features in the cache
      run("--one", films, cache, -1);
      const streamed = run("--one", films, cache, 0);
      const held = films < HELD ? run("--one", films, cache, Number.MAX_SAFE_INTEGER) : undefined;
      rows.push({
        films: films.toLocaleString("en-US"),
        "MB of features": ((4 * DIMENSIONS * films) / 1e6).toFixed(0),
        "samples/s: from the cache": streamed.rate.toFixed(0),
        "in memory": held?.rate.toFixed(0) ?? "",
        "MiB: from the cache": streamed.residentMiB,
        "MiB: in memory": held?.residentMiB ?? "",
        "same losses": held ? (JSON.stringify(held.losses) === JSON.stringify(streamed.losses) ? "yes" : "NO") : "",
      });
    } finally {
      await rm(cache, { recursive: true });
    }
  }
  console.log(`${availableParallelism()} cores\n${textTable(rows)}`);
}

/** A process of its own, for its memory. */
function run(...options) {
  const command = [fileURLToPath(import.meta.url), ...options.map(String)];
  const said = execFileSync(process.execPath, command, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(said.trim().split("\n").at(-1));
}

/** Makes features; unless `held` is −1 trains on them, those of no more than `held` bytes from memory. */
async function trained(films, cache, held) {
  await loadEngine();
  const posters = Array.from({ length: films }, (_, i) => sha256(`poster ${i}`));
  const features = await openFeatures(posters, inventedBackbone(), inventedPixels(), {
    ...{ cache, held: Math.max(0, held), batchSize: 256 },
  });
  try {
    return held < 0 ? {} : await epochOf(features, films);
  } finally {
    await features.close();
  }
}

async function epochOf(features, films) {
  const cut = Math.round(0.9 * films);
  const targets = Float32Array.from(noise(films), (byte) => 7 + byte / 128);
  const part = (from, to) => ({ features: rowsBetween(features, from, to), targets: targets.subarray(from, to) });
  const hidden = [1024, 512, 1024];
  const start = performance.now();
  let losses;
  await trainHead(
    { train: part(0, cut), validation: part(cut, films) },
    initialiseHead({ inputs: DIMENSIONS, hidden }, { seed: 1, targetMean: 8 }),
    {
      ...{ batchSize: 32, learningRate: 2e-4, weightDecay: 1e-4, maxEpochs: 1, earlyStopping: 7, averaging: 0.99 },
      ...{ plateau: { factor: 0.5, patience: 2 }, hidden, dropout: [0.2, 0.1, 0.2], seed: 1 },
    },
    {
      onEpoch: async ({ train_loss, val_loss }) => {
        losses = [train_loss, val_loss];
      },
    },
  );
  return { rate: cut / ((performance.now() - start) / 1000), losses };
}

/** Noise in place of posters, told apart by their keys. */
function inventedPixels() {
  const size = { width: SIDE, height: SIDE };
  const bytes = noise(2 ** 20);
  const length = 3 * SIDE * SIDE;
  return {
    size,
    async get(key) {
      const at = Number.parseInt(key.slice(0, 5), 16) % (bytes.length - length);
      return bytes.subarray(at, at + length);
    },
  };
}

/** A fixed projection in place of a network. */
function inventedBackbone() {
  const weights = tf.tensor2d(
    Float32Array.from(noise(3 * SIDE * SIDE * DIMENSIONS), (byte) => (byte - 128) / 4096),
    [3 * SIDE * SIDE, DIMENSIONS],
  );
  return {
    ...{ name: "invented", view: { ...DEFAULT_VIEW, width: SIDE, height: SIDE }, dimensions: DIMENSIONS },
    weights: sha256("invented"),
    features: (pixels) => tf.tidy(() => tf.matMul(tf.reshape(pixels, [pixels.shape[0], -1]), weights)),
    dispose: () => weights.dispose(),
  };
}
