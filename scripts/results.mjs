// Writes the results of trained runs into README.md, between its markers: node scripts/results.mjs RUN…
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { runScript, writeReadme } from "./readme.mjs";

const require = createRequire(import.meta.url);
const { formatCount, formatPercent, formatWithInterval, markdownTable, runNamed } = require("movie-revenue");
const runs = process.argv.slice(2);

/** The columns, with a text for the model or a baseline in each. */
const METRICS = {
  "MSE of log10 $": ({ mse, ci95 }) => formatWithInterval(mse, ci95.mse),
  "model's less this": (_, difference) => (difference ? formatWithInterval(difference.mse, difference.ci95) : ""),
  "R²": ({ r2, ci95 }) => formatWithInterval(r2, ci95.r2),
  "within 25 %": ({ within25, ci95 }) => formatWithInterval(within25, ci95.within25, percent),
  "within 50 %": ({ within50, ci95 }) => formatWithInterval(within50, ci95.within50, percent),
  "median split": ({ medianSplit, ci95 }) => formatWithInterval(medianSplit.accuracy, ci95.accuracy, percent),
};

if (runs.length === 0 || runs.includes("--help")) {
  console.log(
    "node scripts/results.mjs RUN…\n\nWrites the results of trained runs into README.md, between its markers.",
  );
} else {
  await runScript("results", () => writeReadme("results", markdownTable(runs.flatMap(rowsOf))));
}

/** A row for the model and one for each baseline, with 95 % intervals. */
function rowsOf(name) {
  const { model, baselines, differences, n } = JSON.parse(readFileSync(runNamed(name).file("evaluation.json"), "utf8"));
  const { median: _, ...rivals } = baselines;
  return Object.entries({ model, ...rivals }).map(([who, metrics], i) => ({
    run: i ? "" : name,
    "test films": i ? "" : formatCount(n),
    "": who,
    ...Object.fromEntries(Object.entries(METRICS).map(([title, show]) => [title, show(metrics, differences[who])])),
  }));
}

function percent(value) {
  return formatPercent(value);
}
