import { predict } from "../predict";
import { visibleText } from "../reporting/escape";
import { formatNumber } from "../reporting/format";
import { RANKING_COLUMNS, rankingRows, textTable } from "../reporting/tables";
import { writeJson } from "../system/files";
import type { Command } from "./command";
import { print, required, say, sayLeftOut, text, workOptions } from "./shared";

export const predictCommand: Command = {
  summary: "predicts and ranks the posters of a folder",
  help: `movie-revenue predict --run NAME FOLDER [--labels FILE.json] [--json FILE]

  FOLDER           .jpg, .jpeg, .png or .webp posters
  --run NAME       a trained run in checkpoints
  --labels FILE    {"poster.jpg": {"title": "…", "actual_revenue": dollars}}; adds titles and errors
  --json FILE      writes the ranking as JSON`,
  options: { run: { type: "string" }, labels: { type: "string" }, json: { type: "string" } },
  positionals: ["FOLDER"],
  async run({ values, positionals }) {
    const options = { ...workOptions(), labels: text(values, "labels") };
    const predicted = await predict(required(values, "run"), positionals[0]!, options);
    const json = text(values, "json");
    if (json) await writeJson(json, predicted);
    const { ranked, summary, skipped, inexact, unmatched, unlabelled, factless, intervals } = predicted;
    sayLeftOut("Posters that cannot be read", skipped);
    sayLeftOut("Labels matched to a file of another name", inexact);
    sayLeftOut("Labels without a poster", unmatched);
    if (unlabelled.length > 0) say(`Posters without a label: ${unlabelled.map(visibleText).join(", ")}`);
    if (factless.length > 0) {
      const without = intervals === "scaled" ? "the intervals are wider" : "the intervals are too narrow";
      const advice = `put genres, release_date, runtime and budget into the labels; ${without} without`;
      say(`The model reads facts of the film, and ${factless.length} posters have none: ${advice}.`);
    }
    print(textTable(rankingRows(ranked), RANKING_COLUMNS));
    if (summary.spearman !== null)
      print(`Spearman's rank correlation over ${summary.n} films: ${formatNumber(summary.spearman)}`);
    return 0;
  },
};
