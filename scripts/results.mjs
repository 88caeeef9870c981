// Writes the results of trained runs into docs/results.md, and their sum into README.md: node scripts/results.mjs RUN…
import { createRequire } from "node:module";
import { runScript, writeTable } from "./readme.mjs";

const require = createRequire(import.meta.url);
const { describeMetrics, formatCount, formatWithInterval, judgedRun, markdownTable } = require("movie-revenue");
const { formatPercent } = require("movie-revenue/reporting/format");
const runs = process.argv.slice(2);
/** Whose rows README.md shows: what needs no model, what needs no network, and what no poster shows. */
const SUMMARY = ["model", "mean", "colours", "metadata+budget"];

/** Of the films, those whose revenue lies in their 80 % interval. */
const HOLDS = "80 % intervals hold";

if (runs.length === 0 || runs.includes("--help")) {
  console.log(
    "node scripts/results.mjs RUN…\n\nWrites the results of trained runs into docs/results.md, and their sum into README.md.",
  );
} else {
  await runScript("results", async () => {
    const rows = [];
    for (const run of runs) rows.push(...(await rowsOf(run)));
    writeTable("results", markdownTable(rows));
    const summary = rows.filter((row) => SUMMARY.includes(row[""])).map(({ [HOLDS]: _, ...row }) => row);
    writeTable("summary", markdownTable(summary));
  });
}

/** A row for the model and one for each baseline, with 95 % intervals. */
async function rowsOf(name) {
  const { evaluation } = await judgedRun(name);
  const { median: _, ...rivals } = evaluation.baselines;
  return Object.entries({ model: evaluation.model, ...rivals }).map(([who, metrics], i) => {
    const { "MSE (log10 $)": mse, "median error": _, ...others } = describeMetrics(metrics);
    const difference = evaluation.differences[who];
    return {
      ...{ run: i ? "" : name, "test films": i ? "" : formatCount(evaluation.n), "": who, "MSE (log10 $)": mse },
      "model's less this": difference ? formatWithInterval(difference.mse, difference.ci95) : "",
      ...others,
      [HOLDS]: i ? "" : formatPercent(evaluation.intervals.coverage),
    };
  });
}
