// Do intervals hold as often as they say, wherever a prediction lies? node scripts/intervals.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { writeTableOfPresets } from "./presets.mjs";

const require = createRequire(import.meta.url);
const { formatNumber, formatPercent } = require("movie-revenue");
const { checkIntervals } = require("movie-revenue/evaluation/interval-check");

const help = `node scripts/intervals.mjs --data SRC [--run NAME] [--markdown]

How often 80 % intervals hold, of constant width and scaled by how hard a prediction is, on the held-out films of the presets
posters and fused, as scripts/ablation.mjs has kept them.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation)
  --markdown     writes the table into docs/results.md, between its intervals markers`;

await writeTableOfPresets("intervals", help, (presets) =>
  presets.flatMap(({ name, films }) => checkIntervals(films).map((check) => rowOf(name, check))),
);

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
