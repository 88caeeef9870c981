import type { Interval } from "../../evaluation/bootstrap";
import type { Calibration, CalibrationBin } from "../../evaluation/calibration";
import type { Drift, DriftBin } from "../../evaluation/drift";
import { plotLines } from "../escape";
import { countOf, formatDollars, formatNumber } from "../format";
import {
  axis,
  COLOURS,
  dollarAxis,
  emptyFigure,
  label,
  line,
  logRange,
  makeFigure,
  type Part,
  segment,
} from "../theme";
import type { Figure } from "../view";

/** What films of neighbouring predictions earn, mean and median with 95% intervals, against what they were predicted. */
export function calibrationPlot({ bins, slope, ci95 }: Calibration): Figure {
  const title = "What comes of a prediction";
  if (bins.length === 0) return emptyFigure(title, "There are no films to show.");
  const ends = bins.flatMap(({ mean, median, predicted, ci95: whiskers }) => [
    ...[mean, median, predicted],
    ...(whiskers?.mean ?? []),
    ...(whiskers?.median ?? []),
  ]);
  const amounts = ends.map((log10) => 10 ** log10);
  const diagonal = logRange(amounts).map((end) => 10 ** end) as [number, number];
  return makeFigure({
    title,
    notes: [
      `${countOf(bins.length, "group")} of films with neighbouring predictions; whiskers are 95% intervals. On the line predictions come true; points in a row flatter than the line say that predictions differ more than what films earn`,
      `Slope of actual on predicted ${formatNumber(slope, 2)}${formatInterval(ci95.slope, 2)}; 1 is calibrated`,
    ],
    legend: true,
    height: 540,
    data: [
      { ...segment(diagonal, diagonal, COLOURS.ink, "solid"), name: "predictions that come true" },
      earned(bins, "mean", COLOURS.blue, "circle"),
      earned(bins, "median", COLOURS.orange, "diamond"),
    ],
    layout: {
      xaxis: dollarAxis(amounts, "Predicted revenue (mean of log10, in dollars, log scale)"),
      yaxis: dollarAxis(amounts, "Actual revenue (dollars, log scale)"),
    },
  });
}

/** Actual and predicted revenue by years of release, and below what the one is less the other, with 95% intervals. */
export function driftByYear({ bins, undated, perDecade, ci95 }: Drift): Figure {
  const title = "Drift by year of release";
  if (bins.length === 0) return emptyFigure(title, "No film has a known year.");
  const amounts = bins.flatMap(({ actual, predicted, ci95: ends }) =>
    [actual, predicted, ...(ends?.actual ?? []), ...(ends?.predicted ?? [])].map((log10) => 10 ** log10),
  );
  return makeFigure({
    title,
    notes: [
      "Means of log10 dollars; whiskers are 95% intervals, from ten films on. Where the lower points leave 0, films of those years are predicted too low or too high",
      `The residual moves by ${formatNumber(perDecade)}${formatInterval(ci95)} log10 dollars in ten years`,
      ...(undated > 0 ? [`Left out: ${countOf(undated, "film")} without a year`] : []),
    ],
    legend: true,
    height: 620,
    data: [
      series(bins, "actual", COLOURS.vermillion, "diamond"),
      series(bins, "predicted", COLOURS.blue, "circle"),
      { ...series(bins, "bias", COLOURS.ink, "circle"), yaxis: "y2", showlegend: false },
    ],
    layout: {
      xaxis: axis("Year of release", { anchor: "y2" }),
      yaxis: dollarAxis(amounts, "Revenue (dollars, log scale)", { domain: [0.46, 1] }),
      yaxis2: axis("Predicted − actual (log10 dollars)", { domain: [0, 0.38] }),
      shapes: [line([0, 0], [1, 0], { xref: "x domain", yref: "y2", colour: COLOURS.grey })],
      annotations: [label("too high ↑", { xref: "x domain", yref: "y2 domain", x: 0, y: 1, yanchor: "bottom" })],
    },
  });
}

/** `(95%: 0.286 to 0.905)` after a number, or nothing. */
export function formatInterval(ends: Interval | null | undefined, decimals = 3): string {
  return ends ? ` (95%: ${formatNumber(ends[0], decimals)} to ${formatNumber(ends[1], decimals)})` : "";
}

/** Whiskers from values to the ends of their intervals; without an interval, none. */
export function whiskersOf(values: readonly number[], ends: readonly (Interval | null | undefined)[]): Part {
  const reach = (end: 0 | 1) => values.map((value, i) => Math.abs((ends[i]?.[end] ?? value) - value));
  return { type: "data", symmetric: false, array: reach(1), arrayminus: reach(0), thickness: 1.5, width: 4 };
}

function earned(bins: readonly CalibrationBin[], key: "mean" | "median", color: string, symbol: string): Part {
  const dollars = (log10: number) => 10 ** log10;
  const ends = bins.map(({ ci95 }) => ci95?.[key]?.map(dollars) as Interval | undefined);
  const values = bins.map((bin) => dollars(bin[key]));
  return {
    type: "scatter",
    mode: "markers",
    name: `${key} of what they earned`,
    // the medians stand a little to the right, so that their whiskers do not cover those of the means
    x: bins.map(({ predicted }) => dollars(predicted) * (key === "median" ? 1.012 : 1)),
    y: values,
    error_y: { ...whiskersOf(values, ends), color },
    marker: { color, symbol, size: 9 },
    hovertext: bins.map((bin, i) =>
      plotLines(
        `${countOf(bin.n, "film")} predicted ${formatDollars(dollars(bin.predicted))}`,
        `${key} of what they earned ${formatDollars(values[i])}${rangeOf(ends[i])}`,
      ),
    ),
    hoverinfo: "text",
  };
}

function series(bins: readonly DriftBin[], key: "actual" | "predicted" | "bias", color: string, symbol: string): Part {
  const scale = (log10: number) => (key === "bias" ? log10 : 10 ** log10);
  const values = bins.map((bin) => scale(bin[key]));
  const ends = bins.map(({ ci95 }) => ci95?.[key]?.map(scale) as Interval | undefined);
  return {
    type: "scatter",
    mode: "lines+markers",
    name: key,
    x: bins.map(({ from, to }) => (from + to) / 2),
    y: values,
    error_y: { ...whiskersOf(values, ends), color },
    marker: { color, symbol, size: 9 },
    line: { color, width: 1.5 },
    hovertext: bins.map(({ from, to, n, actual, predicted, bias }, i) =>
      plotLines(
        `${from} to ${to} · ${countOf(n, "film")}`,
        `actual ${formatDollars(10 ** actual)} · predicted ${formatDollars(10 ** predicted)}`,
        `predicted − actual ${formatNumber(bias)}${key === "bias" ? formatInterval(ends[i]) : ""}`,
      ),
    ),
    hoverinfo: "text",
  };
}

function rangeOf(ends: Interval | undefined): string {
  return ends ? ` (95%: ${formatDollars(ends[0])} to ${formatDollars(ends[1])})` : "";
}
