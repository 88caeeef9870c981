import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "movie-revenue/commands/index";
import { makeConfig } from "movie-revenue/config";
import { readSafetensors } from "movie-revenue/model/safetensors";
import { runNamed, startRun } from "movie-revenue/runs/run";
import { writeJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg, writeFilms } from "./fixtures.ts";
import { handmadeRun } from "./runs.ts";
import { colouredFilms, commandLine, type Ended, workplace, writeColouredFilms } from "./workplace.ts";

const bin = fileURLToPath(new URL("../lib/bin/movie-revenue.cjs", import.meta.url));
let folder: string;
/** Paths below the folder stand as DIR/… in the tables here. */
const inFolder = (text: string) => text.replaceAll("DIR", folder);
const run = (args: readonly string[], env?: NodeJS.ProcessEnv) => commandLine(args.map(inFolder), { env });

beforeAll(async () => {
  ({ folder } = await workplace());
  const at = (name: string) => join(folder, name);
  const films = await colouredFilms(4);
  await writeColouredFilms(at("films.parquet"), 10);
  await writeFilms(at("no-image.parquet"), films, { omit: ["image"] });
  await writeFilms(at("no-revenue.parquet"), films, { omit: ["revenue"] });
  await writeFile(at("text.parquet"), "this is no parquet file");
  await copyFile(at("films.parquet"), at("cut.parquet"));
  await truncate(at("cut.parquet"), 1500);
  for (const name of ["empty", "posters", "broken", "wordless"]) await mkdir(at(name));
  for (const seed of [1, 2, 3]) await writeFile(at(`posters/${seed}.jpg`), await jpeg({ seed }));
  await writeFile(at("broken/a.jpg"), "no picture");
  await writeFile(at("wordless/notes.txt"), "no poster");
  await writeFile(at("broken.json"), '{"1.jpg": ');
  await writeJson(at("list.json"), [1, 2]);
  const splits = { train: [1, 2, 3, 4, 5, 6], validation: [7, 8], test: [9, 10] };
  await handmadeRun("good", { data: at("films.parquet"), splits });
  await handmadeRun("all", { splits: { train: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } });
  await startRun(runNamed("begun"), makeConfig());
  await writeFile((await handmadeRun("config")).file("config.json"), '{"data": {"sauce": "sample"}}');
  await truncate((await handmadeRun("cut")).file("best.safetensors"), 500);
});

/** Progress, which is no news here. */
const PROGRESS = /^(reading rows|decoding posters|extracting features by efficientnet-lite0) \d/;
const said = ({ stderr }: Ended) => stderr.split("\n").filter((line) => line !== "" && !PROGRESS.test(line));

const TAKES =
  "--data takes sample, hub:owner/name, a .parquet file or a folder of them, or a folder of images with facts.";
const LABELS = 'write {"poster.jpg": {"title": "…", "actual_revenue": 1000000}}.';
const predict = ["predict", "--run", "good", "DIR/posters"];
const features = ["features", "--images", "DIR/posters", "--out", "DIR/f.safetensors"];
const trained = ", or take one of all, config, cut, good.";

