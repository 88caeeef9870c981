// Would more films help? node scripts/learning-curve.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { runScript, writeTable } from "./readme.mjs";

const require = createRequire(import.meta.url);
const { CURVE_COLUMNS, CURVE_ROWS, curveRows, formatCount, formatNumber, learningCurves } = require("movie-revenue");
const { learningCurveFigure, curveTable, markdownTable, rowsNamed, runNamed } = require("movie-revenue");
const { parseArguments } = require("movie-revenue/commands/arguments");
const { writeFileAtomic } = require("movie-revenue/system/files");
const { reportPage } = require("movie-revenue/reporting/page");
const { interruptSignal, terminalProgress } = require("movie-revenue/system/terminal");

const help = `node scripts/learning-curve.mjs --data SRC [--run NAME] [--only NAME…] [--markdown]

Five-fold cross-validation of training and validation films by the presets posters and fused, learning from 200, 400, 800,
1,600 and all films of each fold; test films stay unseen. Folds are kept in checkpoints/NAME, and an interrupted curve goes
on where it was. Leaves the figure as learning-curve.html in that folder.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation, whose folds are those of all films)
  --only NAME    a row of the ablation instead of the presets', by its name; may be repeated
  --markdown     writes the table into docs/results.md, between its curve markers`;

const text = { type: "string" };
const flag = { type: "boolean" };
const options = { data: text, run: text, only: { ...text, multiple: true }, markdown: flag, help: flag };

await runScript("learning-curve", async () => {
  const { values } = parseArguments(process.argv.slice(2), { options });
  if (values.help) return console.log(help);
  const run = runNamed(values.run ?? "ablation");
  const rows = values.only ? rowsNamed(values.only) : CURVE_ROWS;
  const curves = await learningCurves(run.name, rows, {
    ...{ data: values.data, onProgress: terminalProgress(), signal: interruptSignal() },
    onPoint: (name, { learntFrom, mse }) =>
      console.error(`${name} · learnt from ${formatCount(learntFrom)} films · MSE ${formatNumber(mse, 4)}`),
  });
  const page = `${run.folder}/learning-curve.html`;
  const sections = [
    { heading: "Error by films learnt from", views: [learningCurveFigure(curves), curveTable(curves)] },
  ];
  await writeFileAtomic(page, await reportPage({ title: "Would more films help?", sections }));
  const table = markdownTable(curveRows(curves), CURVE_COLUMNS);
  console.log(`${table}\n\n${page}`);
  if (values.markdown) writeTable("curve", table);
});
