import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { evaluate, formatPredictions, makeConfig, prepare, train } from "movie-revenue";
import { readSafetensors } from "movie-revenue/model/safetensors";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg, writeFilms } from "./fixtures.ts";
import { colouredFilms, commandLine, workplace, writeColouredFilms } from "./workplace.ts";

const settings = ["training.maxEpochs=4", "evaluation.bootstrap=50", "training.sampleEvery=2"];
let folder: string;
let runs: string;
let data: string;

beforeAll(async () => {
  ({ folder, runs } = await workplace());
  data = await writeColouredFilms(join(folder, "films.parquet"), 40);
});

const config = (...set: string[]) => makeConfig({ data, set: [...settings, ...set] });
const json = async (path: string) => JSON.parse(await readFile(path, "utf8"));
const weightsOf = async (run: string, file: string) => (await readSafetensors(join(runs, run, file))).tensors;

describe("prepare", () => {
  it("accounts for every row", async () => {
    const films = await colouredFilms(30, 100);
    const [first, second] = films as [(typeof films)[0], (typeof films)[0]];
    const rows = [
      ...films,
      { ...first, title: "the same film again" },
      { ...second, image: { bytes: await jpeg({ seed: 5 }), path: "other.jpg" } },
      { ...films[3]!, id: 200, revenue: 10_000_000 },
      { ...films[4]!, id: 201, revenue: 0 },
      { ...films[5]!, id: 202, revenue: -1 },
      { ...films[6]!, id: 203, image: { bytes: new Uint8Array([1, 2, 3]), path: "x" } },
      { ...films[7]!, id: 204, image: null },
    ];
    const path = await writeFilms(join(folder, "messy.parquet"), rows, { rowGroupSize: 10 });
    const prepared = await prepare(makeConfig({ data: path }));
    expect(prepared.rows).toBe(37);
    expect(prepared.invalid.map(({ row }) => row)).toEqual([34, 35, 36]);
    expect(prepared.invalid.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("revenue"),
      expect.stringContaining("poster: is not a JPEG, PNG or WebP"),
      expect.stringContaining("poster: has no image"),
    ]);
    expect(prepared.dropped).toMatchObject({ "unknown revenue": 1, "low revenue": 1 });
    expect(prepared.aboveThreshold).toBe(32);
    expect(prepared.duplicates).toEqual({ sameBytes: 1, samePicture: 0, otherArtwork: 1 });
    expect(prepared.films.map(({ id }) => id)).toEqual(films.map(({ id }) => id));
    expect(prepared.films[0]?.title).toBe("Film 100");
    // ceil(.1 · 30) = 3 for the test, ceil(.1 · 27) = 3 for validation
    expect(Object.values(prepared.splits).map((part) => part.length)).toEqual([24, 3, 3]);
  });

  it("stops where more than the stated share of rows cannot be used", async () => {
    const films = await colouredFilms(20, 100);
    const rows = films.map((film, i) => (i < 5 ? { ...film, revenue: -1 } : film));
    const path = await writeFilms(join(folder, "bad.parquet"), rows);
    // 5 of 20 are a quarter
    await expect(prepare(makeConfig({ data: path, set: ["data.maxInvalid=0.2"] }))).rejects.toThrow(
      /bad\.parquet: 5 of 20 rows cannot be used \(row 0: .*revenue.*\): correct it, or raise data\.maxInvalid\.$/,
    );
    expect((await prepare(makeConfig({ data: path, set: ["data.maxInvalid=0.25"] }))).films).toHaveLength(15);
  });

  it("stops reading when maxFilms films are found", async () => {
    const prepared = await prepare(config("data.maxFilms=20"));
    expect([prepared.rows, prepared.films.length]).toEqual([20, 20]);
  });
});

