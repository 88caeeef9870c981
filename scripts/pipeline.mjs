// The main job: `npm run pipeline`. Every notebook in order, by the TypeScript kernel; executed copies go to the run's folder.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const { cacheFolder, makeConfig, runNamed, startRun, UserError, UsageError } = require("movie-revenue");
const { openSource } = require("movie-revenue/catalogue/open");
const { parseArguments } = require("movie-revenue/commands/arguments");
const { imageFiles } = require("movie-revenue/predict");

/** Few enough for an epoch of the original recipe in half a minute on two cores. */
const FILMS_OF_THE_RECIPE = 64;

const help = `npm run pipeline -- [--preset P] [--data SRC] [--run NAME] [--resume] [--set key=value]…

  --preset P       sample (default): the embedded sample, a head on a frozen backbone
                   posters: the films of the hub, or of --data, a kernel on the poster alone
                   fused: the same films, the poster and the film's facts together
                   paper: the same films, the original recipe (ResNet50, every layer); hours without a GPU
                   quick: 64 films; 10M, 50M, 1M-modern: which films; several joined by commas, as paper,quick
  --data SRC       a parquet file or a folder of them, a folder of images with facts, sample, or hub:owner/name
  --run NAME       the folder in checkpoints (default: the preset's name)
  --set key=value  changes one setting, as training.maxEpochs=5; may be repeated
  --resume         goes on with the run instead of setting it aside
  --posters F      a folder of posters for notebooks 06 and 10 (default: the latest test films)
  --labels FILE    their titles and revenue, as JSON

Notebook 07 trains one epoch of the original recipe on ${FILMS_OF_THE_RECIPE} films of the same data, with random weights, into the run
NAME-recipe; notebook 08 tries a few choices on 64 films, and keeps their folds in ablation-few. Both take --data, and no other
option.`;

const text = { type: "string" };
const options = {
  preset: text,
  data: text,
  run: text,
  set: { type: "string", multiple: true },
  resume: { type: "boolean" },
  posters: text,
  labels: text,
};

/** Paths are meant from where the user stands; npm moves to the project's root. */
const here = (path) => (path ? resolve(process.env.INIT_CWD ?? process.cwd(), path) : "");
const source = (data) => (!data || data === "sample" || data.startsWith("hub:") ? (data ?? "") : here(data));

try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof UserError)) throw thrown;
  console.error(`pipeline: ${thrown.message}`);
  if (thrown instanceof UsageError) console.error("`npm run pipeline -- --help` shows the options.");
  process.exitCode = thrown.exitCode;
}

async function main() {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) return console.log(help) ?? 0;
  const { values } = parseArguments(args, { options });
  const preset = values.preset ?? "sample";
  const data = source(values.data);
  const settings = values.set ?? [];
  const run = runNamed(values.run ?? preset.replaceAll(",", "-"));
  const config = makeConfig({ preset, data, set: settings });
  const posters = { posters: here(values.posters), labels: here(values.labels) };
  await refuseMissing(config.data.source, posters);
  if (!values.resume) {
    const { setAside } = await startRun(run, config);
    if (setAside) console.error(`pipeline: an earlier run of that name was set aside in ${setAside}`);
  }
  const what = { preset, data, settings };
  const notebooks = {
    "01-filter-and-dedupe": what,
    "02-log10-and-split": what,
    "03-posters-to-tensors": what,
    // the run's folder is new, or is meant to go on
    "04-train": { ...what, run: run.name, resume: true },
    "05-analyse": { run: run.name },
    "06-predict": { run: run.name, ...posters },
    "07-original-recipe": { data: config.data.source, run: `${run.name}-recipe`, films: FILMS_OF_THE_RECIPE },
    "08-what-helps": { data: config.data.source },
    "09-what-the-model-sees": { run: run.name, ...posters },
    "10-your-own-posters": { run: run.name, ...posters },
    "11-explore": what,
  };
  mkdirSync(join(run.folder, "notebooks"), { recursive: true });
  const startedAt = Date.now();
  for (const [name, parameters] of Object.entries(notebooks)) {
    const code = await execute(name, parameters, run.folder);
    if (code !== 0) return code;
  }
  console.log(`Done in ${Math.round((Date.now() - startedAt) / 1000)} s: ${run.folder}`);
  return 0;
}

/** What is not there is said now: not by a notebook minutes later, with an earlier run set aside already. */
async function refuseMissing(data, { posters, labels }) {
  if (!data.startsWith("hub:")) await openSource(data, { cache: cacheFolder() });
  if (posters) await imageFiles(posters);
  if (labels && !existsSync(labels)) throw new UserError(`There is no file ${labels}.`);
}

/** Runs one notebook; its exit code. */
function execute(name, parameters, folder) {
  const notebook = join(root, "notebooks", `${name}.ipynb`);
  const executed = join(folder, "notebooks", `${name}.ipynb`);
  const args = [join(root, "jupyter/run.py"), notebook, executed, "--parameters", JSON.stringify(parameters)];
  const child = spawn(join(root, ".venv/bin/python"), args, { stdio: ["ignore", "inherit", "inherit"] });
  // Ctrl-C reaches the runner by itself; this program waits for it to end the notebook
  const wait = () => {};
  process.on("SIGINT", wait);
  const forward = () => child.kill("SIGINT");
  process.on("SIGTERM", forward);
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("exit", (code) => {
      process.off("SIGINT", wait);
      process.off("SIGTERM", forward);
      done(code ?? 1);
    });
  });
}
