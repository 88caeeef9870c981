import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig, train } from "movie-revenue";
import { parseArguments } from "movie-revenue/commands/arguments";
import { searchCommand } from "movie-revenue/commands/search";
import { type Searched, type SearchOptions, search } from "movie-revenue/search";
import { parseSpace, type Space, type Trial } from "movie-revenue/training/space";
import { beforeAll, describe, expect, it } from "vitest";
import { commandLine, workplace, writeColouredFilms } from "./workplace.ts";

const set = ["training.maxEpochs=2", "model.hidden=[8]", "model.dropout=[0]"];
// a step of 1e30 makes the next loss infinite, so the second trial fails
const raw = { method: "grid", settings: { "training.learningRate": [1e-3, 1e30, 1e-2], "training.batchSize": [16] } };
const grid = parseSpace(raw);
let runs: string;
let data: string;
let whole: Searched;

beforeAll(async () => {
  const place = await workplace();
  runs = place.runs;
  data = await writeColouredFilms(join(place.folder, "films.parquet"), 40);
  whole = await run("whole");
});

const run = (name: string, options: SearchOptions = {}, plan: { space?: Space; set?: string[]; data?: string } = {}) =>
  search(name, { space: grid, data, set, ...plan }, options);
const linesOf = async (path: string) =>
  (await readFile(join(runs, path), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const jsonOf = async (path: string) => JSON.parse(await readFile(join(runs, path), "utf8"));
const timeless = (trials: Trial[]) => trials.map((trial) => ({ ...trial, seconds: 0 }));

describe("search", () => {
  it("records each trial as its run went, in the order of the space; a failed one with its reason", async () => {
    const trials: Trial[] = await linesOf("whole/trials.jsonl");
    expect(trials.map(({ trial, settings }) => [trial, ...Object.values(settings)])).toEqual([
      [1, 1e-3, 16],
      [2, 1e30, 16],
      [3, 1e-2, 16],
    ]);
    for (const { trial, status, val_loss, epoch, epochs, baseline } of [trials[0]!, trials[2]!]) {
      const metrics = await linesOf(`whole-trial-00${trial}/metrics.jsonl`);
      const losses = metrics.map((line) => line.val_loss);
      expect([status, epochs, val_loss]).toEqual(["done", 2, Math.min(...losses)]);
      expect(losses[epoch! - 1]).toBe(val_loss);
      expect(baseline).toBe((await jsonOf(`whole-trial-00${trial}/calibration.json`)).baseline);
    }
    expect(trials[1]).toMatchObject({ status: "failed", val_loss: null, epoch: null, epochs: null, baseline: null });
    expect(trials[1]!.reason).toMatch(/^The loss is no longer a number in epoch 1/);
  });

  it("trains a trial as `train` does with its settings", async () => {
    const own = ["training.learningRate=0.01", "training.batchSize=16"];
    const { epochs } = await train("alone", makeConfig({ data, set: [...set, ...own] }));
    const trial = whole.trials.find(({ trial }) => trial === 3)!;
    expect(trial.val_loss).toBe(Math.min(...epochs.map(({ val_loss }) => val_loss)));
    expect(await jsonOf("whole-trial-003/config.json")).toEqual(await jsonOf("alone/config.json"));
  });

  it("ranks by validation loss and names the best, its run and its command in full", () => {
    const [first, second, third] = whole.trials.map(({ val_loss }) => val_loss);
    expect(first).toBeLessThan(second!);
    expect([third, whole.trials[2]!.trial]).toEqual([null, 2]);
    const best = whole.trials[0]!;
    // ⌈.1 · 40⌉ = 4 films for the test, ⌈.1 · 36⌉ = 4 for validation
    expect(whole).toMatchObject({ validationFilms: 4, baseline: best.baseline, shortenedBy: ["training.maxEpochs=2"] });
    expect(whole.bestRun).toBe(`whole-trial-00${best.trial}`);
    const values = Object.entries(best.settings).map(([key, value]) => `--set ${key}=${value}`);
    expect(whole.command).toBe(
      `movie-revenue train --data ${data} --run whole-best --set 'model.hidden=[8]' --set 'model.dropout=[0]' ${values.join(" ")}`,
    );
  });

  it("writes a page with the ranking, the figure and the warning", async () => {
    const page = await readFile(join(runs, "whole/search.html"), "utf8");
    expect(page).toContain("optimistic, for it was picked by the same 4 films");
    for (const { val_loss } of whole.trials.slice(0, 2)) expect(page).toContain(`>${val_loss!.toFixed(4)}</td>`);
    expect(page).toContain('"text":"Trials by their settings and validation loss"');
  });

  it("interrupted within a trial and resumed, ends in the same numbers and trains nothing twice", async () => {
    const controller = new AbortController();
    const interrupted = run("stopped", {
      signal: controller.signal,
      onProgress: ({ task, detail }) => {
        if (task === "trial 3/3 · training" && detail?.startsWith("epoch 2")) controller.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({
      exitCode: 130,
      message: "Interrupted in trial 3: its epochs and the 2 trials before it are kept: --resume goes on from there.",
    });
    expect((await linesOf("stopped/trials.jsonl")).map(({ status }) => status)).toEqual(["done", "failed"]);
    expect((await linesOf("stopped-trial-003/metrics.jsonl")).length).toBe(1);
    const epochs = await linesOf("stopped-trial-003/metrics.jsonl");
    const heard: number[][] = [];
    const resumed = await run("stopped", {
      resume: true,
      onTrial: ({ trial }, { done, total, secondsLeft }) => heard.push([trial, done, total, secondsLeft]),
    });
    expect(heard).toEqual([[3, 3, 3, 0]]);
    // the first epoch's own line, with its seconds: it was not trained again
    expect((await linesOf("stopped-trial-003/metrics.jsonl"))[0]).toEqual(epochs[0]);
    expect(timeless(resumed.trials)).toEqual(timeless(whole.trials));
  });

  it("goes on to more random trials than it was begun with, the first as they were", async () => {
    const space = parseSpace({
      ...{ method: "random", trials: 1 },
      settings: { "training.learningRate": { low: 1e-4, high: 1e-2, scale: "log" } },
    });
    const before = await run("more", {}, { space });
    const after = await run("more", { resume: true, trials: 2 }, { space });
    expect(after.trials.map(({ trial }) => trial).sort()).toEqual([1, 2]);
    expect(after.trials.find(({ trial }) => trial === 1)).toEqual(before.trials[0]);
  });

  it("sets an earlier search of that name aside, with its trials", async () => {
    // eight hidden units alone would not fit the preset's dropout: what is searched completes the settings
    const one = { space: parseSpace({ method: "grid", settings: { "model.dropout": [[0]] } }), set: set.slice(0, 2) };
    await run(
      "twice",
      {},
      { space: parseSpace({ method: "grid", settings: { "training.learningRate": [1e-2, 1e30] } }) },
    );
    const notes: string[] = [];
    await run("twice", { onNote: (note) => notes.push(note) }, one);
    expect(notes).toEqual([
      `An earlier search of that name was set aside in ${join(runs, "twice.previous")}, and so were its trials.`,
    ]);
    expect((await linesOf("twice.previous/trials.jsonl")).length).toBe(2);
    expect(existsSync(join(runs, "twice-trial-002.previous/config.json"))).toBe(true);
    expect(existsSync(join(runs, "twice-trial-002"))).toBe(false);
    expect((await linesOf("twice/trials.jsonl")).map(({ settings }) => settings)).toEqual([{ "model.dropout": [0] }]);
  });
});

describe("search refuses, before a trial runs,", () => {
  const searching = (settings: object) => parseSpace({ method: "grid", settings });

  it("a setting that does not exist, or a value out of its bounds", async () => {
    const unknown = run("bad", {}, { space: searching({ "training.learnRate": [1] }) });
    await expect(unknown).rejects.toThrow(
      'There is no setting "training.learnRate": did you mean "training.learningRate"',
    );
    // only the second trial is wrong
    const bounds = run("bad", {}, { space: searching({ "training.averaging": [0.5, 1.5] }) });
    await expect(bounds).rejects.toThrow("The setting training.averaging is wrong");
    const twice = run("bad", {}, { space: searching({ "training.maxEpochs": [1, 2] }) });
    await expect(twice).rejects.toThrow("training.maxEpochs is searched, so --set cannot give it");
    expect(existsSync(join(runs, "bad"))).toBe(false);
    expect(existsSync(join(runs, "bad-trial-001"))).toBe(false);
  });

  it("data that cannot be read, which would fail every trial", async () => {
    await expect(run("bad", {}, { data: "/nowhere.parquet" })).rejects.toThrow("/nowhere.parquet");
    expect(existsSync(join(runs, "bad"))).toBe(false);
  });

  it("a name that leaves the folder, that a run has, or that is too long for its trials", async () => {
    await expect(run("../up")).rejects.toThrow('"../up" cannot name a run');
    await expect(run("whole-trial-001")).rejects.toThrow('"whole-trial-001" is a run, not a search');
    await expect(run("x".repeat(95))).rejects.toThrow("cannot name a run");
  });

  it("to resume another space, other settings or other films", async () => {
    const resume = { resume: true };
    await expect(run("whole", resume, { space: searching({ "training.learningRate": [1] }) })).rejects.toThrow(
      'The search "whole" was begun with another space: resume it with its own, or choose another --run.',
    );
    await expect(run("whole", resume, { set: [...set, "training.seed=1"] })).rejects.toThrow(
      'The search "whole" was begun with another --preset, --data or --set',
    );
    await writeColouredFilms(data, 39);
    await expect(run("whole", resume)).rejects.toThrow('The films changed since the search "whole" was begun');
    await writeColouredFilms(data, 40);
    expect((await linesOf("whole/trials.jsonl")).length).toBe(3);
  });

  it("a search that another process runs, and records that are damaged", async () => {
    await writeFile(join(runs, "held.lock"), `${process.ppid}\n`);
    await expect(run("held")).rejects.toThrow(`The search "held" is in use by process ${process.ppid}`);
    await mkdir(join(runs, "torn"));
    await writeFile(join(runs, "torn/search.json"), await readFile(join(runs, "whole/search.json")));
    await writeFile(join(runs, "torn/trials.jsonl"), '{"trial":1');
    await expect(run("torn", { resume: true })).rejects.toThrow(/torn\/trials\.jsonl is damaged/);
  });
});

describe("movie-revenue search", () => {
  const shared = () => ["--data", data, ...set.flatMap((text) => ["--set", text])];
  const command = (...args: string[]) => commandLine(["search", ...shared(), ...args]);
  const spaceFile = async (space: object) => {
    const path = join(runs, "space.json");
    await writeFile(path, JSON.stringify(space));
    return path;
  };

  it("prints the ranked table, the best trial and the warning; trials that have ended are not run again", async () => {
    const { stdout, code } = await command("--space", await spaceFile(raw), "--run", "whole", "--resume");
    expect(code).toBe(0);
    const [head, , ...rows] = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
    const columns = "Rank,Trial,Validation MSE,Mean baseline,Against it,Best epoch,Seconds";
    const own = "training.learningRate,training.batchSize,Failed because";
    expect(head!.join()).toBe(`${columns},${own}`);
    const [best] = whole.trials;
    const told = [best!.trial, best!.val_loss!.toFixed(4), best!.baseline!.toFixed(4)];
    expect(rows[0]!.slice(0, 4)).toEqual(["1", ...told.map(String)]);
    expect(rows[2]!.join()).toMatch(/^–,2,–,.*,1e\+30,16,The loss is no longer a number/);
    expect(stdout).toContain(`The best of 2 trials (1 more failed) is trial ${best!.trial}: `);
    expect(stdout).toContain("Beware: the lowest loss of 2 trials is optimistic");
    expect(stdout).toContain(join(runs, "whole/search.html"));
  });

  it("ends with 1 where every trial failed, having told of each", async () => {
    const space = await spaceFile({ method: "grid", settings: { "training.learningRate": [1e30] } });
    const { stdout, stderr, code } = await command("--space", space, "--run", "none");
    expect(code).toBe(1);
    expect(stdout).toContain("No trial came to an end: 1 trial failed.");
    expect(stderr).toMatch(/\ntrial 1 \(1 of 1\) · failed: The loss is no longer a number/);
    expect(stderr).toMatch(
      /\nmovie-revenue: Every trial failed, the first because: The loss is no longer a number.*\n$/,
    );
  });

  it("needs a space, and a whole number of trials", async () => {
    const usage = async (...args: string[]) => searchCommand.run(parseArguments(args, searchCommand));
    await expect(usage("--data", data)).rejects.toThrow("--space is missing.");
    const space = await spaceFile(raw);
    for (const trials of ["2.5", "0", "many"]) {
      const sentence = `--trials takes a whole number from 1, not "${trials}".`;
      await expect(usage("--space", space, "--trials", trials)).rejects.toThrow(sentence);
    }
  });
});
