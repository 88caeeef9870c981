// Writes the results of trained runs into README.md, between its markers: node scripts/results.mjs RUN…
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { formatCount, formatNumber, formatPercent, runNamed } = require("movie-revenue");
const runs = process.argv.slice(2);
const marker = /(<!-- results -->\n)[\s\S]*?(<!-- \/results -->)/;
const readme = join(dirname(fileURLToPath(import.meta.url)), "../README.md");

if (runs.length === 0 || runs.includes("--help")) {
  console.log(
    "node scripts/results.mjs RUN…\n\nWrites the results of trained runs into README.md, between its markers.",
  );
} else {
  const head = [
    "run",
    "test films",
    "",
    "MSE of log10 $",
    "model's less this",
    "R²",
    "within 25 %",
    "within 50 %",
    "median split",
  ];
  const lines = [head, head.map(() => "---"), ...runs.flatMap(rowsOf)].map((cells) => `| ${cells.join(" | ")} |`);
  const text = readFileSync(readme, "utf8");
  if (!marker.test(text)) throw new Error(`${readme} has lost its <!-- results --> markers.`);
  writeFileSync(
    readme,
    text.replace(marker, (_, open, close) => `${open}${lines.join("\n")}\n${close}`),
  );
}

/** A row for the model and one for each baseline, with 95 % intervals. */
function rowsOf(name) {
  const { model, baselines, differences, n } = JSON.parse(readFileSync(runNamed(name).file("evaluation.json"), "utf8"));
  const { median: _, ...rivals } = baselines;
  const rows = Object.entries({ model, ...rivals });
  return rows.map(([who, metrics], i) => {
    const difference = differences[who];
    return [
      ...(i ? ["", ""] : [name, formatCount(n)]),
      who,
      ...cellsOf(metrics).toSpliced(1, 0, difference ? cell(difference.mse, difference.ci95, formatNumber) : ""),
    ];
  });
}

/** A value and, where there is one, its interval. */
function cell(value, ends, show) {
  return `${show(value)}${ends ? ` [${show(ends[0])}, ${show(ends[1])}]` : ""}`;
}

function cellsOf({ mse, r2, within25, within50, medianSplit, ci95 }) {
  return [
    cell(mse, ci95.mse, formatNumber),
    cell(r2, ci95.r2, formatNumber),
    cell(within25, ci95.within25, formatPercent),
    cell(within50, ci95.within50, formatPercent),
    cell(medianSplit.accuracy, ci95.accuracy, formatPercent),
  ];
}