describe("what cannot be done ends with 1 and one sentence:", () => {
  it.concurrent.each<[string[], string]>([
    [
      ["prepare", "--data", "DIR/no-image.parquet"],
      'DIR/no-image.parquet has no column "image": add it (the columns found: "id", "title", "genres", "overview", "popularity", "release_date", "budget", "revenue", "tagline", "original_language", "runtime").',
    ],
    [
      ["prepare", "--data", "DIR/no-revenue.parquet"],
      'DIR/no-revenue.parquet has no column "revenue": add it (the columns found: "id", "image", "title", "genres", "overview", "popularity", "release_date", "budget", "tagline", "original_language", "runtime").',
    ],
    [
      ["prepare", "--data", "DIR/text.parquet"],
      "DIR/text.parquet is not a parquet file: give a real one, or convert it.",
    ],
    [
      ["train", "--run", "x", "--data", "DIR/cut.parquet"],
      "DIR/cut.parquet is cut off or damaged at its end (parquet file invalid (footer != PAR1)): get the file again.",
    ],
    [["prepare", "--data", "DIR/empty"], `The folder DIR/empty holds neither parquet files nor images: ${TAKES}`],
    [["evaluate", "--run", "good", "--data", "DIR/none"], `"DIR/none" does not exist: ${TAKES}`],
    [
      ["evaluate", "--run", "good", "--data", "DIR/list.json"],
      `"DIR/list.json" is neither a folder nor a .parquet file: ${TAKES}`,
    ],
    [
      ["evaluate", "--run", "all", "--data", "DIR/films.parquet"],
      'The run "all" was trained on every film of DIR/films.parquet: give it other films.',
    ],
    [
      ["evaluate", "--run", "begun"],
      `The run "begun" is not trained to the end: train it with --resume (movie-revenue train --run begun)${trained}`,
    ],
    [
      ["predict", "--run", "goood", "DIR/posters"],
      `The run "goood" does not exist: train it first (movie-revenue train --run goood)${trained}`,
    ],
    [["evaluate", "--run", "config"], 'DIR/runs/config/config.json: There is no setting "data.sauce": remove it.'],
    [
      ["predict", "--run", "cut", "DIR/posters"],
      'DIR/runs/cut/best.safetensors is not a sound safetensors file (tensor "head.0.weight" does not fit in the file): make or download it again.',
    ],
    [
      ["predict", "--run", "good", "DIR/wordless"],
      "The folder DIR/wordless holds no poster: put .jpg, .jpeg, .png, .webp files into it.",
    ],
    [
      ["predict", "--run", "good", "DIR/broken"],
      "No poster in DIR/broken can be read (a.jpg is not a JPEG, PNG or WebP picture).",
    ],
    [["predict", "--run", "good", "DIR/none"], "There is no folder DIR/none."],
    [["predict", "--run", "good", "DIR/no\nne\u001b[31m"], "There is no folder DIR/no ne[31m."],
    [
      [...predict, "--labels", "DIR/broken.json"],
      "DIR/broken.json is not valid JSON (Unexpected end of JSON input): correct it and run again.",
    ],
    [[...predict, "--labels", "DIR/list.json"], `DIR/list.json is wrong at the top: ${LABELS}`],
    [[...predict, "--labels", "DIR/none.json"], "There is no file DIR/none.json."],
    [[...predict, "--json", "DIR/empty"], "DIR/empty is a folder: give the name of a file."],
    [
      ["prepare", "--data", "DIR/films.parquet", "--json", "DIR/text.parquet/x.json"],
      "DIR/text.parquet/x.json could not be written: EEXIST: file already exists, mkdir 'DIR/text.parquet'.",
    ],
    [
      [...features, "--weights", "DIR/text.parquet"],
      "DIR/text.parquet is not a sound safetensors file (its header is cut off): make or download it again.",
    ],
    [
      [...features, "--weights", "DIR/runs/good/best.safetensors"],
      `DIR/runs/good/best.safetensors: The weights have no tensor "_conv_stem.weight": these are not this model's weights.`,
    ],
    [[...features, "--backbone", "resnet34"], 'There is no backbone "resnet34": did you mean "resnet18"?'],
  ])("%j", async (args, sentence) => {
    const ended = await run(args);
    expect(said(ended)).toEqual([`movie-revenue: ${inFolder(sentence)}`]);
    expect([ended.code, ended.stdout]).toEqual([1, ""]);
  });
});

describe("what is written wrongly ends with 2, one sentence, and where to look:", () => {
  it.concurrent.each<[string[], string]>([
    [["prepare", "--preset", "smaple"], 'There is no preset "smaple": did you mean "sample"?'],
    [
      ["train", "--run", "x", "--set", "training.maxEpoch=3"],
      'There is no setting "training.maxEpoch": did you mean "training.maxEpochs"?',
    ],
    [
      ["prepare", "--set", "training.maxEpochs=three"],
      "The setting training.maxEpochs is wrong: expected number, received string.",
    ],
    [
      ["prepare", "--set", "training.maxEpochs"],
      '--set takes key=value, as training.maxEpochs=5, and was given "training.maxEpochs".',
    ],
    [["prepare", "--dta", "sample"], 'There is no option "--dta": did you mean "--data"?'],
    [["predict", "--resume", "DIR/posters"], 'There is no option "--resume": take one of --run, --labels, --json.'],
    [["doctor", "-x"], "-x: no option is taken here."],
    [["train"], "--run is missing."],
    [["train", "--run", ""], "--run is empty."],
    [["train", "--run"], "--run needs a value."],
    [
      ["train", "--run", "--resume"],
      '--run needs a value, and "--resume" follows: write --run=--resume if it is meant.',
    ],
    [["train", "--run", "x", "--resume=yes"], "--resume takes no value."],
    [
      ["evaluate", "--run", "../good"],
      '"../good" cannot name a run: use letters, digits, dots, dashes and underscores.',
    ],
    [["predict", "--run", "good"], "FOLDER is missing."],
    [["predict", "--run", "good", "a", "b"], '"b" is one argument too many.'],
    [["prepare", "sample"], '"sample" is one argument too many.'],
    [["trian"], 'There is no command "trian": did you mean "train"?'],
    [
      ["constructor"],
      'There is no command "constructor": take one of prepare, train, evaluate, compare, predict, rerun, explain, search, log, features, export, doctor.',
    ],
  ])("%j", async (args, sentence) => {
    const ended = await run(args);
    const hint = "`movie-revenue COMMAND --help` shows how it is used.";
    expect(said(ended)).toEqual([`movie-revenue: ${sentence}`, hint]);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
  });
});

