import type { Judged } from "../../evaluation/metrics";
import { mean } from "../../evaluation/quantiles";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatDollars, formatMiss, formatNumber, formatPercent, formatRange } from "../format";
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
import { binCounts, deviation } from "./statistics";

/** Predicted against actual dollars on log axes, with the identity, bands of ±25% and ±50%, and who lies outside its interval. */
export function predictedAgainstActual(
  judged: readonly Judged[],
  { level, trainMeanLog10 }: { level?: number | null; trainMeanLog10?: number | null } = {},
): Figure {
  const title = "Predicted against actual revenue";
  const films = drawable(judged);
  if (films.length === 0) return emptyFigure(title, "No film has both a prediction and an actual revenue.");
  const amounts = films.flatMap(({ actual, predicted }) => [actual, predicted]);
  const ends = logRange(amounts).map((end) => 10 ** end) as [number, number];
  return makeFigure({
    title,
    notes: [`${countOf(films.length, "film")}; the line is a perfect prediction`, ...leftOut(judged, films)],
    legend: true,
    height: 580,
    data: [
      band(films, 0.5, ends, "rgba(86, 180, 233, 0.16)"),
      band(films, 0.25, ends, "rgba(86, 180, 233, 0.30)"),
      { ...segment(ends, ends, COLOURS.ink, "solid"), showlegend: false },
      ...(trainMeanLog10 == null ? [] : [meanLine(ends, trainMeanLog10)]),
      ...points(films, level),
    ],
    layout: {
      xaxis: dollarAxis(amounts, "Actual revenue (dollars, log scale)"),
      yaxis: dollarAxis(amounts, "Predicted revenue (dollars, log scale)"),
    },
  });
}

/** The distribution of log10 error (log10 predicted − log10 actual), with its mean, spread and direction. */
export function residuals(judged: readonly Judged[]): Figure {
  const title = "How far predictions are off";
  const films = drawable(judged);
  if (films.length === 0) return emptyFigure(title, "No film has both a prediction and an actual revenue.");
  const errors = films.map(({ actual, predicted }) => Math.log10(predicted / actual));
  const { starts, counts } = binCounts(errors, 0.1);
  const low = errors.filter((error) => error < 0).length;
  const far = Math.max(1, ...starts.map((start) => Math.abs(start) + 0.1));
  return makeFigure({
    title,
    notes: [
      `Mean error ${formatNumber(mean(errors))}, sd ${formatNumber(deviation(errors))} log10 dollars; ${formatPercent(low / films.length)} of predictions are too low`,
      ...leftOut(judged, films),
    ],
    height: 400,
    data: [
      {
        type: "bar",
        x: starts.map((start) => start + 0.05),
        y: counts,
        width: 0.1,
        marker: {
          color: starts.map((start) => (start < -1e-9 ? COLOURS.sky : COLOURS.orange)),
          line: { color: COLOURS.paper, width: 0.5 },
        },
        hovertext: starts.map((start, i) =>
          plotText(`${errorBin(start)} · ${countOf(counts[i]!, "film")} (${formatPercent(counts[i]! / films.length)})`),
        ),
        hoverinfo: "text",
      },
    ],
    layout: {
      xaxis: axis("Error (log10 predicted − log10 actual)", { range: [-far, far], ...errorTicks(far) }),
      yaxis: axis("Films"),
      shapes: [
        line([0, 0], [0, 1], { yref: "y domain", colour: COLOURS.ink, dash: "solid" }),
        line([mean(errors), 0], [mean(errors), 1], { yref: "y domain", colour: COLOURS.vermillion }),
      ],
      annotations: [
        label("← predicted too low", { xref: "x domain", yref: "y domain", x: 0.01, y: 1, yanchor: "top" }),
        label("predicted too high →", {
          xref: "x domain",
          yref: "y domain",
          x: 0.99,
          y: 1,
          xanchor: "right",
          yanchor: "top",
        }),
      ],
    },
  });
}

