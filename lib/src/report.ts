import type { Evaluated } from "./evaluate";
import { writeFileAtomic } from "./files";
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
} from "./reporting/figures";
import { reportPage, type Section } from "./reporting/page";
import { findingsTable, groupTable, htmlTable, invalidTable, metricsTable, missesTable } from "./reporting/tables";
import { verdictOf } from "./reporting/verdict";
import { missesWall } from "./reporting/wall";
import { type Manifest, readManifest, readMetrics, type TrainedRun, trainedRun } from "./run";

/** Writes `report.html` of a run that was just evaluated: data, training, judgement; returns its path. */
export async function writeReport(name: string, evaluated: Evaluated): Promise<string> {
  const run = await trainedRun(name);
  const manifest = await readManifest(run);
  const sections = [
    judgement(evaluated),
    await analysis(evaluated),
    await training(run),
    ...(manifest ? [data(manifest), made(manifest)] : []),
  ];
  const footer = `Run ${name}; every number comes from this run. The posters of the largest misses are pictures inside this file: share it only where you may share them.`;
  const page = await reportPage({ title: `Movie revenue from posters: ${name}`, sections, footer });
  await writeFileAtomic(run.file("report.html"), page);
  return run.file("report.html");
}

function judgement({ evaluation, judged }: Evaluated): Section {
  const { intervals, trainMeanLog10 } = evaluation;
  const views = [
    metricsTable(evaluation),
    baselineComparison(evaluation),
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
function made({ engine, version, git, node, seeds, startedAt, timings, ended, data }: Manifest): Section {
  const facts = {
    "movie-revenue": version,
    commit: git ?? "unknown",
    node,
    engine: `${engine.name}, ${engine.version}, ${engine.gpu ? "GPU" : "CPU"}${engine.reason ? ` (${engine.reason})` : ""}`,
    seeds: JSON.stringify(seeds),
    "data fingerprint": data.fingerprint,
    "started at": startedAt,
    "seconds by stage": JSON.stringify(timings),
    "training ended": ended ?? "unknown",
  };
  const rows = Object.entries(facts).map(([what, value]) => ({ what, value }));
  return { heading: "How it was made", views: [htmlTable(rows)] };
}
