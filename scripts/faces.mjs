// Do the faces on a poster tell what the models do not know? node scripts/faces.mjs --data SRC (see --help)
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { writeTableOfPresets } from "./presets.mjs";

const require = createRequire(import.meta.url);
const { formatCount, formatNumber, formatWithInterval } = require("movie-revenue");
const { loadEngine, makeConfig, prepare, runNamed, UserError } = require("movie-revenue");
const { logDollars, residualsOf, squaresOf } = require("movie-revenue/evaluation/log-dollars");
const { pairedDifference } = require("movie-revenue/evaluation/paired");
const { mean } = require("movie-revenue/evaluation/quantiles");
const { readJson, sha256, writeJson } = require("movie-revenue/files");
const { fitRidge, predictRidge } = require("movie-revenue/model/ridge");
const { cachedPixels } = require("movie-revenue/posters/pixels");
const { pixelCache } = require("movie-revenue/prepare");
const { ProgressMeter } = require("movie-revenue/progress");
const { terminalProgress } = require("movie-revenue/terminal");

const help = `node scripts/faces.mjs --data SRC [--run NAME] [--markdown]

Finds the faces on each poster by BlazeFace (Bazarevsky et al. 2019), of the npm package @vladmandic/human, which is
downloaded for it. From how many and how large they are and where the largest lies, a ridge regression learns what a model
has missed, on four folds, and corrects it on the fifth: for the mean, and for the presets posters and fused as
scripts/ablation.mjs has kept their held-out films. Test films stay unseen.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation)
  --markdown     writes the table into docs/results.md, between its faces markers`;

const PACKAGE = "@vladmandic/human@3.3.6";
const SHA256 = {
  json: "cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f",
  bin: "dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72",
};
/** Pixels to a side of BlazeFace's input. */
const SIDE = 256;
/** Where each of its boxes is measured from, in pixels: so many at each place of a grid with this stride. */
const ANCHORS = [
  { stride: 16, each: 2 },
  { stride: 32, each: 6 },
].flatMap(({ stride, each }) => {
  const places = Array.from({ length: SIDE / stride }, (_, i) => stride * (i + 0.5));
  return places.flatMap((y) => places.flatMap((x) => Array(each).fill([x, y])));
});
/** A face is as sure as this, and shares no more than OVERLAP of its area with a surer one. */
const SURE = 0.5;
const OVERLAP = 0.3;

await writeTableOfPresets("faces", help, async (presets, { run, data }) => {
  const [{ films }] = presets;
  const trainMean = films.map((film) => ({ ...film, predicted: 10 ** film.trainMeanLog10 }));
  const features = await faceFeatures(join(runNamed(run).folder, "faces.json"), films, data);
  return [{ name: "mean", films: trainMean }, ...presets].map((model) => rowOf(model, features));
});

