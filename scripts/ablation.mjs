// What each choice adds, by cross-validation: node scripts/ablation.mjs --data SRC (see --help)
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const require = createRequire(import.meta.url);
const { formatCount, formatNumber, makeConfig, runNamed, UserError } = require("movie-revenue");
const { crossValidate } = require("movie-revenue/crossvalidate");
const { bootstrap, lossDifference, meanOf, wholeSample } = require("movie-revenue/evaluation/bootstrap");
const { interruptSignal, terminalProgress } = require("movie-revenue/terminal");

const help = `node scripts/ablation.mjs --data SRC [--run NAME] [--only NAME…] [--done] [--markdown]

Five-fold cross-validation of training and validation films for each row of the table; test films stay unseen. Folds are
kept in checkpoints/NAME, and an interrupted table goes on where it was.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation)
  --only NAME    a row, by its name; may be repeated
  --done         only the rows that are finished
  --markdown     writes the table into README.md, between its ablation markers`;

const FOLDS = 5;

const network = ["model.kind=network", "training.teacher=0"];
const plain = [
  ...network,
  "model.pooling=mean",
  "model.width=224",
  "model.height=224",
  "model.scaling=imagenet",
  "model.mirror=false",
];
const style = [...network, "model.standardise=true"];

/** Each row: its name, preset, settings beside it, the row it is compared with, and how many of the five folds it takes. */
const ROWS = [
  { name: "head on mean features, 224 × 224", preset: "posters", set: plain },
  {
    name: "… with the scaling of Lite0's training",
    preset: "posters",
    set: [...plain, "model.scaling=symmetric"],
    beside: 0,
  },
  {
    name: "… in the poster's own shape",
    preset: "posters",
    set: [...network, "model.pooling=mean", "model.mirror=false"],
    beside: 1,
  },
  { name: "… mirrored too", preset: "posters", set: [...network, "model.pooling=mean"], beside: 2 },
  { name: "… statistics of every stage", preset: "posters", set: style, beside: 3 },
  { name: "… taught by the film's facts", preset: "posters", set: [...style, "training.teacher=0.65"], beside: 4 },
  {
    name: "… Huber loss",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=huber"],
    beside: 5,
  },
  {
    name: "… Gaussian likelihood",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=gaussian"],
    beside: 5,
  },
  {
    name: "… quantile loss",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=quantile"],
    beside: 5,
  },
  {
    name: "… ordinal bins",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.loss.name=ordinal"],
    beside: 5,
  },
  {
    name: "… balanced by sampling",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.balance.by=sampler"],
    beside: 5,
  },
  {
    name: "… balanced by weights",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.balance.by=weights"],
    beside: 5,
  },
  {
    name: "… easy films first",
    preset: "posters",
    set: [...style, "training.teacher=0.65", "training.curriculum.start=0.4"],
    beside: 5,
  },
  { name: "kernel ridge on statistics (preset posters)", preset: "posters", set: [], beside: 5 },
  { name: "… without the teacher", preset: "posters", set: ["training.teacher=0"], beside: 13 },
  { name: "… without mirroring", preset: "posters", set: ["model.mirror=false"], beside: 13 },
  { name: "… by ImageNet's scaling", preset: "posters", set: ["model.scaling=imagenet"], beside: 13 },
  { name: "… on mean features", preset: "posters", set: ["model.pooling=mean"], beside: 13 },
  { name: "poster and facts (preset fused)", preset: "fused", set: [], beside: 13 },
  { name: "… without the poster", preset: "fused", set: ['model.without=["poster"]'], beside: 18 },
  { name: "… without the text", preset: "fused", set: ['model.without=["text"]'], beside: 18 },
  { name: "… without the franchise", preset: "fused", set: ['model.without=["franchise"]'], beside: 18 },
  { name: "… without the budget", preset: "fused", set: ['model.without=["budget"]'], beside: 18 },
];

try {
  await main();
} catch (thrown) {
  if (!(thrown instanceof UserError)) throw thrown;
  console.error(`ablation: ${thrown.message}`);
  process.exitCode = thrown.exitCode;
}

