// Which films gain by what is written on their posters? node scripts/written.mjs --data SRC (see --help)
import { createRequire } from "node:module";
import { worthOf } from "./correction.mjs";
import { writeTableOfPresets } from "./presets.mjs";

const require = createRequire(import.meta.url);
const { rowsNamed, UserError } = require("movie-revenue");
const { titleGroups } = require("movie-revenue/catalogue/title-groups");

const help = `node scripts/written.mjs --data SRC [--run NAME] [--markdown]

What reading posters is worth to films whose title names a franchise, as others' do that were learnt from, and to films that
stand alone; of the preset posters with and without reading, as scripts/ablation.mjs has kept their held-out films.

  --data SRC     what movie-revenue takes as --data
  --run NAME     folder in checkpoints (default: ablation)
  --markdown     writes the table into docs/results.md, between its written markers`;

const ROWS = rowsNamed([
  "kernel ridge of two networks",
  "kernel ridge of two networks and of what is written (preset posters)",
]);

await writeTableOfPresets("written", help, tableOf, ROWS);

function tableOf([unread, read]) {
  if (!read)
    throw new UserError(`Only "${unread.name}" is cross-validated: run node scripts/ablation.mjs --data SRC first.`);
  const films = read.films.map((film, i) => ({ ...film, uncorrected: unread.films[i].predicted }));
  const groups = titleGroups(films.map(({ title }) => title));
  const inGroups = (wanted) =>
    groups.filter(({ length }) => wanted(length)).flatMap((group) => group.map((film) => films[film]));
  return [
    { "corrected by reading": "all", ...worthOf(films) },
    { "corrected by reading": "films with the title of a franchise", ...worthOf(inGroups((length) => length > 1)) },
    { "corrected by reading": "films with a title of their own", ...worthOf(inGroups((length) => length === 1)) },
  ];
}
