import * as tf from "@tensorflow/tfjs";
import { makeConfig } from "movie-revenue";
import { loadEngine } from "movie-revenue/engine";
import { heldRows } from "movie-revenue/model/feature-rows";
import { initialiseHead } from "movie-revenue/model/head";
import { explainingFailures } from "movie-revenue/training/failures";
import { trainHead } from "movie-revenue/training/trainer";
import { describe, expect, it } from "vitest";
import { pattern } from "../golden.ts";
import { fineTune, openData, startWeights, TRAIN } from "../small-network.ts";
import { refusal, suite } from "./suite.ts";

const tried = suite("training health");
const { name } = await loadEngine();

/** What training may need more after 2,000 steps than after 500, in bytes; one gradient kept in each would be more. */
const MAX_GROWTH = 100e6;

/** Of 20 steps each; a sample of the tests takes fewer. */
const EPOCHS = Math.max(40, tried.seeds(100).length);

/** What the engine and the process hold after every epoch, and whether that is the same. */
function watch(): { onEpoch: () => Promise<void>; check: () => void } {
  const held: { tensors: number; bytes: number; resident: number }[] = [];
  return {
    async onEpoch() {
      const { numTensors: tensors, numBytes: bytes } = tf.memory();
      held.push({ tensors, bytes, resident: process.memoryUsage.rss() });
    },
    check() {
      expect(held).toHaveLength(EPOCHS);
      expect(new Set(held.map(({ tensors, bytes }) => `${tensors} tensors of ${bytes} bytes`)).size).toBe(1);
      expect(held.at(-1)!.resident - held[EPOCHS / 4]!.resident).toBeLessThan(MAX_GROWTH);
    },
  };
}

const options = { learningRate: 1e-5, weightDecay: 0, maxEpochs: EPOCHS, earlyStopping: 1000, seed: 1 };
const plateau = { factor: 0.5, patience: 1000 };

it.skipIf(name !== "native")("a want of the engine's memory is said with what to lower", async () => {
  // no machine has 2^49 bytes: an address has 47 bits; the engine asks for them for ten seconds
  const tooMuch = async () => tf.tidy(() => tf.tile(tf.ones([1, 2 ** 17]), [2 ** 30, 1]));
  await tried.all(["2^49 bytes"], async () => {
    const said = await refusal(() => explainingFailures({ films: [], training: makeConfig().training }, tooMuch));
    expect(said).toBe("The engine ran out of memory: lower training.batchSize (32).");
  });
});

describe.skipIf(name !== "native")("thousands of steps hold as much memory as hundreds", () => {
  it("of a head", async () => {
    const hidden = [64, 32];
    const features = heldRows({ rows: 80, columns: 1280, data: pattern(80 * 1280, 101, 1) });
    const films = { features, targets: pattern(80, 23, 1) };
    const start = initialiseHead({ inputs: 1280, hidden }, { seed: 1 });
    const { onEpoch, check } = watch();
    await tried.all(["a head"], async () => {
      const own = {
        ...options,
        plateau,
        hidden,
        dropout: [0.2, 0.1],
        batchSize: 4,
        averaging: 0.99,
        clip: 1,
        l1: 1e-6,
      };
      await trainHead({ train: films, validation: films }, start, own, { onEpoch });
      check();
    });
  });

  it("of a network", async () => {
    const data = await openData();
    const { onEpoch, check } = watch();
    await tried.all(["a network"], async () => {
      const own = {
        ...options,
        plateau,
        batchSize: TRAIN / 20,
        averaging: 0.99,
        clip: 1,
        freezeNorm: true,
        dropout: [0.2],
      };
      await fineTune(data, own, startWeights(), { onEpoch });
      check();
    });
    await data.pixels.close();
  });
});