describe("a full disk", () => {
  // a tmpfs of 64 KiB, less than one decoded poster, in a mount namespace of its own, which ends with the process
  const mountTiny = `mount -t tmpfs -o size=64k tiny "$MOVIE_REVENUE_CACHE" && exec "$0" "$@"`;
  const inNamespace = (cache: string, ...args: string[]) =>
    spawnSync("unshare", ["-m", "sh", "-c", mountTiny, ...args], {
      encoding: "utf8",
      env: { ...process.env, MOVIE_REVENUE_CACHE: cache },
    });
  const canMount = inNamespace("/mnt", "true").status === 0;

  it.skipIf(!canMount)("is said in one sentence that names the cache", async () => {
    const cache = join(folder, "tiny");
    await mkdir(cache);
    const data = join(folder, "films.parquet");
    const { status, stdout, stderr } = inNamespace(cache, process.execPath, bin, "prepare", "--data", data);
    expect(said({ code: status, stdout, stderr })).toEqual([
      `movie-revenue: No disk space is left for the cache in ${cache}/pixels-v1-224x224: ` +
        "free some, or choose another place with MOVIE_REVENUE_CACHE.",
    ]);
    expect([status, stdout]).toEqual([1, ""]);
  });
});

describe("help", () => {
  it.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j names every command", async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stderr]).toEqual([0, ""]);
    for (const [name, { summary }] of Object.entries(COMMANDS))
      expect(stdout).toContain(`${name.padEnd(10)}${summary}`);
  });

  it.concurrent.each(Object.keys(COMMANDS))("%s --help names every option", async (name) => {
    const { code, stdout, stderr } = await run([name, "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    const { options, positionals = [] } = COMMANDS[name]!;
    expect(stdout.startsWith(`movie-revenue ${name}`)).toBe(true);
    for (const option of Object.keys(options)) expect(stdout).toMatch(new RegExp(`--${option}\\b`));
    for (const positional of positionals) expect(stdout).toContain(positional);
    // and no option that there is none of
    const named = [...stdout.matchAll(/--([a-z]+)/g)].map(([, option]) => option!);
    expect(Object.keys(options)).toEqual(expect.arrayContaining(named));
  });

  it("--version is the package's", async () => {
    const { version } = JSON.parse(await readFile(new URL("../lib/package.json", import.meta.url), "utf8"));
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it.skipIf(process.platform === "win32")("whose reader has gone ends quietly", () => {
    const piped = `{ "$0" "$1" prepare --help; echo "ended with $?" >&2; } | true`;
    const { stderr } = spawnSync("sh", ["-c", piped, process.execPath, bin], { encoding: "utf8" });
    expect(stderr).toBe("ended with 0\n");
  });
});

describe("results go to stdout and files, progress to stderr:", () => {
  const json = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));

  it("prepare --json keeps its contract", async () => {
    const { code, stdout, stderr } = await run([
      "prepare",
      "--data",
      "DIR/films.parquet",
      "--json",
      "DIR/prepare.json",
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^rows +10\n.*\nfingerprint [0-9a-f]{64}\n$/s);
    expect(stderr).toMatch(/^reading rows 10\/10 100%.*\ndecoding posters 10\/10 100%.*\n$/);
    const summary = await json("prepare.json");
    // DESIGN.md, and beside it the reasons of the filter and the leak audit
    const contract = "source rows invalid aboveThreshold films duplicates splits fingerprint".split(" ");
    expect(Object.keys(summary).sort()).toEqual([...contract, "dropped", "leaks", "sharedPosters"].sort());
    expect(summary).toMatchObject({
      source: join(folder, "films.parquet"),
      rows: 10,
      invalid: [],
      aboveThreshold: 10,
      films: 10,
      duplicates: { sameBytes: 0, samePicture: 0, otherArtwork: 0 },
      // ⌈.1 · 10⌉ = 1 for the test, ⌈.1 · 9⌉ = 1 for validation
      splits: { train: 8, validation: 1, test: 1 },
    });
    expect(stdout).toContain(`fingerprint ${summary.fingerprint}\n`);
  });

  it("evaluate without --data leaves the judgement, its report and its card in the run folder", async () => {
    await handmadeRun("judged", { data: inFolder("DIR/films.parquet"), splits: { test: [9, 10] } });
    expect((await run(["evaluate", "--run", "judged"])).code).toBe(0);
    const made = ["README.md", "analysis.json", "evaluation.json", "predictions.csv", "report.html"];
    expect(await readdir(join(folder, "runs/judged"))).toEqual(expect.arrayContaining(made));
  });

  it("evaluate writes evaluation and predictions where it is told to", async () => {
    const files = ["--json", "DIR/deep/evaluation.json", "--predictions", "DIR/deep/predictions.csv"];
    const ended = await run(["evaluate", "--run", "good", "--data", "DIR/films.parquet", ...files]);
    expect(ended.code).toBe(0);
    expect(said(ended)).toEqual([
      "8 films were left out: the run was trained or validated on them.",
      'There is no baseline "year": no training film has a year.',
      'There is no baseline "genre": no training film has a genre.',
      `There is no baseline "colours": the training posters' colours were not given.`,
    ]);
    expect(ended.stdout).toMatch(/^2 films; 95 % bootstrap intervals in brackets\n/);
    expect(ended.stdout).not.toMatch(/posters\/s|left out/);
    const evaluation = await json("deep/evaluation.json");
    const contract = "n trainMeanLog10 model baselines intervals byBracket".split(" ");
    expect(Object.keys(evaluation)).toEqual(expect.arrayContaining(contract));
    expect(Object.keys(evaluation.model)).toEqual(
      expect.arrayContaining("mse mae r2 within25 within50 medianError medianSplit ci95".split(" ")),
    );
    expect(Object.keys(evaluation.intervals)).toEqual(["level", "coverage", "medianWidthLog10"]);
    expect(Object.keys(evaluation.byBracket)).toEqual(["low", "medium", "high"]);
    // the residuals of a run made by hand: ± .4
    expect(evaluation).toMatchObject({ n: 2, trainMeanLog10: 7.5 });
    expect(evaluation.intervals.medianWidthLog10).toBeCloseTo(0.8, 10);
    const [head, ...rows] = (await readFile(join(folder, "deep/predictions.csv"), "utf8")).trim().split("\r\n");
    expect(head).toBe("id,title,split,actual,predicted,low,high");
    // revenue is 11 M + 5 M for each film before
    expect(rows.map((row) => row.split(",").slice(0, 4).join())).toEqual([
      "9,Film 9,test,51000000",
      "10,Film 10,test,56000000",
    ]);
    for (const row of rows) {
      const [predicted, low, high] = row.split(",").slice(4).map(Number) as [number, number, number];
      expect(Math.log10(high / predicted)).toBeCloseTo(0.4, 6);
      expect(Math.log10(predicted / low)).toBeCloseTo(0.4, 6);
    }
  });

  it("predict writes the ranking", async () => {
    const ended = await run([...predict, "--json", "DIR/predict.json"]);
    expect([ended.code, said(ended)]).toEqual([0, []]);
    const predicted = await json("predict.json");
    expect(Object.keys(predicted).sort()).toEqual(
      ["factless", "inexact", "intervals", "ranked", "skipped", "summary", "unlabelled", "unmatched"].sort(),
    );
    const dollars = predicted.ranked.map((film: { predicted: number }) => film.predicted);
    expect(dollars).toEqual([...dollars].sort((a, b) => b - a));
    const lines = ended.stdout.trim().split("\n").slice(2);
    expect(lines.map((line) => line.trim().split(/\s+/).at(-1))).toEqual(
      predicted.ranked.map(({ file }: { file: string }) => file),
    );
  });

  it("features writes a safetensors file", async () => {
    const ended = await run(features);
    expect([ended.code, said(ended)]).toEqual([0, []]);
    expect(ended.stdout).toBe(`${join(folder, "f.safetensors")}: features [3, 1280]\n`);
    const { tensors, metadata } = await readSafetensors(join(folder, "f.safetensors"));
    expect(tensors.features!.shape).toEqual([3, 1280]);
    expect(JSON.parse(metadata.names!)).toEqual(["1.jpg", "2.jpg", "3.jpg"]);
  });

  it("doctor ends with 0 where all is there, else with 1", async () => {
    const { code, stdout } = await run(["doctor"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ node +\d+\.\d+\.\d+\n✓ engine +native, TensorFlow /);
    const asked = await run(["doctor"], { MOVIE_REVENUE_ENGINE: "wasm" });
    expect(asked.code).toBe(1);
    expect(asked.stdout).toMatch(
      /✗ engine +wasm, TensorFlow\.js .*: MOVIE_REVENUE_ENGINE asks for wasm\n +→ leave MOVIE_REVENUE_ENGINE out/,
    );
  });
});
