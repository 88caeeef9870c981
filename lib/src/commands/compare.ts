import { compare } from "../compare";
import { comparisonPage } from "../pages/comparison";
import { countOf, formatCount } from "../reporting/format";
import { textTable } from "../reporting/tables";
import { comparisonRows, DIFFERENCE_COLUMNS, differenceRows } from "../reporting/tables/comparison";
import { writeFileAtomic, writeJson } from "../system/files";
import type { Command } from "./command";
import { print, sayLeftOut, text } from "./shared";

export const compareCommand: Command = {
  summary: "puts judged runs side by side, with the intervals of their differences",
  help: `movie-revenue compare RUN RUN… [--json FILE] [--html FILE]

  RUN            a run in checkpoints that \`evaluate\` has judged; two or more
  --json FILE    writes the comparison as JSON
  --html FILE    writes it as a page with figures, one file that needs no network
Runs are compared on the films that all of them judged; films that one did not are left out, and listed.`,
  options: { json: { type: "string" }, html: { type: "string" } },
  positionals: ["RUN", "RUN"],
  more: true,
  async run({ values, positionals }) {
    const [json, html] = [text(values, "json"), text(values, "html")];
    const comparison = await compare(positionals);
    if (json) await writeJson(json, comparison);
    if (html) await writeFileAtomic(html, await comparisonPage(comparison));
    for (const { name, leftOut } of comparison.runs) {
      sayLeftOut(`Films of ${name} that another run did not judge`, leftOut);
    }
    print(
      `${countOf(comparison.n, "film")} that all ${formatCount(positionals.length)} runs judged; 95 % intervals in brackets`,
    );
    print(textTable(comparisonRows(comparison)));
    print(`\nDifferences film by film: below zero in MSE, the run is better`);
    print(textTable(differenceRows(comparison), DIFFERENCE_COLUMNS));
    return 0;
  },
};
