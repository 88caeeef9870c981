import { departuresOf } from "../config";
import type { Evaluated } from "../evaluate";
import {
  baselineComparison,
  calibrationPlot,
  coverageByBracket,
  driftByYear,
  errorByBracket,
  keptAndDropped,
  lossCurves,
  predictedAgainstActual,
  residualByGroup,
  residuals,
} from "../reporting/figures";
import { madeWith } from "../reporting/made";
import { reportPage, type Section } from "../reporting/page";
import {
  findingsTable,
  formatValue,
  groupTable,
  htmlTable,
  invalidTable,
  metricsTable,
  missesTable,
} from "../reporting/tables";
import { baselineDifferences } from "../reporting/tables/differences";
import { verdictOf } from "../reporting/verdict";
import { missesWall } from "../reporting/wall";
import { type Manifest, readManifest } from "../runs/manifest";
import { readMetrics, type TrainedRun, trainedRun } from "../runs/run";
import { writeFileAtomic } from "../system/files";

/** Writes `report.html` of a run that was just evaluated: data, training, judgement; returns its path. */
export async function writeReport(name: string, evaluated: Evaluated): Promise<string> {
  const run = await trainedRun(name);
  const manifest = await readManifest(run);
  const sections = [
    judgement(evaluated),
    await analysis(evaluated),
    await training(run),
    ...(manifest ? [data(manifest), made(run, manifest)] : []),
  ];
  const footer = `Run ${name}; every number comes from this run. The posters of the largest misses are pictures inside this file: share it only where you may share them.`;
  const page = await reportPage({ title: `Movie revenue from posters: ${name}`, sections, footer });
  await writeFileAtomic(run.file("report.html"), page);
  return run.file("report.html");
}

function judgement({ evaluation, judged, omittedBaselines }: Evaluated): Section {
  const { intervals, trainMeanLog10 } = evaluation;
  const views = [
    metricsTable(evaluation),
    baselineComparison(evaluation),
    baselineDifferences(evaluation, omittedBaselines),
    predictedAgainstActual(judged, { level: intervals.level, trainMeanLog10 }),
    errorByBracket(evaluation),
    residuals(judged),
  ];
  return { heading: "How good it is", prose: verdictOf(evaluation), views };
}

/** Where the model is good and where it is not. */
async function analysis({ analysis, findings, missPosters }: Evaluated): Promise<Section> {
  const by = ["bracket", "genre", "decade", "budget"] as const;
  const views = [
    calibrationPlot(analysis.calibration),
    coverageByBracket(analysis),
    ...by.map((grouping) => groupTable(analysis, grouping)),
    residualByGroup(analysis, { by: "genre" }),
    driftByYear(analysis.drift),
    await missesWall(analysis.misses, missPosters),
    missesTable(analysis.misses),
    findingsTable(findings),
  ];
  const prose =
    "Brackets are of actual revenue, which nobody knows beforehand: every cautious model does badly at both ends of it. " +
    "The findings are the original project's, computed anew.";
  return { heading: "Where it is good, and where not", prose, views };
}

async function training(run: TrainedRun): Promise<Section> {
  const epochs = await readMetrics(run);
  return { heading: "Training", views: [lossCurves(epochs, { baseline: run.calibration.baseline })] };
}

function data({ data }: Manifest): Section {
  const views = [keptAndDropped(data), ...(data.invalid.length > 0 ? [invalidTable(data.invalid)] : [])];
  return { heading: "Data", prose: `Source: ${data.source}.`, views };
}

/** What would be needed to make the run again. */
function made({ name, config }: TrainedRun, manifest: Manifest): Section {
  const { timings, ended, notebooks } = manifest;
  const facts = {
    ...madeWith(manifest),
    "seconds by stage": formatValue(timings),
    "training ended": ended ?? "unknown",
    ...Object.fromEntries(Object.entries(notebooks).map(([notebook, hash]) => [`SHA-256 of ${notebook}`, hash])),
  };
  const tableOf = (entries: object) =>
    Object.entries(entries).map(([what, value]) => ({ what, value: formatValue(value) }));
  const settings = htmlTable(tableOf(departuresOf(config)), {
    caption: "Settings that are not the defaults",
    limit: 100,
  });
  return {
    heading: "How it was made",
    prose: `movie-revenue rerun ${name} does it again, and tells what is equal and what differs.`,
    views: [settings, htmlTable(tableOf(facts), { caption: "Made with", limit: 100 })],
  };
}
