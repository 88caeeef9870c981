import type { Comparison } from "movie-revenue/compare";
import type { Evaluation, Judged, Metrics } from "movie-revenue/evaluation/metrics";
import type { Miss, RankedPrediction } from "movie-revenue/evaluation/ranking";
import * as figures from "movie-revenue/reporting/figures";
import * as tables from "movie-revenue/reporting/tables";
import { leftOutOfComparison } from "movie-revenue/reporting/tables/comparison";
import type { Figure, Html } from "movie-revenue/reporting/view";
import { missesWall, posterWall } from "movie-revenue/reporting/wall";
import sharp from "sharp";

/** Titles and names as an attacker, or only a careless source, might write them. */
export const HOSTILE = [
  "<img src=x onerror=window.hacked=1>",
  "</script><script>window.hacked=1</script>",
  '" onmouseover="window.hacked=1" x="',
  "' onfocus='window.hacked=1' autofocus='",
  '<a href="javascript:window.hacked=1">click</a>',
  "<b>bold</b><br>&lt;svg onload=window.hacked=1&gt;",
  "-->]]><svg/onload=window.hacked=1>",
  "$\\href{javascript:window.hacked=1}{x}$ and $2B",
  "%{x} %{customdata[0]}",
  "\u001b[31mred\u0007\u0000\u202Eevil",
  "__proto__",
  "constructor",
];

/** Every figure and table of the reporting room, with the text wherever a text can come from outside. */
export async function everyView(text: string): Promise<Record<string, Figure | Html>> {
  const judged: Judged[] = [
    { id: 1, title: text, split: text, actual: 1e8, predicted: 2e8, low: 1e8, high: 4e8 },
    { id: 2, title: text, split: text, actual: 1e9, predicted: 2e8, low: 1e8, high: 4e8 },
  ];
  const ranked: RankedPrediction[] = judged.map(({ title, actual, predicted, low, high }, i) => ({
    ...{ file: text, title, actual, predicted, low, high, predictedRank: i + 1, actualRank: i + 1, error: 1 },
  }));
  const image = await sharp({ create: { width: 4, height: 6, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const evaluation = evaluationNamed(text);
  const posters = [
    { title: text, revenue: 1e8, bracket: "low" as const, image },
    { title: text, revenue: 1e8, bracket: "low" as const, image: new Uint8Array([0]) },
  ];
  return {
    keptAndDropped: figures.keptAndDropped({ ...KEPT, invalid: [{ reason: text }], dropped: { [text]: 4 } }),
    splitDistribution: figures.splitDistribution({ train: [1e7, 1e8], [text]: [1e7, 1e9] }),
    predictedAgainstActual: figures.predictedAgainstActual(judged, { level: 0.8, trainMeanLog10: 8 }),
    residuals: figures.residuals(judged),
    errorByBracket: figures.errorByBracket(evaluation),
    baselineComparison: figures.baselineComparison(evaluation),
    lossCurves: figures.lossCurves([{ epoch: 1, train_loss: 0.3, val_loss: 0.3, lr: 1e-3 }], { baseline: 0.3 }),
    revenueDistribution: figures.revenueDistribution([1e7, 1e9]),
    ranking: figures.ranking(ranked, { posters: text.startsWith("<") ? { [text]: `javascript:${text}` } : {} }),
    posterWall: await posterWall(posters),
    missesWall: await missesWall([missOf(text), missOf(text)], [image, new Uint8Array([0])]),
    htmlTable: tables.htmlTable([Object.fromEntries([[text, text]])], { caption: text }),
    formatted: tables.htmlTable([{ a: 1 }], { columns: { a: { title: text, format: () => text } } }),
    frameToHtml: tables.frameToHtml({ columns: [text], values: [[text]] }, { caption: text }),
    metricsTable: tables.metricsTable(evaluation),
    rankingTable: tables.rankingTable(ranked),
    ablationTable: tables.ablationTable([{ name: text, n: 2, mse: 1, r2: null, ci95: { mse: null, r2: null } }]),
    comparisonFigure: figures.comparisonFigure(comparisonOf(text)),
    differencesFigure: figures.differencesFigure(comparisonOf(text)),
    differenceTable: tables.differenceTable(comparisonOf(text)),
    comparisonTable: tables.comparisonTable(comparisonOf(text)),
    coverageTable: tables.coverageTable(comparisonOf(text)),
    leftOutOfComparison: leftOutOfComparison(comparisonOf(text))[0]!,
    invalidTable: tables.invalidTable([{ row: 1, reason: text }]),
  };
}

const KEPT = {
  ...{ rows: 10, aboveThreshold: 5, films: 2, splits: { train: 1, validation: 0, test: 1 } },
  duplicates: { sameBytes: 1, samePicture: 1, otherArtwork: 1 },
};

function missOf(title: string): Miss {
  return { id: 1, title, year: 2000, actual: 1e8, predicted: 1e7, factor: 10, tooHigh: false, insideInterval: null };
}

function comparisonOf(text: string): Comparison {
  const evaluation = evaluationNamed(text);
  const leftOut = [{ id: 1, title: text }];
  const run = { name: text, metrics: evaluation.model, intervals: evaluation.intervals, evaluation, leftOut };
  const difference = { difference: 0.1, ci95: null };
  return { n: 2, runs: [run], differences: [{ first: text, second: text, n: 2, mse: difference, r2: difference }] };
}

function evaluationNamed(text: string): Evaluation {
  const metrics: Metrics = {
    ...{ n: 2, mse: 0.2, mae: 0.4, r2: 0.1, within25: 0.2, within50: 0.4, medianError: 0.6 },
    medianSplit: { threshold: 6e7, accuracy: 0.5, precision: null, recall: null, f1: null },
    ci95: { mse: [0.1, 0.3], mae: null, r2: null, within25: null, within50: null, medianError: null, accuracy: null },
  };
  return {
    ...{ n: 2, trainMeanLog10: 8, model: metrics, brackets: { lowMax: 3e7, mediumMax: 1e8 } },
    baselines: Object.fromEntries([
      ["mean", metrics],
      [text, metrics],
    ]),
    differences: Object.fromEntries([[text, { mse: -0.1, ci95: [-0.2, 0.1] }]]),
    intervals: { level: 0.8, coverage: 0.8, medianWidthLog10: 1 },
    byBracket: { low: metrics, medium: null, high: metrics },
    coverageByBracket: { low: null, medium: null, high: null },
  };
}