async function main() {
  const text = { type: "string" };
  const { values } = parseArgs({
    options: {
      data: text,
      run: text,
      only: { ...text, multiple: true },
      done: { type: "boolean" },
      markdown: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(help);
  const named = ROWS.filter(({ name }) => !values.only || values.only.includes(name));
  const rows = named.filter((row) => !values.done || existsSync(join(placeOf(row, values), `fold-${FOLDS - 1}.json`)));
  const started = performance.now();
  const results = new Map();
  for (const [i, row] of rows.entries()) {
    const films = await judge(row, values);
    results.set(row.name, films);
    const left = ((performance.now() - started) / (i + 1) / 1000) * (rows.length - i - 1);
    console.error(
      `row ${i + 1}/${rows.length} · ${row.name} · R² ${formatNumber(r2Of(films))} · ${Math.ceil(left / 60)} min left`,
    );
  }
  const table = markdown(rows, results);
  console.log(table);
  if (values.markdown) writeReadme(table);
}

/** What a row makes of every held-out film, by id. */
async function judge(row, values) {
  const films = await crossValidate(placeOf(row, values), configOf(row, values), {
    folds: FOLDS,
    onProgress: terminalProgress(),
    signal: interruptSignal(),
  });
  return films.sort((a, b) => a.id - b.id);
}

function configOf({ preset, set }, { data }) {
  return makeConfig({ preset, data, set });
}

/** The folder of a row's folds, one for each configuration. */
function placeOf(row, values) {
  const key = createHash("sha256")
    .update(JSON.stringify(configOf(row, values)))
    .digest("hex")
    .slice(0, 12);
  return join(runNamed(values.run ?? "ablation").folder, key);
}

function errorsOf(films) {
  return Float64Array.from(films, ({ actual, predicted }) => Math.log10(predicted / actual) ** 2);
}

function spreadOf(films) {
  return Float64Array.from(films, ({ actual, trainMeanLog10 }) => (Math.log10(actual) - trainMeanLog10) ** 2);
}

function r2(films) {
  const [error, spread] = [meanOf(errorsOf(films)), meanOf(spreadOf(films))];
  return (sample) => 1 - error(sample) / spread(sample);
}

function r2Of(films) {
  return r2(films)(wholeSample(films.length));
}

function markdown(rows, results) {
  const lines = rows.map((row) => {
    const films = results.get(row.name);
    const { ci } = bootstrap(films.length, { ci: r2(films) });
    const other = row.beside === undefined ? undefined : results.get(ROWS[row.beside].name);
    const mse = errorsOf(films).reduce((sum, error) => sum + error, 0) / films.length;
    return [
      ROWS.indexOf(row) + 1,
      row.name,
      formatNumber(mse, 4),
      `${formatNumber(r2Of(films))} [${ci.map((end) => formatNumber(end)).join(", ")}]`,
      ...beside(row, films, other),
    ];
  });
  const head = ["", `${formatCount(results.values().next().value.length)} films`, "MSE", "R²", "MSE less that of", ""];
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The paired difference to another row, with its interval. */
function beside(row, films, other) {
  if (!other) return ["", ""];
  const { difference, ci95 } = lossDifference(errorsOf(films), errorsOf(other));
  return [
    `row ${row.beside + 1}`,
    `${formatNumber(difference, 4)} [${ci95.map((end) => formatNumber(end, 4)).join(", ")}]`,
  ];
}

function writeReadme(table) {
  const readme = join(dirname(fileURLToPath(import.meta.url)), "../README.md");
  const marker = /(<!-- ablation -->\n)[\s\S]*?(<!-- \/ablation -->)/;
  const before = readFileSync(readme, "utf8");
  if (!marker.test(before)) throw new UserError(`${readme} has lost its <!-- ablation --> markers: put them back.`);
  writeFileSync(
    readme,
    before.replace(marker, (_, open, close) => `${open}${table}\n${close}`),
  );
}
