import { explainFolder } from "../explain";
import { describeChecks, explanationJson, explanationPage } from "../pages/explanation";
import { EXPLANATION_COLUMNS, explanationRows, LOOK_COLUMNS, textTable } from "../reporting/tables";
import { writeFileAtomic, writeJson } from "../system/files";
import type { Command } from "./command";
import { print, required, sayLeftOut, text, wholeNumber, workOptions } from "./shared";

export const explainCommand: Command = {
  summary: "shows what of a folder's posters raises and what lowers a run's predictions",
  help: `movie-revenue explain --run NAME FOLDER [--labels FILE.json] [--limit N] [--json FILE] [--html FILE]

  FOLDER           .jpg, .jpeg, .png or .webp posters
  --run NAME       a trained run in checkpoints
  --labels FILE    as for predict; a fused model reads the films' facts there
  --limit N        explains the first N posters (default: all; each takes some hundred looks of the network)
  --json FILE      writes the maps, their averages and the checks as JSON
  --html FILE      writes them as a page with figures, one file that needs no network; the posters are in it
Each poster is explained by Grad-CAM and by occlusion, which check each other; a model that has learnt nothing must give
other maps.`,
  options: {
    ...{ run: { type: "string" }, labels: { type: "string" }, limit: { type: "string" } },
    ...{ json: { type: "string" }, html: { type: "string" } },
  },
  positionals: ["FOLDER"],
  async run({ values, positionals }) {
    const name = required(values, "run");
    const [json, html] = [text(values, "json"), text(values, "html")];
    const options = { ...workOptions(), labels: text(values, "labels"), limit: wholeNumber(values, "limit") };
    const explained = await explainFolder(name, positionals[0]!, options);
    const { explanations, skipped, inexact, unmatched, average, ...checks } = explained;
    if (json) {
      const posters = explanations.map(explanationJson);
      await writeJson(json, { run: name, posters, average, ...checks, skipped, inexact, unmatched });
    }
    if (html) await writeFileAtomic(html, await explanationPage(name, explained));
    sayLeftOut("Posters that cannot be read", skipped);
    sayLeftOut("Labels matched to a file of another name", inexact);
    sayLeftOut("Labels without a poster", unmatched);
    print(textTable(explanationRows(explanations), EXPLANATION_COLUMNS));
    print(`\n${textTable(average.looks, LOOK_COLUMNS)}`);
    for (const sentence of describeChecks(explained)) print(`\n${sentence}`);
    return 0;
  },
};
