import type { Evaluation, MetricName, Metrics } from "../../evaluation/metrics";
import { escapeHtml } from "../escape";
import { countOf, formatNumber, formatPercent } from "../format";
import type { Html } from "../view";
import { type Cell, tableOf } from "./html";

/** What the original project published of its 6,173 films above $10M; MSE of log10 dollars, and fractions. */
export const PUBLISHED = { films: 618, mse: 0.2399, within25: 0.178, within50: 0.356, accuracy: 0.578 } as const;

interface Row {
  name: string;
  key: MetricName & keyof typeof PUBLISHED;
  value(metrics: Metrics): number;
  format(value: number): string;
}

const percent = (value: number): string => formatPercent(value);
const ROWS: readonly Row[] = [
  { name: "MSE (log10 dollars²)", key: "mse", value: ({ mse }) => mse, format: (value) => formatNumber(value, 4) },
  { name: "Within 25% of actual dollars", key: "within25", value: ({ within25 }) => within25, format: percent },
  { name: "Within 50% of actual dollars", key: "within50", value: ({ within50 }) => within50, format: percent },
  {
    name: "Accuracy of the median split",
    key: "accuracy",
    value: ({ medianSplit }) => medianSplit.accuracy,
    format: percent,
  },
];

/** The original's published numbers beside a run's and its mean baseline's, with the 95% interval under each of ours. */
export function besideOriginal({ n, model, baselines }: Evaluation): Html {
  const ours: Metrics[] = [model, ...(baselines.mean ? [baselines.mean] : [])];
  const heads = [
    `The original, ${countOf(PUBLISHED.films, "film")}`,
    `This run, ${countOf(n, "film")}`,
    "Training mean",
  ];
  return tableOf({
    caption: "Other test films, so the columns tell sizes, not a winner; 95% intervals below our numbers",
    heads: [left(""), ...heads.slice(0, 1 + ours.length).map(right)],
    rows: ROWS.map((row) => [
      left(row.name),
      right(row.format(PUBLISHED[row.key])),
      ...ours.map((metrics) => withInterval(row, metrics)),
    ]),
  });
}

function withInterval({ key, value, format }: Row, metrics: Metrics): Cell {
  const ends = metrics.ci95[key]?.map(format).join(" to ");
  const range = ends ? `<br><small style="opacity:.7">${escapeHtml(ends)}</small>` : "";
  return { html: escapeHtml(format(value(metrics))) + range, align: "right" };
}

function left(text: string): Cell {
  return { html: escapeHtml(text), align: "left" };
}

function right(text: string): Cell {
  return { html: escapeHtml(text), align: "right" };
}
