import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig, settingsOf } from "movie-revenue/config";
import { evaluate } from "movie-revenue/evaluate";
import { readManifest } from "movie-revenue/runs/manifest";
import { readMetrics, runNamed } from "movie-revenue/runs/run";
import { recordEpochs, testScalars, timedEpochs } from "movie-revenue/tracking/record";
import { formatEvents } from "movie-revenue/tracking/tensorboard";
import { crc32c } from "movie-revenue/tracking/tfrecord";
import { train } from "movie-revenue/train";
import type { EpochMetrics } from "movie-revenue/training/trainer";
import { beforeAll, describe, expect, it } from "vitest";
import { golden } from "./golden.ts";
import { workplace, writeColouredFilms } from "./workplace.ts";

interface Golden {
  startedAt: string;
  hparams: Record<string, unknown>;
  epochs: EpochMetrics[];
  bytes: string;
  read: { scalars: Record<string, [step: number, time: number, value: number][]>; hparams: string[] };
}

const { startedAt, hparams, epochs, bytes, read } = golden<Golden>("tensorboard-events.json");
const seconds = Date.parse(startedAt) / 1000;

describe("formatEvents", () => {
  it("writes the bytes that TensorBoard's own writer does", () => {
    const scalars = timedEpochs(epochs, seconds);
    expect(Buffer.from(formatEvents({ startedAt: seconds, hparams, scalars })).toString("base64")).toBe(bytes);
  });

  it("and TensorBoard reads from them what was meant", () => {
    expect(Object.keys(read.scalars)).toEqual(["train_loss", "val_loss", "lr", "seconds"]);
    expect(read.scalars.val_loss).toEqual([
      [1, seconds + 1.5, 0.25],
      [2, seconds + 3.75, 0],
    ]);
    expect(read.hparams).toEqual(Object.keys(hparams));
  });
});

// RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms
it.each([
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [new TextEncoder().encode("123456789"), 0xe3069283],
])("crc32c", (data, crc) => {
  expect(crc32c(data)).toBe(crc);
});

describe("a run's event file", () => {
  const run = () => runNamed("watched");
  const path = () => run().file("events.out.tfevents.movie-revenue");
  const config = () =>
    makeConfig({
      data,
      set: ["training.maxEpochs=4", "model.hidden=[4]", "model.dropout=[0]", "evaluation.bootstrap=20"],
    });
  let data: string;
  /** What the file should hold: each epoch once, and what else is asked for at the end. */
  const expected = async (test: Record<string, number> = {}) => {
    const began = Date.parse((await readManifest(run()))!.startedAt) / 1000;
    const scalars = timedEpochs(await readMetrics(run()), began);
    if (Object.keys(test).length > 0) scalars.push({ ...scalars.at(-1)!, values: test });
    return Buffer.from(formatEvents({ startedAt: began, hparams: settingsOf(config()), scalars }));
  };

  beforeAll(async () => {
    const { folder } = await workplace();
    data = await writeColouredFilms(join(folder, "films.parquet"), 30);
    const stop = new AbortController();
    const onEpoch = ({ epoch }: EpochMetrics) => epoch === 2 && stop.abort();
    await expect(train("watched", config(), { signal: stop.signal, onEpoch })).rejects.toThrow("Interrupted");
  });

  it("has every epoch of a resumed run once, and goes on in the file that a reader has open", async () => {
    expect(await readFile(path())).toEqual(await expected());
    const { ino } = await stat(path());
    const { epochs } = await train("watched", config(), { resume: true });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(await readFile(path())).toEqual(await expected());
    expect((await stat(path())).ino).toBe(ino);
  });

  it("ends with the test errors once the run is judged", async () => {
    const { evaluation } = await evaluate("watched");
    const { mse, mae, r2, within25, within50, medianSplit } = evaluation.model;
    const scalars = testScalars(evaluation);
    expect(scalars).toEqual({
      ...{ test_mse: mse, test_mae: mae, test_r2: r2, test_within25: within25, test_within50: within50 },
      test_median_split: medianSplit.accuracy,
    });
    expect(await readFile(path())).toEqual(await expected(scalars));
  });

  it("is mended where a kill cut it off, and replaced where it holds something else", async () => {
    const whole = await expected();
    await truncate(path(), whole.byteLength - 5);
    await recordEpochs(run(), await readMetrics(run()));
    expect(await readFile(path())).toEqual(whole);
    await writeFile(path(), "something else");
    await recordEpochs(run(), await readMetrics(run()));
    expect(await readFile(path())).toEqual(whole);
  });
});