describe("train", () => {
  it("leaves a run folder that says how it was made", async () => {
    const heard: [number, number | undefined][] = [];
    const { epochs, ended } = await train("first", config(), {
      onEpoch: ({ epoch }, samples) => heard.push([epoch, samples?.length]),
    });
    // ceil(.1 · 36) = 4 validation films
    expect(heard).toEqual([
      [1, undefined],
      [2, 4],
      [3, undefined],
      [4, 4],
    ]);
    expect(ended).toBe("finished");
    expect((await readdir(join(runs, "first"))).sort()).toEqual([
      "baselines.json",
      "best.safetensors",
      "calibration.json",
      "config.json",
      "events.out.tfevents.movie-revenue",
      "last.safetensors",
      "manifest.json",
      "metrics.jsonl",
    ]);
    const lines = (await readFile(join(runs, "first/metrics.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(epochs);
    expect(Object.keys(epochs[0]!)).toEqual(["epoch", "train_loss", "val_loss", "lr", "seconds"]);
    expect(await json(join(runs, "first/config.json"))).toEqual(config());
    const manifest = await json(join(runs, "first/manifest.json"));
    expect(manifest).toMatchObject({
      version: "0.1.0",
      data: { films: 40, splits: { train: 32, validation: 4, test: 4 } },
      seeds: { split: 42, training: 42 },
      ended: "finished",
    });
    expect(Object.keys(manifest.notebooks)[0]).toBe("01-filter-and-dedupe.ipynb");
    const best = epochs.reduce((lowest, epoch) => (epoch.val_loss < lowest.val_loss ? epoch : lowest));
    const { metadata } = await readSafetensors(join(runs, "first/best.safetensors"));
    expect(metadata.epoch).toBe(String(best.epoch));
  });

  it("killed at any moment and resumed, ends in the same weights", async () => {
    await train("whole", config());
    let killed = false;
    const args = ["--data", data, "--run", "killed", ...settings.flatMap((setting) => ["--set", setting])];
    const first = await commandLine(["train", ...args], {
      onStderr: (said, kill) => {
        if (!killed && said.includes("epoch 2 · train")) {
          killed = true;
          kill("SIGKILL");
        }
      },
    });
    expect(first.code).toBeNull();
    expect(existsSync(join(runs, "killed/calibration.json"))).toBe(false);
    const second = await commandLine(["train", ...args, "--resume"]);
    expect(second.code).toBe(0);
    expect(second.stderr).not.toContain("epoch 1 · train");
    for (const file of ["best.safetensors", "last.safetensors"]) {
      expect(await weightsOf("killed", file)).toEqual(await weightsOf("whole", file));
    }
    const losses = async (run: string) =>
      (await readFile(join(runs, run, "metrics.jsonl"), "utf8")).replaceAll(/"seconds":[^}]*/g, "");
    expect(await losses("killed")).toBe(await losses("whole"));
    expect(await json(join(runs, "killed/calibration.json"))).toEqual(await json(join(runs, "whole/calibration.json")));
  });

  it("interrupted by Ctrl-C, exits with 130 and keeps the last step", async () => {
    let interrupted = false;
    const args = [
      "--data",
      data,
      "--run",
      "interrupted",
      "--set",
      "training.maxEpochs=1000",
      "--set",
      "training.earlyStopping=1000",
    ];
    const { code, stderr } = await commandLine(["train", ...args], {
      onStderr: (said, kill) => {
        if (!interrupted && said.includes("epoch 2 · train")) {
          interrupted = true;
          kill("SIGINT");
        }
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/Epoch \d+ is kept up to step 1 of 1: --resume goes on from there\./);
    expect(Object.keys(await weightsOf("interrupted", "last.safetensors"))).toHaveLength(32);
  });

  it("refuses to resume with other settings or other films, and says which", async () => {
    await train("fixed", config());
    await expect(train("fixed", config("training.batchSize=8"), { resume: true })).rejects.toThrow(
      'The run "fixed" was begun with training.batchSize = 32, not 8',
    );
    const other = await writeColouredFilms(join(folder, "other.parquet"), 41);
    const { tensors } = await readSafetensors(join(runs, "fixed/last.safetensors"));
    const moved = makeConfig({ data: other, set: settings });
    await expect(train("fixed", moved, { resume: true })).rejects.toThrow("data.source");
    await writeColouredFilms(data, 39);
    await expect(train("fixed", config(), { resume: true })).rejects.toThrow("films or the backbone's weights changed");
    expect(await weightsOf("fixed", "last.safetensors")).toEqual(tensors);
    await writeColouredFilms(data, 40);
  });

  it("trains longer when it is resumed with more epochs", async () => {
    await train("longer", config());
    const { epochs } = await train("longer", config("training.maxEpochs=6"), { resume: true });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("is refused while another process trains the same run, by its number", async () => {
    let second: Promise<void> | undefined;
    const first = await train("shared", config(), {
      onEpoch: () => {
        second ??= expect(train("shared", config())).rejects.toThrow(
          `The run "shared" is in use by process ${process.pid}: wait until it has ended, or choose another --run.`,
        );
      },
    });
    expect(second).toBeDefined();
    await second;
    expect(first.ended).toBe("finished");
    expect(existsSync(join(runs, "shared.lock"))).toBe(false);
  });

  it("sets an earlier run of the same name aside", async () => {
    const notes: string[] = [];
    await train("again", config("training.maxEpochs=1"));
    await train("again", config("training.maxEpochs=2"), { onNote: (note) => notes.push(note) });
    expect(notes).toEqual([`An earlier run of that name was set aside in ${join(runs, "again.previous")}.`]);
    expect((await json(join(runs, "again.previous/config.json"))).training.maxEpochs).toBe(1);
  });
});

describe("evaluate", () => {
  beforeAll(async () => {
    await rm(join(runs, "judged"), { recursive: true, force: true });
    await train("judged", config());
  });

  it("judges the run's test films and writes numbers that follow from its predictions", async () => {
    const { evaluation, judged, seen } = await evaluate("judged");
    expect([evaluation.n, seen]).toEqual([4, 36]);
    expect(new Set(judged.map(({ split }) => split))).toEqual(new Set(["test"]));
    const { splits } = await prepare(config());
    expect(judged.map(({ id }) => id).sort()).toEqual(splits.test.map(({ id }) => id).sort());
    expect(await json(join(runs, "judged/evaluation.json"))).toEqual(evaluation);
    const csv = await readFile(join(runs, "judged/predictions.csv"), "utf8");
    expect(csv).toBe(formatPredictions(judged));
    const rows = csv
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(",").map(Number));
    const squares = rows.map(([, , , actual, predicted]) => (Math.log10(predicted!) - Math.log10(actual!)) ** 2);
    // whole dollars of at least ten million: eight digits
    expect(evaluation.model.mse).toBeCloseTo(squares.reduce((sum, square) => sum + square) / 4, 6);
    const trainLog10 = splits.train.map(({ revenue }) => Math.log10(revenue!));
    const trainMean = trainLog10.reduce((sum, value) => sum + value) / trainLog10.length;
    expect(evaluation.trainMeanLog10).toBeCloseTo(trainMean, 12);
    const baseline = rows.map(([, , , actual]) => (trainMean - Math.log10(actual!)) ** 2);
    expect(evaluation.baselines.mean!.mse).toBeCloseTo(baseline.reduce((sum, square) => sum + square) / 4, 12);
  });

  it("leaves films out that it was trained on, in other data", async () => {
    // films 1 to 40 are the run's own, 4 of them its test films; 41 to 50 are new
    const path = await writeColouredFilms(join(folder, "more.parquet"), 50);
    const before = await readFile(join(runs, "judged/evaluation.json"), "utf8");
    const { judged, seen } = await evaluate("judged", { data: path });
    expect([judged.length, seen]).toEqual([14, 36]);
    const fresh = judged.filter(({ split }) => split === "new").map(({ id }) => id);
    expect(fresh).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
    expect(await readFile(join(runs, "judged/evaluation.json"), "utf8")).toBe(before);
  });

  it("names a run that is not there, and those that are", async () => {
    await expect(evaluate("jugded")).rejects.toThrow(/The run "jugded" does not exist.*or take one of .*judged/);
    await expect(evaluate("../judged")).rejects.toThrow('"../judged" cannot name a run');
  });
});

describe("predictions.csv", () => {
  it("quotes titles and disarms formulas", () => {
    const film = { id: 1, split: "test", actual: 2.4, predicted: 1e7 + 0.5, low: null, high: null };
    const titled = (title: string) =>
      formatPredictions([{ ...film, title }])
        .split("\r\n")
        .slice(1)
        .join("\r\n");
    expect(titled('Who, "me"?')).toBe('1,"Who, ""me""?",test,2,10000001,,\r\n');
    expect(titled("=1+1")).toBe("1,'=1+1,test,2,10000001,,\r\n");
    expect(titled("two\nlines")).toBe('1,"two\nlines",test,2,10000001,,\r\n');
  });
});
