import type { Interval } from "../../evaluation/bootstrap";
import type { Evaluation, Metrics } from "../../evaluation/metrics";
import type { Brackets } from "../../evaluation/reference";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatDollars, formatNumber, formatPercent, formatRange } from "../format";
import { axis, COLOURS, emptyFigure, line, makeFigure, type Part, segment } from "../theme";
import type { Figure } from "../view";

/** MSE in the low, middle and high third of revenue with 95% intervals, beside the whole and the training-mean baseline. */
export function errorByBracket({ byBracket, brackets: edges, model, baselines, n }: Evaluation): Figure {
  const title = "Error by revenue bracket";
  const entries = Object.entries(byBracket) as [string, Metrics | null][];
  const brackets = entries.filter((entry): entry is [string, Metrics] => entry[1] !== null);
  if (brackets.length === 0) return emptyFigure(title, "No bracket holds a film.");
  const missing = entries.filter(([, metrics]) => metrics === null).map(([name]) => name);
  const lines: [string, number, string][] = [["all films", model.mse, COLOURS.blue]];
  if (baselines.mean) lines.push(["training-mean baseline", baselines.mean.mse, COLOURS.grey]);
  return makeFigure({
    title,
    notes: [
      `${countOf(n, "film")} by actual revenue; whiskers are 95% intervals`,
      ...(missing.length > 0 ? [`Left out, for no film lies there: ${missing.join(", ")}`] : []),
    ],
    legend: true,
    height: 420,
    data: [
      {
        type: "bar",
        name: "model",
        x: brackets.map((_, i) => i),
        y: brackets.map(([, metrics]) => metrics.mse),
        error_y: { ...whiskers(brackets.map(([, metrics]) => metrics)), color: COLOURS.ink },
        width: 0.5,
        marker: { color: COLOURS.sky },
        hovertext: brackets.map(([name, metrics]) =>
          plotLines(`${name} revenue, ${dollarsOf(name, edges)} · ${describeMse(metrics)}`, describeHits(metrics)),
        ),
        hoverinfo: "text",
      },
      ...lines.map(([name, mse, colour]) => ({
        ...segment([-0.5, brackets.length - 0.5], [mse, mse], colour, "dash"),
        name: plotText(`${name} (${formatNumber(mse)})`),
      })),
    ],
    layout: {
      xaxis: axis("Bracket of actual revenue", {
        tickvals: brackets.map((_, i) => i),
        ticktext: brackets.map(([name, metrics]) =>
          plotLines(`${name}: ${dollarsOf(name, edges)}`, countOf(metrics.n, "film")),
        ),
        range: [-0.5, brackets.length - 0.5],
        showgrid: false,
      }),
      yaxis: axis("MSE (log10 dollars²)", { rangemode: "tozero" }),
    },
  });
}

/** MSE of the model and of each baseline as dots with 95% intervals, the best first. */
export function baselineComparison({ model, baselines, differences, n }: Evaluation): Figure {
  const rows: [string, Metrics][] = [["model", model], ...Object.entries(baselines)];
  rows.sort((a, b) => a[1].mse - b[1].mse);
  const versus = (name: string) => {
    const difference = differences[name];
    return difference ? [describeDifference(name, difference)] : [];
  };
  const dots = (chosen: (name: string) => boolean, name: string, color: string, symbol: string): Part => {
    const kept = rows.flatMap(([row, metrics], i) => (chosen(row) ? [{ row, metrics, i }] : []));
    return {
      type: "scatter",
      mode: "markers",
      name,
      x: kept.map(({ metrics }) => metrics.mse),
      y: kept.map(({ i }) => i),
      error_x: { ...whiskers(kept.map(({ metrics }) => metrics)), color, thickness: 2, width: 6 },
      marker: { color, symbol, size: 12 },
      hovertext: kept.map(({ row, metrics }) =>
        plotLines(`${row} · ${describeMse(metrics)}`, describeHits(metrics), ...versus(row)),
      ),
      hoverinfo: "text",
    };
  };
  return makeFigure({
    title: "The model beside its baselines",
    notes: [`${countOf(n, "film")}; whiskers are 95% intervals; further left is better`, ...versus("mean")],
    height: 170 + 44 * rows.length,
    data: [
      dots((name) => name === "model", "model", COLOURS.blue, "circle"),
      dots((name) => name !== "model", "baseline", COLOURS.grey, "diamond"),
    ],
    layout: {
      xaxis: axis("MSE (log10 dollars²)"),
      yaxis: axis("", {
        tickvals: rows.map((_, i) => i),
        ticktext: rows.map(([name, { mse }]) => plotText(`${shorten(name, 32)}  ${formatNumber(mse)}`)),
        range: [rows.length - 0.5, -0.5],
        showgrid: false,
      }),
      shapes: [
        line([model.mse, 0], [model.mse, 1], { yref: "y domain", colour: COLOURS.blue, dash: "dot", layer: "below" }),
      ],
    },
  });
}

function dollarsOf(name: string, { lowMax, mediumMax }: Brackets): string {
  if (name === "low") return `up to ${formatDollars(lowMax)}`;
  return name === "high" ? `above ${formatDollars(mediumMax)}` : formatRange(lowMax, mediumMax);
}

function whiskers(metrics: readonly Metrics[]): Part {
  const ends = metrics.map(({ mse, ci95 }): Interval => ci95.mse ?? [mse, mse]);
  return {
    type: "data",
    symmetric: false,
    array: ends.map(([, high], i) => Math.max(0, high - metrics[i]!.mse)),
    arrayminus: ends.map(([low], i) => Math.max(0, metrics[i]!.mse - low)),
  };
}

function describeMse({ mse, ci95 }: Metrics): string {
  const interval = ci95.mse ? ` (95%: ${formatNumber(ci95.mse[0])} to ${formatNumber(ci95.mse[1])})` : "";
  return `MSE ${formatNumber(mse, 4)}${interval}`;
}

function describeDifference(name: string, { mse, ci95 }: { mse: number; ci95: Interval | null }): string {
  const interval = ci95 ? ` (95%: ${formatNumber(ci95[0])} to ${formatNumber(ci95[1])})` : "";
  return `Model less ${name}: MSE ${formatNumber(mse)}${interval}`;
}

function describeHits({ r2, within25, within50 }: Metrics): string {
  return `R² ${formatNumber(r2)} · within 25% ${formatPercent(within25)} · within 50% ${formatPercent(within50)}`;
}
