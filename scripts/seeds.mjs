// How far trained numbers move with their seed: node scripts/seeds.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { runScript, writeTable } from "./readme.mjs";

const require = createRequire(import.meta.url);
const { formatNumber, markdownTable, SEED_COLUMNS, SEED_ROWS, seedRows, spreadOfSeeds } = require("movie-revenue");
const { parseArguments } = require("movie-revenue/commands/arguments");
const { wholeNumber } = require("movie-revenue/commands/shared");
const { interruptSignal, terminalProgress } = require("movie-revenue/system/terminal");

const help = `node scripts/seeds.mjs --data SRC [--run NAME] [--seeds N] [--folds N] [--markdown]

Cross-validates training and validation films from several seeds; test films stay unseen. A head draws its weights,
batches and dropout; a kernel draws nothing but its teacher's trees, so there the films that are held out together are
drawn anew too. Folds are kept in checkpoints/NAME, and an interrupted table goes on where it was.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation, whose folds are those of the first seed)
  --seeds N      how many seeds (default: 5)
  --folds N      parts that the films are cut into (default: 5)
  --markdown     writes the table into docs/results.md, between its seeds markers`;

const text = { type: "string" };
const flag = { type: "boolean" };
const options = { data: text, run: text, seeds: text, folds: text, markdown: flag, help: flag };

await runScript("seeds", async () => {
  const { values } = parseArguments(process.argv.slice(2), { options });
  if (values.help) return console.log(help);
  const seeds = Array.from({ length: wholeNumber(values, "seeds") ?? 5 }, (_, i) => 42 + i);
  const started = performance.now();
  const total = SEED_ROWS.length * seeds.length;
  const spreads = await spreadOfSeeds(values.run ?? "ablation", SEED_ROWS, {
    ...{ data: values.data, seeds, folds: wholeNumber(values, "folds") },
    ...{ onProgress: terminalProgress(), signal: interruptSignal() },
    onSeed({ name }, { r2 }, done) {
      const left = ((performance.now() - started) / done / 60_000) * (total - done);
      console.error(`${done}/${total} · ${name} · R² ${formatNumber(r2)} · ${Math.ceil(left)} min left`);
    },
  });
  const table = markdownTable(seedRows(spreads), SEED_COLUMNS);
  console.log(table);
  if (values.markdown) writeTable("seeds", table);
});
