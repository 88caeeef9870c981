import type { Evaluation, MetricName, Metrics } from "../../evaluation/metrics";
import type { RankedPrediction } from "../../evaluation/ranking";
import { escapeHtml, shorten } from "../escape";
import { countOf, formatDollars, formatNumber, formatPercent, formatRange, formatWithInterval } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { type Cell, htmlTable, tableOf } from "./html";

interface Shown {
  name: string;
  key: MetricName;
  value(metrics: Metrics): number | null;
  format(value: number | null): string;
}

const METRICS: readonly Shown[] = [
  { name: "MSE (log10 dollars²)", key: "mse", value: ({ mse }) => mse, format: (value) => formatNumber(value, 4) },
  { name: "MAE (log10 dollars)", key: "mae", value: ({ mae }) => mae, format: (value) => formatNumber(value, 4) },
  { name: "R² against the training mean", key: "r2", value: ({ r2 }) => r2, format: (value) => formatNumber(value, 3) },
  {
    name: "Within 25% of actual dollars",
    key: "within25",
    value: ({ within25 }) => within25,
    format: (value) => formatPercent(value),
  },
  {
    name: "Within 50% of actual dollars",
    key: "within50",
    value: ({ within50 }) => within50,
    format: (value) => formatPercent(value),
  },
  {
    name: "Median error in dollars",
    key: "medianError",
    value: ({ medianError }) => medianError,
    format: (value) => formatPercent(value),
  },
  {
    name: "Accuracy of the median split",
    key: "accuracy",
    value: ({ medianSplit }) => medianSplit.accuracy,
    format: (value) => formatPercent(value),
  },
];

/** The columns of a ranked folder, for `htmlTable` and `textTable` alike. */
export const RANKING_COLUMNS: Columns = {
  predictedRank: { title: "Predicted rank", align: "right" },
  actualRank: { title: "Actual rank", align: "right" },
  title: { title: "Film", format: (value) => shorten(String(value), 60) },
  predicted: { title: "Predicted", format: (value) => formatDollars(value as number), align: "right" },
  interval: { title: "Interval", align: "right" },
  actual: { title: "Actual", format: (value) => formatDollars(value as number | null), align: "right" },
  error: { title: "Error", format: (value) => formatError(value as number | null), align: "right" },
  file: { title: "File", format: (value) => shorten(String(value), 40) },
};

/** The model and its baselines, or those named, side by side, with the 95% interval under each number. */
export function metricsTable(
  { model, baselines, n }: Evaluation,
  { beside = Object.keys(baselines) }: { beside?: readonly string[] } = {},
): Html {
  const rivals = Object.entries(baselines).filter(([name]) => beside.includes(name));
  return sideBySideTable([["model", model], ...rivals], n);
}

/** Metrics of the same n films side by side, with the 95% interval under each number. */
export function sideBySideTable(columns: readonly (readonly [name: string, metrics: Metrics])[], n: number): Html {
  return tableOf({
    caption: `Judged on ${countOf(n, "film")}; 95% intervals below the numbers`,
    heads: [left(""), ...columns.map(([name]) => right(escapeHtml(name)))],
    rows: METRICS.map((metric) => [
      left(escapeHtml(metric.name)),
      ...columns.map(([, metrics]) => right(withInterval(metrics, metric))),
    ]),
  });
}

/** Metrics as texts by name, each with its 95% interval, for a row of a terminal's or README's table. */
export function describeMetrics(metrics: Metrics): Record<string, string> {
  const { mse, r2, within25, within50, medianError, medianSplit, ci95 } = metrics;
  const percent = (value: number | null | undefined) => formatPercent(value);
  return {
    "MSE (log10 $)": formatWithInterval(mse, ci95.mse),
    "R²": formatWithInterval(r2, ci95.r2),
    "within 25 %": formatWithInterval(within25, ci95.within25, percent),
    "within 50 %": formatWithInterval(within50, ci95.within50, percent),
    "median error": formatWithInterval(medianError, ci95.medianError, percent),
    "median split": formatWithInterval(medianSplit.accuracy, ci95.accuracy, percent),
  };
}

/** Films ranked by predicted revenue, with the interval, the actual revenue and the error of each. */
export function rankingTable(rows: readonly RankedPrediction[]): Html {
  return htmlTable(rankingRows(rows), { caption: "Ranked by predicted revenue", columns: RANKING_COLUMNS, limit: 100 });
}

/** What of a folder could not be read or matched, or was matched by a like name: a table for each that is not empty. */
export function leftOutTables({
  skipped,
  inexact,
  unmatched,
}: Record<"skipped" | "inexact" | "unmatched", readonly object[]>): Html[] {
  const tables: [string, readonly object[]][] = [
    ["Posters that cannot be read", skipped],
    ["Labels matched to a file of another name", inexact],
    ["Labels without a poster", unmatched],
  ];
  return tables.filter(([, rows]) => rows.length > 0).map(([caption, rows]) => htmlTable(rows, { caption }));
}

/** Ranked films in order, with what `RANKING_COLUMNS` shows of each. */
export function rankingRows(rows: readonly RankedPrediction[]): object[] {
  const sorted = [...rows].sort((a, b) => a.predictedRank - b.predictedRank);
  return sorted.map((film) => ({ ...film, interval: formatRange(film.low, film.high) }));
}

/** Rows that were refused, with the reason of each. */
export function invalidTable(
  invalid: readonly { row: number; reason: string }[],
  { limit = 20 }: { limit?: number } = {},
): Html {
  return htmlTable(invalid, {
    caption: "Invalid rows",
    columns: { row: { title: "Row" }, reason: { title: "Reason" } },
    limit,
  });
}

function withInterval(metrics: Metrics, { key, value, format }: Shown): string {
  const interval = metrics.ci95[key];
  const range = interval
    ? `<br><small style="opacity:.7">${escapeHtml(`${format(interval[0])} to ${format(interval[1])}`)}</small>`
    : "";
  return escapeHtml(format(value(metrics))) + range;
}

function formatError(error: number | null): string {
  return error !== null && error > 0 ? `+${formatPercent(error, 0)}` : formatPercent(error, 0);
}

function left(html: string): Cell {
  return { html, align: "left" };
}

function right(html: string): Cell {
  return { html, align: "right" };
}
