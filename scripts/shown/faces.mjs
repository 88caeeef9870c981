import * as tf from "@tensorflow/tfjs";
import { graphModelOf } from "../graph-model.mjs";
import { packageFiles } from "../package-files.mjs";

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
/** A face is as sure as this, and shares no more than OVERLAP (intersection over union) with a surer one. */
const SURE = 0.5;
const OVERLAP = 0.3;
const MOST = 100;

/** Faces of a poster, as BlazeFace boxes them; centre and size as shares of a square as high as the poster. */
export const faces = { name: "faces", version: "faces-v1", open, featuresOf };

function featuresOf(faces) {
  const areas = faces.map(({ width, height }) => width * height);
  const largest = faces[areas.indexOf(Math.max(...areas))] ?? { x: 0.5, y: 0.5 };
  const size = (area) => Math.log10(area + 0.001);
  const [all, one] = [size(areas.reduce((sum, area) => sum + area, 0)), size(Math.max(0, ...areas))];
  const several = [0, 1, 2].map((count) => Number(faces.length === count));
  return [Math.min(faces.length, 6), ...several, all, one, one ** 2, largest.x, largest.y];
}

async function open() {
  const [json, bin] = packageFiles("@vladmandic/human@3.3.6", {
    "models/blazeface.json": "cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f",
    "models/blazeface.bin": "dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72",
  });
  const model = await graphModelOf(json, bin);
  return (bytes, size) => facesIn(model, bytes, size);
}

async function facesIn(model, bytes, { width, height }) {
  const faces = tf.tidy(() => {
    const found = model.execute(tf.expandDims(squareOf(bytes, { width, height })));
    // scores [1, n, 1] and boxes [1, n, 16] of the coarse grid and of the fine one
    const [coarseScores, fineScores, coarseBoxes, fineBoxes] = found.sort((a, b) => a.size - b.size);
    const scores = tf.sigmoid(tf.concat([fineScores, coarseScores], 1).flatten());
    const boxes = tf.squeeze(tf.concat([fineBoxes, coarseBoxes], 1), [0]);
    const centres = tf.add(tf.slice(boxes, [0, 0], [-1, 2]), tf.tensor2d(ANCHORS));
    const sizes = tf.slice(boxes, [0, 2], [-1, 2]);
    const half = tf.div(sizes, 2);
    const corners = tf.reverse(tf.concat([tf.add(centres, half), tf.sub(centres, half)], 1), 1);
    const best = tf.image.nonMaxSuppression(corners, scores, MOST, OVERLAP, SURE);
    return tf.div(tf.gather(tf.concat([centres, sizes], 1), best), SIDE);
  });
  const found = await faces.array();
  faces.dispose();
  return found.map(([x, y, width, height]) => ({ x, y, width, height }));
}

/** A poster as BlazeFace takes it: between black bars. */
function squareOf(bytes, { width, height }) {
  const picture = tf.tensor3d(Float32Array.from(bytes), [height, width, 3]);
  // a poster is two by three, whatever shape its pixels are kept in
  const across = Math.round((SIDE * 2) / 3);
  const left = Math.floor((SIDE - across) / 2);
  const bars = [[left, SIDE - across - left]];
  const square = tf.pad(tf.image.resizeBilinear(picture, [SIDE, across]), [[0, 0], ...bars, [0, 0]]);
  return tf.sub(tf.div(square, 127.5), 1);
}
