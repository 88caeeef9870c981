// Do intervals hold as often as they say, wherever a prediction lies? node scripts/intervals.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { runScript, writeTable } from "./readme.mjs";

const require = createRequire(import.meta.url);
const { ablatedRows, CURVE_ROWS, formatNumber, formatPercent, markdownTable, UserError } = require("movie-revenue");
const { crossValidateRow } = require("movie-revenue/ablation");
const { parseArguments } = require("movie-revenue/commands/arguments");
const { checkIntervals } = require("movie-revenue/evaluation/interval-check");

const help = `node scripts/intervals.mjs --data SRC [--run NAME] [--markdown]

How often 80 % intervals hold, of constant width and scaled by how hard a prediction is, on the held-out films of the presets
posters and fused, as scripts/ablation.mjs has kept them.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation)
  --markdown     writes the table into docs/results.md, between its intervals markers`;

const text = { type: "string" };
const options = { data: text, run: text, markdown: { type: "boolean" }, help: { type: "boolean" } };

await runScript("intervals", async () => {
  const { values } = parseArguments(process.argv.slice(2), { options });
  if (values.help) return console.log(help);
  const { run = "ablation", data } = values;
  const kept = ablatedRows(run, CURVE_ROWS, { data });
  if (kept.length === 0) {
    throw new UserError(`No preset is cross-validated in ${run}: run node scripts/ablation.mjs --data SRC first.`);
  }
  const rows = [];
  for (const row of kept) {
    for (const check of checkIntervals(await crossValidateRow(run, row, { data }))) rows.push(rowOf(row.name, check));
  }
  const table = markdownTable(rows);
  console.log(table);
  if (values.markdown) writeTable("intervals", table);
});

function rowOf(preset, { intervals, all, byPredicted, byActual, score }) {
  const thirds = (by) => ["low", "middle", "high"].map((third) => formatPercent(by[third]?.coverage)).join(", ");
  return {
    ...{ preset, intervals, holds: formatPercent(all.coverage) },
    "predicted low, middle, high": thirds(byPredicted),
    "earned low, middle, high": thirds(byActual),
    "median width (log10 $)": formatNumber(all.medianWidthLog10),
    "interval score": formatNumber(score),
  };
}
