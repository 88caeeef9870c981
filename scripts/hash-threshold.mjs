// When do two perceptual hashes show one picture? node scripts/hash-threshold.mjs FOLDER [--samples N]

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { formatNumber, formatPercent, textTable } = require("movie-revenue");
const { hammingDistance, SAME_PICTURE_DISTANCE } = require("movie-revenue/catalogue/dedupe");
const { openSource } = require("movie-revenue/catalogue/open");
const { sha256 } = require("movie-revenue/system/files");
const { decode } = require("movie-revenue/posters/decode");
const { perceptualHash } = require("movie-revenue/posters/hash");
const { resize } = require("movie-revenue/posters/resample");
const sharp = createRequire(require.resolve("movie-revenue"))("sharp");

/** Thumbnails that correlate so much show one artwork. */
const SAME_ARTWORK = 0.95;
const EDGE = 56;
const FARTHEST = 20;

const [source, flag, count = "500"] = process.argv.slice(2);
if (!source || source === "--help" || (flag && flag !== "--samples")) {
  console.log(
    "node scripts/hash-threshold.mjs SOURCE [--samples N]\n\n" +
      "Counts how far apart the perceptual hashes of posters lie: of one artwork, encoded twice; of one film's\n" +
      "different artworks; and of different films; and what each threshold would miss and confuse.",
  );
} else {
  const posters = await readPosters(source, Number(count));
  const distances = {
    again: posters.flatMap(({ hash, again }) => again.map((other) => hammingDistance(hash, other))),
    ...withinFilms(posters),
    strangers: betweenFilms(posters),
  };
  print(distances);
}

/** Every poster's hash and thumbnail; the first N also encoded again, smaller, worse, or cropped. */
async function readPosters(name, samples) {
  const scratch = mkdtempSync(join(tmpdir(), "hash-threshold-"));
  try {
    const opened = await openSource(name, { cache: scratch });
    const ids = [];
    for await (const { facts } of opened.rows()) ids.push(String(facts.id));
    const posters = [];
    for await (const { row, bytes } of opened.posters(ids.map((_, row) => row))) {
      const pixels = bytes && (await pixelsOf(bytes));
      if (!pixels) continue;
      const again = posters.length < samples ? await encodedAgain(bytes) : [];
      posters.push({
        id: ids[row],
        sha256: sha256(bytes),
        hash: perceptualHash(pixels),
        thumb: thumbnail(pixels),
        again,
      });
      if (posters.length % 500 === 0) process.stderr.write(`${posters.length} posters\n`);
    }
    return posters;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function pixelsOf(bytes) {
  try {
    return resize(await decode(bytes), 224, 224);
  } catch {
    return null;
  }
}

async function encodedAgain(bytes) {
  const { width, height } = await sharp(bytes).metadata();
  const edge = { left: Math.round(0.02 * width), top: Math.round(0.02 * height) };
  const inner = { ...edge, width: width - 2 * edge.left, height: height - 2 * edge.top };
  const versions = [
    sharp(bytes).jpeg({ quality: 40 }),
    sharp(bytes)
      .resize(Math.round(0.6 * width))
      .jpeg({ quality: 80 }),
    sharp(bytes).extract(inner).jpeg({ quality: 80 }),
  ];
  return Promise.all(versions.map(async (version) => perceptualHash(await pixelsOf(await version.toBuffer()))));
}

/** Mean light of EDGE × EDGE cells, finer than the hash sees, centred and of length 1. */
function thumbnail(pixels) {
  const light = new Float64Array(EDGE * EDGE);
  const cell = 224 / EDGE;
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [Math.floor(i / 3) % 224, Math.floor(i / 672)];
    light[Math.floor(y / cell) * EDGE + Math.floor(x / cell)] += pixels[i];
  }
  const mean = light.reduce((sum, value) => sum + value, 0) / light.length;
  const centred = light.map((value) => value - mean);
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0)) || 1;
  return Float32Array.from(centred, (value) => value / length);
}

/** Pairs of one film whose bytes differ: of one artwork, or of two, as the thumbnails say. */
function withinFilms(posters) {
  const films = new Map();
  for (const poster of posters) films.set(poster.id, [...(films.get(poster.id) ?? []), poster]);
  const [same, other] = [[], []];
  for (const film of films.values()) {
    film.forEach((one, i) => {
      for (const two of film.slice(i + 1)) {
        if (one.sha256 === two.sha256) continue;
        const correlation = one.thumb.reduce((sum, value, k) => sum + value * two.thumb[k], 0);
        (correlation >= SAME_ARTWORK ? same : other).push(hammingDistance(one.hash, two.hash));
      }
    });
  }
  return { same, other };
}

/** Pairs of different films, every film by its first poster; only counted, for they are millions. */
function betweenFilms(posters) {
  const first = [...new Map([...posters].reverse().map((poster) => [poster.id, poster])).values()];
  const counts = new Array(65).fill(0);
  first.forEach(({ hash }, i) => {
    for (let j = i + 1; j < first.length; j++) counts[hammingDistance(hash, first[j].hash)]++;
  });
  return counts;
}

function print({ again, same, other, strangers }) {
  const histogram = (values) =>
    values.reduce((counts, value) => counts.with(value, counts[value] + 1), new Array(65).fill(0));
  const counts = { again: histogram(again), same: histogram(same), other: histogram(other), strangers };
  const upTo = (list, d) => list.slice(0, d + 1).reduce((sum, value) => sum + value, 0);
  const missed = (list, d) => formatPercent((upTo(list, 64) - upTo(list, d)) / upTo(list, 64), 2);
  const rows = Array.from({ length: FARTHEST + 1 }, (_, d) => ({
    distance: `${d}${d === SAME_PICTURE_DISTANCE ? " ←" : ""}`,
    ...Object.fromEntries(Object.entries(counts).map(([kind, list]) => [kind, list[d]])),
    missedAgain: missed(counts.again, d),
    missedSame: missed(counts.same, d),
    confused: upTo(strangers, d),
    rate: formatNumber((1e6 * upTo(strangers, d)) / upTo(strangers, 64), 2),
  }));
  const right = (title) => ({ title, align: "right" });
  console.log(
    textTable(rows, {
      distance: right("bits"),
      again: right("encoded again here"),
      same: right("one film, one artwork"),
      other: right("one film, other artwork"),
      strangers: right("two films"),
      missedAgain: right("missed: here"),
      missedSame: right("missed: one artwork"),
      confused: right("confused"),
      rate: right("per million pairs"),
    }),
  );
  const total = Object.entries(counts).map(([kind, list]) => `${kind} ${upTo(list, 64)}`);
  console.log(`\nPairs: ${total.join(", ")}. "Missed" is the share of pairs farther apart than the row's distance.`);
}