function rowOf({ name, films }, features) {
  const corrected = correctedBy(features, films);
  const { mse } = pairedDifference(corrected, films, { trainMeanLog10: 0 });
  return {
    ...{ model: name, films: formatCount(films.length), "MSE (log10 dollars²)": formatFour(mseOf(films)) },
    "MSE with faces": formatFour(mseOf(corrected)),
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

/** What faces tell of each film, by id; the faces that were found are kept in the file. */
async function faceFeatures(file, films, data) {
  if (!existsSync(file)) await writeJson(file, await facesOn(films, data));
  const found = await readJson(file);
  return new Map(films.map(({ id }) => [id, featuresOf(found[id])]));
}

function featuresOf(faces) {
  const areas = faces.map(({ width, height }) => width * height);
  const largest = faces[areas.indexOf(Math.max(...areas))] ?? { x: 0.5, y: 0.5 };
  const size = (area) => Math.log10(area + 0.001);
  const [all, one] = [size(areas.reduce((sum, area) => sum + area, 0)), size(Math.max(0, ...areas))];
  const several = [0, 1, 2].map((count) => Number(faces.length === count));
  return [Math.min(faces.length, 6), ...several, all, one, one ** 2, largest.x, largest.y];
}

/** The faces of each film's poster, by id; centre and size as shares of a square as high as the poster. */
async function facesOn(films, data) {
  await loadEngine();
  const config = makeConfig({ preset: "posters", data });
  const wanted = new Set(films.map(({ id }) => id));
  const posters = (await prepare(config)).films.filter(({ id }) => wanted.has(id));
  const [model, pixels] = [await loadBlazeFace(), await pixelCache(config.model)];
  const meter = new ProgressMeter("finding faces", "posters", terminalProgress(), posters.length);
  const found = {};
  for (const { id, sha256 } of posters) {
    found[id] = await facesIn(model, await cachedPixels(pixels, sha256), pixels.size);
    meter.advance(1);
  }
  await pixels.close();
  return found;
}

async function facesIn(model, bytes, { width, height }) {
  const output = tf.tidy(() => {
    const picture = tf.tensor3d(Float32Array.from(bytes), [height, width, 3]);
    // a poster is two by three, whatever shape its pixels are kept in
    const across = Math.round((SIDE * 2) / 3);
    const left = Math.floor((SIDE - across) / 2);
    const square = tf.pad(tf.image.resizeBilinear(picture, [SIDE, across]), [
      [0, 0],
      [left, SIDE - across - left],
      [0, 0],
    ]);
    // scores [1, n, 1] and boxes [1, n, 16] of the coarse grid and of the fine one
    const parts = model.execute(tf.expandDims(tf.sub(tf.div(square, 127.5), 1)));
    const [coarseScores, fineScores, coarseBoxes, fineBoxes] = parts.sort((a, b) => a.size - b.size);
    return tf.concat([tf.concat([fineScores, fineBoxes], 2), tf.concat([coarseScores, coarseBoxes], 2)], 1);
  });
  const [numbers, columns] = [await output.data(), output.shape[2]];
  output.dispose();
  const boxes = ANCHORS.map(([x, y], i) => {
    const [score, dx, dy, across, down] = numbers.subarray(i * columns, i * columns + 5);
    const share = (value) => value / SIDE;
    return {
      score: 1 / (1 + Math.exp(-score)),
      x: share(x + dx),
      y: share(y + dy),
      width: share(across),
      height: share(down),
    };
  });
  const faces = [];
  for (const box of boxes.filter(({ score }) => score > SURE).sort((a, b) => b.score - a.score)) {
    if (faces.every((face) => overlap(face, box) <= OVERLAP)) faces.push(box);
  }
  return faces;
}

/** Intersection over union. */
function overlap(a, b) {
  const shared = (at, size) => {
    const [from, to] = [
      Math.max(a[at] - a[size] / 2, b[at] - b[size] / 2),
      Math.min(a[at] + a[size] / 2, b[at] + b[size] / 2),
    ];
    return Math.max(0, to - from);
  };
  const both = shared("x", "width") * shared("y", "height");
  return both / (a.width * a.height + b.width * b.height - both);
}

async function loadBlazeFace() {
  const folder = mkdtempSync(join(tmpdir(), "faces-"));
  try {
    const packed = download(folder);
    const paths = ["json", "bin"].map((ext) => `package/models/blazeface.${ext}`);
    execFileSync("tar", ["xzf", packed, ...paths], { cwd: folder });
    const [json, bin] = paths.map((path) => readFileSync(join(folder, path)));
    if (sha256(json) !== SHA256.json || sha256(bin) !== SHA256.bin) {
      throw new UserError(`${PACKAGE} is not the package that this was written for.`);
    }
    const { modelTopology, weightsManifest } = JSON.parse(json);
    const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
    const weightData = bin.buffer.slice(bin.byteOffset, bin.byteOffset + bin.length);
    return await tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The name of the file that holds the package. */
function download(folder) {
  try {
    return execFileSync("npm", ["pack", PACKAGE, "--loglevel=error"], { cwd: folder, encoding: "utf8" }).trim();
  } catch {
    throw new UserError(`npm could not download ${PACKAGE}: look at what it says above, and run this again.`);
  }
}
