// Our side of head: two epochs of the revenue head, with AdamW, dropout and, if asked for, the average of its weights.
import { loadEngine } from "movie-revenue/engine";
import { heldRows, rowsBetween } from "movie-revenue/model/feature-rows";
import { trainHead } from "movie-revenue/training/trainer";
import { main, noise, rateOf } from "./shared.mjs";

const TRAIN = 3177;
const VALIDATION = 353;
const INPUTS = 1280;
const HIDDEN = [1024, 512, 1024];
const EPOCHS = 2;

main(
  "node bench/head.mjs [AVERAGING]\n\nTrains the head on 3,177 synthetic films; AVERAGING is the decay, 0 unless given.",
  measure,
);

async function measure(averaging = "0") {
  await loadEngine();
  const sets = inventFilms();
  const weights = inventWeights();
  const options = {
    batchSize: 32,
    learningRate: 2e-4,
    weightDecay: 1e-4,
    plateau: { factor: 0.5, patience: 2 },
    earlyStopping: 100,
    averaging: Number(averaging),
    seed: 1,
    hidden: HIDDEN,
    dropout: [0.2, 0.1, 0.2],
  };
  const checksum = await firstStep(sets.train, weights, options);
  await trainHead({ train: part(sets.train, 640), validation: part(sets.train, 32) }, weights, {
    ...options,
    maxEpochs: 1,
  });
  const work = () => trainHead(sets, weights, { ...options, maxEpochs: EPOCHS });
  return { name: "head", unit: "samples/s", rate: await rateOf(work, TRAIN * EPOCHS), checksum };
}

/** The loss of 32 films before and after one step: dropout is drawn differently on the two sides, so here it is off. */
async function firstStep(train, weights, options) {
  const batch = part(train, 32);
  const without = { ...options, maxEpochs: 1, averaging: 0, dropout: [0, 0, 0] };
  let losses;
  await trainHead({ train: batch, validation: batch }, weights, without, {
    onEpoch: async ({ train_loss: before, val_loss: after }) => {
      losses = { before, after };
    },
  });
  return losses;
}

function part({ features, targets }, n) {
  return { features: rowsBetween(features, 0, n), targets: targets.subarray(0, n) };
}

/** Features from 0 to 1, log10 dollars from 7 to 9; head.py has the same. */
function inventFilms() {
  const n = TRAIN + VALIDATION;
  const features = Float32Array.from(noise(n * INPUTS), (byte) => byte / 256);
  const targets = Float32Array.from(noise(n), (byte) => 7 + byte / 128);
  const from = (start, end) => ({
    features: heldRows({ rows: end - start, columns: INPUTS, data: features.subarray(start * INPUTS, end * INPUTS) }),
    targets: targets.subarray(start, end),
  });
  return { train: from(0, TRAIN), validation: from(TRAIN, n) };
}

/** As large as PyTorch's initial weights are, and the same on both sides. */
function inventWeights() {
  const widths = [INPUTS, ...HIDDEN, 1];
  const layers = widths.slice(1).flatMap((outputs, layer) => {
    const inputs = widths[layer];
    const data = Float32Array.from(noise(outputs * inputs), (byte) => (byte - 127.5) / 128 / Math.sqrt(inputs));
    const bias = new Float32Array(outputs).fill(layer === HIDDEN.length ? 8 : 0);
    return [
      [`head.${layer}.weight`, { shape: [outputs, inputs], data }],
      [`head.${layer}.bias`, { shape: [outputs], data: bias }],
    ];
  });
  return Object.fromEntries(layers);
}
