import type { Analysis, Grouping, ScoreName, Scores } from "../../evaluation/analysis";
import type { Finding } from "../../evaluation/findings";
import type { Miss } from "../../evaluation/ranking";
import { escapeHtml, shorten } from "../escape";
import { capitalised, formatCount, formatDollars, formatMiss, formatNumber, formatPercent } from "../format";
import type { Html } from "../view";
import { type Cell, htmlTable, tableOf } from "./html";

const NUMBERS: readonly { title: string; key: ScoreName }[] = [
  { title: "MSE", key: "mse" },
  { title: "Mean's MSE", key: "meanMse" },
  { title: "Less the mean's", key: "lessMean" },
  { title: "R²", key: "r2" },
  { title: "Mean residual", key: "bias" },
];

/** The scores of each group of one kind below those of all films, with the 95% interval under each number. */
export function groupTable({ all, groups }: Analysis, by: Grouping): Html {
  const rows = [{ name: "all films", scores: all as Scores | null }, ...groups[by]];
  return tableOf({
    caption: `By ${by}, beside the training mean; log10 dollars, 95% intervals below the numbers from ten films on`,
    heads: [left(capitalised(by)), right("Films"), ...NUMBERS.map(({ title }) => right(title)), right("In interval")],
    rows: rows.map(({ name, scores }) => [
      left(shorten(name, 40)),
      right(formatCount(scores?.n ?? 0)),
      ...NUMBERS.map(({ key }) => {
        const ends = scores?.ci95?.[key];
        return under(
          formatNumber(scores?.[key]),
          ends?.map((end) => formatNumber(end)),
        );
      }),
      under(
        formatPercent(scores?.coverage?.coverage),
        scores?.coverage?.ci95.map((end) => formatPercent(end)),
      ),
    ]),
  });
}

/** The original project's findings, whether each holds here, and the numbers that decide. */
export function findingsTable(findings: readonly Finding[]): Html {
  const verdict = (holds: boolean | null) => (holds === null ? "undecided" : holds ? "holds" : "does not hold");
  const rows = findings.flatMap(({ finding, holds, evidence }) => {
    const lines = evidence.length > 0 ? evidence : [{ name: "too few films or epochs", value: null, ci95: null }];
    return lines.map(({ name, value, ci95 }, i) => [
      left(i === 0 ? finding : ""),
      left(i === 0 ? verdict(holds) : ""),
      left(name),
      under(formatEvidence(value), ci95?.map(formatEvidence)),
    ]);
  });
  const heads = [left("Finding of the original"), left("Here"), left("Evidence"), right("")];
  return tableOf({ caption: "Does it hold?", heads, rows });
}

/** The films predicted worst, the worst first. */
export function missesTable(misses: readonly Miss[]): Html {
  const dollars = { align: "right", format: (value: unknown) => formatDollars(value as number) } as const;
  const rows = misses.map((miss) => ({ ...miss, off: formatMiss(miss.predicted, miss.actual) }));
  return htmlTable(rows, {
    caption: "Largest misses",
    limit: 50,
    columns: {
      title: { title: "Film", format: (value) => shorten(String(value), 60) },
      year: { title: "Year" },
      actual: { title: "Actual", ...dollars },
      predicted: { title: "Predicted", ...dollars },
      off: { title: "Off by", align: "right" },
      insideInterval: { title: "Inside its interval" },
    },
  });
}

function formatEvidence(value: number | null): string {
  return value !== null && Number.isInteger(value) ? formatCount(value) : formatNumber(value);
}

function under(value: string, ends: string[] | undefined): Cell {
  const range = ends ? `<br><small style="opacity:.7">${escapeHtml(ends.join(" to "))}</small>` : "";
  return { html: escapeHtml(value) + range, align: "right" };
}

function left(text: string): Cell {
  return { html: escapeHtml(text), align: "left" };
}

function right(text: string): Cell {
  return { html: escapeHtml(text), align: "right" };
}