/** `Titanic · predicted $120M · actual $2.2B`. */
export function describeFilm({
  title,
  predicted,
  actual,
}: {
  title: string;
  predicted: number;
  actual: number | null;
}): string {
  const known = actual === null ? "actual unknown" : `actual ${formatDollars(actual)}`;
  return `${shorten(title, 60)} · predicted ${formatDollars(predicted)} · ${known}`;
}

function drawable(judged: readonly Judged[]): Judged[] {
  return judged.filter(({ actual, predicted }) => actual > 0 && predicted > 0 && Number.isFinite(actual / predicted));
}

function leftOut(judged: readonly Judged[], films: readonly Judged[]): string[] {
  const count = judged.length - films.length;
  return count > 0 ? [`Left out: ${countOf(count, "film")} without a revenue above zero`] : [];
}

function band(films: readonly Judged[], share: number, [low, high]: [number, number], fillcolor: string): Part {
  const within =
    films.filter(({ actual, predicted }) => Math.abs(predicted - actual) <= share * actual).length / films.length;
  return {
    type: "scatter",
    mode: "lines",
    fill: "toself",
    name: plotText(`within ${100 * share}% (${formatPercent(within)} of films)`),
    x: [low, high, high, low],
    y: [low * (1 - share), high * (1 - share), high * (1 + share), low * (1 + share)],
    line: { width: 0 },
    fillcolor,
    hoverinfo: "skip",
  };
}

function meanLine(ends: [number, number], trainMeanLog10: number): Part {
  const dollars = 10 ** trainMeanLog10;
  return {
    ...segment(ends, [dollars, dollars], COLOURS.grey, "dash"),
    name: plotText(`training mean (${formatDollars(dollars)})`),
  };
}

function points(films: readonly Judged[], level: number | null | undefined): Part[] {
  const name = level == null ? "interval" : `${formatPercent(level, 0)} interval`;
  const standing = ({ actual, low, high }: Judged) =>
    low === null || high === null ? 0 : low <= actual && actual <= high ? 1 : 2;
  const looks: [string, string, string][] = [
    ["films", COLOURS.blue, "circle"],
    [`inside the ${name}`, COLOURS.blue, "circle"],
    [`outside the ${name}`, COLOURS.vermillion, "x-thin"],
  ];
  const groups = looks.map((look, i) => [films.filter((film) => standing(film) === i), ...look] as const);
  return groups
    .filter(([group]) => group.length > 0)
    .map(([group, words, color, symbol]) => ({
      type: "scatter",
      mode: "markers",
      name: plotText(`${words} (${group.length})`),
      x: group.map(({ actual }) => actual),
      y: group.map(({ predicted }) => predicted),
      marker: {
        color,
        symbol,
        size: 7,
        opacity: films.length > 1000 ? 0.35 : 0.6,
        line: { color, width: symbol === "circle" ? 0 : 2 },
      },
      hovertext: group.map((film) =>
        plotLines(describeFilm(film), ...describeInterval(film, name), formatMiss(film.predicted, film.actual)),
      ),
      hoverinfo: "text",
    }));
}

function describeInterval({ low, high }: Judged, name: string): string[] {
  return low === null || high === null ? [] : [`${name} ${formatRange(low, high)}`];
}

function errorBin(start: number): string {
  const factor = (log: number) => `${log < 0 ? "÷" : "×"}${(10 ** Math.abs(log)).toPrecision(2)}`;
  const [low, high] = [start, start + 0.1].map((edge) => Number(edge.toFixed(6)) + 0) as [number, number];
  return `${formatNumber(low, 1)} to ${formatNumber(high, 1)} (${factor(low)} to ${factor(high)})`;
}

function errorTicks(far: number): Part {
  const logs = [-2, -1, -Math.log10(3), 0, Math.log10(3), 1, 2].filter((log) => Math.abs(log) <= far);
  const words = (log: number) => (log === 0 ? "exact" : `${log < 0 ? "÷" : "×"}${Math.round(10 ** Math.abs(log))}`);
  return { tickvals: logs, ticktext: logs.map((log) => `${formatNumber(log, 1)}<br>${words(log)}`) };
}
