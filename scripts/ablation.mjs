// What each choice adds, by cross-validation: node scripts/ablation.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { runScript, writeTable } from "./readme.mjs";

const require = createRequire(import.meta.url);
const { ABLATION_COLUMNS, ablationRows, formatCount, formatNumber, markdownTable } = require("movie-revenue");
const { ablate, ablatedRows } = require("movie-revenue/studies/ablation");
const { ABLATION, FROZEN_ROWS, MEANS, rowsNamed } = require("movie-revenue/studies/ablation/rows");
const { parseArguments } = require("movie-revenue/commands/arguments");
const { interruptSignal, terminalProgress } = require("movie-revenue/system/terminal");

const help = `node scripts/ablation.mjs --data SRC [--run NAME] [--only NAME…] [--done] [--markdown]

Five-fold cross-validation of training and validation films for each row of the table; test films stay unseen. Folds are
kept in checkpoints/NAME, and an interrupted table goes on where it was.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation)
  --only NAME    a row, by its name; may be repeated. Rows that fine-tune the backbone take hours, and are run so alone
  --done         only the rows that are finished
  --markdown     writes the table into docs/results.md, between its ablation markers`;

const text = { type: "string" };
const flag = { type: "boolean" };
const options = { data: text, run: text, only: { ...text, multiple: true }, done: flag, markdown: flag, help: flag };

await runScript("ablation", main);

async function main() {
  const { values } = parseArguments(process.argv.slice(2), { options });
  if (values.help) return console.log(help);
  const { run = "ablation", data } = values;
  const named = values.only && rowsNamed(values.only);
  const rows = values.done ? ablatedRows(run, named ?? ABLATION, { data }) : (named ?? FROZEN_ROWS);
  const started = performance.now();
  const table = await ablate(run, rows, {
    means: MEANS,
    ...{ data, onProgress: terminalProgress(), signal: interruptSignal() },
    onRow({ name, r2 }, done, of) {
      const left = ((performance.now() - started) / done / 60_000) * (of - done);
      console.error(`row ${done}/${of} · ${name} · R² ${formatNumber(r2)} · ${Math.ceil(left)} min left`);
    },
  });
  const columns = { ...ABLATION_COLUMNS, name: { title: `${formatCount(table[0]?.n ?? 0)} films` } };
  const markdown = markdownTable(ablationRows(table), columns);
  console.log(markdown);
  if (values.markdown) writeTable("ablation", markdown);
}
