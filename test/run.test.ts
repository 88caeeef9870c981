import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig } from "movie-revenue/config";
import { readMetrics, runNamed, runsFolder, startRun, trainedRun, writeMetrics } from "movie-revenue/runs/run";
import { beforeAll, describe, expect, it } from "vitest";
import { handmadeRun } from "./runs.ts";
import { workplace } from "./workplace.ts";

let runs: string;
beforeAll(async () => {
  ({ runs } = await workplace());
});

const config = makeConfig();
const epochOf = (epoch: number) => ({ epoch, train_loss: 0.3, val_loss: 0.25, lr: 2e-4, seconds: 1.5 });

describe("runNamed", () => {
  it("is a folder among the runs, there or not", () => {
    const run = runNamed("my-run_2.0");
    expect([runsFolder(), run.folder]).toEqual([runs, join(runs, "my-run_2.0")]);
    expect(run.file("best.safetensors")).toBe(join(runs, "my-run_2.0", "best.safetensors"));
  });

  it.each(["", ".", "..", "../x", "a/b", "a\\b", "/etc", ".hidden", "-x", "a b", "a\0b", "ü", "a".repeat(101)])(
    "refuses %j",
    (name) => {
      expect(() => runNamed(name)).toThrow(
        `"${name}" cannot name a run: use letters, digits, dots, dashes and underscores.`,
      );
    },
  );
});

describe("startRun", () => {
  it("makes a folder with the configuration", async () => {
    const run = runNamed("fresh");
    expect(await startRun(run, config)).toEqual({ setAside: undefined });
    expect(await readdir(run.folder)).toEqual(["config.json"]);
    expect(JSON.parse(await readFile(run.file("config.json"), "utf8"))).toEqual(config);
  });

  it("sets a run aside in place of an earlier one", async () => {
    const run = await handmadeRun("twice");
    expect(await startRun(run, config)).toEqual({ setAside: join(runs, "twice.previous") });
    expect(await readdir(run.folder)).toEqual(["config.json"]);
    expect(await readdir(join(runs, "twice.previous"))).toContain("best.safetensors");
  });

  it("that fails before the first epoch, again and again, costs neither the run nor the one set aside", async () => {
    const run = await handmadeRun("unlucky");
    await startRun(run, config);
    await writeFile(run.file("manifest.json"), "{}");
    await writeFile(join(run.folder, "notes.txt"), "the user's own");
    expect(await startRun(run, config)).toEqual({ setAside: undefined });
    // what a failed start left is gone, for a resumed run would compare its data with it
    expect((await readdir(run.folder)).sort()).toEqual(["config.json", "notes.txt"]);
    expect(await readdir(join(runs, "unlucky.previous"))).toContain("best.safetensors");
  });
});

describe("trainedRun", () => {
  it("reads what a run knows", async () => {
    await handmadeRun("known", { splits: { test: [3, 4] } });
    const { calibration, config } = await trainedRun("known");
    expect([calibration.splits.test, calibration.residuals]).toEqual([
      [3, 4],
      [0.1, 0.2, 0.3, 0.4],
    ]);
    expect(config.evaluation.bootstrap).toBe(50);
  });

  it("says what is missing, and which runs there are", async () => {
    await handmadeRun("good");
    await startRun(runNamed("begun"), config);
    await mkdir(join(runs, "empty"));
    const trained = /, or take one of .*\bgood\b/;
    await expect(trainedRun("goood")).rejects.toThrow(
      'The run "goood" does not exist: train it first (movie-revenue train --run goood)',
    );
    await expect(trainedRun("goood")).rejects.toThrow(trained);
    await expect(trainedRun("begun")).rejects.toThrow(
      'The run "begun" is not trained to the end: train it with --resume (movie-revenue train --run begun)',
    );
    const message = await trainedRun("empty").catch((thrown: Error) => thrown.message);
    expect(message).toMatch(trained);
    expect(String(message).split("take one of ")[1]).not.toMatch(/begun|empty/);
  });

  it.each([
    ["calibration.json", "{}", /calibration\.json is damaged: train the run again\.$/],
    ["calibration.json", "{", /calibration\.json is not valid JSON/],
    ["config.json", '{"data": {"sauce": 1}}', /config\.json: There is no setting "data\.sauce": remove it\.$/],
  ] as const)("names a damaged %s", async (file, content, message) => {
    const run = await handmadeRun("damaged");
    await writeFile(run.file(file), content);
    await expect(trainedRun("damaged")).rejects.toThrow(message);
    await expect(trainedRun("damaged")).rejects.toMatchObject({ name: "UserError" });
  });
});

describe("metrics.jsonl", () => {
  it("has a line for each epoch", async () => {
    const run = runNamed("epochs");
    expect(await readMetrics(run)).toEqual([]);
    await writeMetrics(run, [epochOf(1), epochOf(2)]);
    expect(await readMetrics(run)).toEqual([epochOf(1), epochOf(2)]);
    expect(await readFile(run.file("metrics.jsonl"), "utf8")).toBe(
      '{"epoch":1,"train_loss":0.3,"val_loss":0.25,"lr":0.0002,"seconds":1.5}\n' +
        '{"epoch":2,"train_loss":0.3,"val_loss":0.25,"lr":0.0002,"seconds":1.5}\n',
    );
  });

  it("that is damaged is named", async () => {
    const run = runNamed("cut");
    await writeMetrics(run, [epochOf(1)]);
    await writeFile(run.file("metrics.jsonl"), '{"epoch": 1, "tra');
    await expect(readMetrics(run)).rejects.toThrow(
      `${run.file("metrics.jsonl")} is damaged: correct it, or train the run again.`,
    );
  });
});
