import { evaluate } from "../evaluate";
import type { Evaluation } from "../evaluation/metrics";
import { writeReport } from "../pages/run";
import { formatCount, formatNumber, formatPercent, formatWithInterval } from "../reporting/format";
import { describeMetrics, textTable } from "../reporting/tables";
import { formatPredictions } from "../runs/judged";
import { writeFileAtomic, writeJson } from "../system/files";
import type { Command } from "./command";
import { print, required, say, sayLeftOut, text, workOptions } from "./shared";

export const evaluateCommand: Command = {
  summary: "judges a run on its test films, or on other data, beside its baselines",
  help: `movie-revenue evaluate --run NAME [--data SRC] [--json FILE] [--predictions FILE.csv]

  --run NAME            a trained run in checkpoints
  --data SRC            judges other data; films that the run was trained or validated on are left out and counted
  --json FILE           writes the evaluation as JSON (format: checkpoints/README.md)
  --predictions FILE    writes a row for each film judged as CSV
Without --data the run folder gets evaluation.json, analysis.json, predictions.csv, report.html and a model card, README.md.`,
  options: {
    run: { type: "string" },
    data: { type: "string" },
    json: { type: "string" },
    predictions: { type: "string" },
  },
  async run({ values }) {
    const options = { ...workOptions(), data: text(values, "data") };
    const run = required(values, "run");
    const evaluated = await evaluate(run, options);
    if (!options.data) await writeReport(run, evaluated);
    const { evaluation, judged, seen, invalid, omittedBaselines } = evaluated;
    const [json, predictions] = [text(values, "json"), text(values, "predictions")];
    if (json) await writeJson(json, evaluation);
    if (predictions) await writeFileAtomic(predictions, formatPredictions(judged));
    sayLeftOut("Rows that cannot be used", invalid);
    if (seen > 0) say(`${formatCount(seen)} films were left out: the run was trained or validated on them.`);
    for (const [name, reason] of Object.entries(omittedBaselines)) say(`There is no baseline "${name}": ${reason}.`);
    const { model, baselines, differences, intervals, n } = evaluation;
    const rows = Object.entries({ model, ...baselines }).map(([name, metrics]) => ({
      name,
      ...describeMetrics(metrics),
      "model's MSE less this": difference(differences[name]),
    }));
    print(`${formatCount(n)} films; 95 % bootstrap intervals in brackets\n${textTable(rows)}`);
    const { coverage, level, medianWidthLog10 } = intervals;
    print(
      `${formatPercent(level, 0)} intervals hold ${formatPercent(coverage)}, width ${formatNumber(medianWidthLog10)} log10`,
    );
    return 0;
  },
};

function difference(paired: Evaluation["differences"][string] | undefined): string {
  return paired ? formatWithInterval(paired.mse, paired.ci95) : "";
}
