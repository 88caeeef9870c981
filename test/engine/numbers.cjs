// What an engine makes of the same numbers: features of posters, three steps of training, a DataFrame's tensor.
// `node numbers.cjs FILE.safetensors`, for test/engine.test.ts; prints JSON.
const tf = require("@tensorflow/tfjs");
const { loadEngine } = require("movie-revenue/engine");
const { loadBackbone } = require("movie-revenue/model/backbone");
const { heldRows } = require("movie-revenue/model/feature-rows");
const { initialiseHead } = require("movie-revenue/model/head");
const { readSafetensors } = require("movie-revenue/model/safetensors");
const { toFrame } = require("movie-revenue/reporting/tables");
const { trainHead } = require("movie-revenue/training/trainer");

main(process.argv[2]).then((numbers) => console.log(JSON.stringify(numbers)));

async function main(file) {
  const { tensors } = await readSafetensors(file);
  const engine = await loadEngine();
  const backbone = await loadBackbone();
  const { shape, data } = tensors.pixels;
  const features = Array.from(backbone.features(tf.tensor4d(data, shape)).dataSync());
  return { engine, features, ...(await train(tensors)), danfojs: await frame() };
}

/** One batch an epoch: three epochs are three steps. */
async function train({ features, targets }) {
  const [rows, dimensions] = features.shape;
  const rowsOf = heldRows({ rows, columns: dimensions, data: features.data });
  const examples = { features: rowsOf, targets: targets.data };
  const head = { hidden: [8, 4, 8], dropout: [0.2, 0.1, 0.2] };
  const steps = { batchSize: rows, maxEpochs: 3, learningRate: 1e-2, weightDecay: 1e-4, averaging: 0.99, seed: 5 };
  const patience = { plateau: { factor: 0.5, patience: 2 }, earlyStopping: 7 };
  const start = initialiseHead({ inputs: dimensions, ...head }, { seed: 5, targetMean: 7.5 });
  const losses = [];
  let weights;
  await trainHead({ train: examples, validation: examples }, start, { ...head, ...steps, ...patience }, {
    onEpoch: async ({ train_loss, val_loss }, state) => {
      losses.push(train_loss, val_loss);
      weights = state().weights;
    },
  });
  return { losses, weights: Object.values(weights).flatMap((weight) => Array.from(weight.data)) };
}

/** Whether danfojs computes where everything else does. */
async function frame() {
  const table = await toFrame([
    { budget: 2.5, revenue: 3.5 },
    { budget: 4, revenue: 2_923_706_026 },
  ]);
  const before = tf.backend().numDataIds();
  const { tensor } = table;
  const values = tf.mul(tensor, 2).arraySync();
  const cores = Object.keys(require.cache).filter((path) => /tfjs-core[\\/]dist[\\/](tf-core\.node|index)\.js$/.test(path));
  return { backend: tf.getBackend(), tensors: tf.backend().numDataIds() - before, values, cores: cores.length };
}
