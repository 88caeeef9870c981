// What the scripts that look at held-out films of the ablation share.
import { createRequire } from "node:module";
import { runScript, writeTable } from "./readme.mjs";

const require = createRequire(import.meta.url);
const { ablatedRows, CURVE_ROWS, markdownTable, UserError } = require("movie-revenue");
const { crossValidateRow } = require("movie-revenue/studies/ablation");
const { parseArguments } = require("movie-revenue/commands/arguments");

const text = { type: "string" };
const options = { data: text, run: text, markdown: { type: "boolean" }, help: { type: "boolean" } };

/**
 * Prints a table of what scripts/ablation.mjs has kept of some of its rows, the presets posters and fused unless others are
 * given, and with --markdown writes it between the markers of that name. `rowsOf` is given each row's name and films, and
 * where to look: `run` and `data`.
 */
export async function writeTableOfPresets(name, help, rowsOf, rows = CURVE_ROWS) {
  await runScript(name, async () => {
    const { values } = parseArguments(process.argv.slice(2), { options });
    if (values.help) return console.log(help);
    const { run = "ablation", data } = values;
    const kept = ablatedRows(run, rows, { data });
    if (kept.length === 0) {
      const names = rows.map(({ name }) => `"${name}"`).join(", ");
      throw new UserError(
        `None of ${names} is cross-validated in ${run}: run node scripts/ablation.mjs --data SRC first.`,
      );
    }
    const presets = [];
    for (const row of kept) presets.push({ name: row.name, films: await crossValidateRow(run, row, { data }) });
    const table = markdownTable(await rowsOf(presets, { run, data }));
    console.log(table);
    if (values.markdown) writeTable(name, table);
  });
}
