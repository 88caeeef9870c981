import type { RankedPrediction } from "../../evaluation/ranking";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatMiss, formatRange } from "../format";
import { axis, COLOURS, dollarAxis, emptyFigure, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { describeFilm } from "./judged";

/** Films ranked by predicted revenue: prediction, interval and actual revenue of each; `posters` are JPEG data URIs by file. */
export function ranking(
  rows: readonly RankedPrediction[],
  { posters = {} }: { posters?: Readonly<Record<string, string>> } = {},
): Figure {
  const title = "Films ranked by predicted revenue";
  if (rows.length === 0) return emptyFigure(title, "There are no films to rank.");
  const films = [...rows].sort((a, b) => a.predictedRank - b.predictedRank);
  const images = films.flatMap((film, i) => thumbnail(posters[film.file], i));
  const rowHeight = images.length > 0 ? 46 : 27;
  const amounts = films.flatMap(({ predicted, low, high, actual }) => [
    predicted,
    low ?? predicted,
    high ?? predicted,
    actual ?? predicted,
  ]);
  const known = films.filter(({ actual }) => actual !== null).length;
  return makeFigure({
    title,
    notes: [`${countOf(films.length, "film")}, ${known} with a known revenue; a line joins prediction and actual`],
    legend: true,
    height: 150 + rowHeight * films.length,
    data: [...intervals(films), misses(films, 1), misses(films, -1), dots(films, "predicted"), dots(films, "actual")],
    layout: {
      images,
      xaxis: dollarAxis(amounts, "Worldwide revenue (dollars, log scale)", {
        domain: [images.length > 0 ? 0.06 : 0, 1],
      }),
      yaxis: axis("", {
        tickvals: films.map((_, i) => i),
        ticktext: films.map((film) => plotText(`${film.predictedRank}. ${shorten(film.title, 34)}`)),
        range: [films.length - 0.4, -0.6],
        showgrid: false,
        anchor: "free",
        position: 0,
      }),
    },
  });
}

// a file may be called "constructor", which every object has; and nothing is ever fetched
function thumbnail(source: unknown, row: number): Part[] {
  if (typeof source !== "string" || !source.startsWith("data:image/")) return [];
  const size = { sizex: 0.05, sizey: 0.92, sizing: "contain", xanchor: "center", yanchor: "middle" };
  return [{ source, xref: "paper", yref: "y", x: 0.025, y: row, ...size }];
}

function intervals(films: readonly RankedPrediction[]): Part[] {
  const framed = films.flatMap(({ low, high }, i) => (low === null || high === null ? [] : [{ ends: [low, high], i }]));
  if (framed.length === 0) return [];
  return [stretches("interval of the prediction", COLOURS.light, 2, framed)];
}

function misses(films: readonly RankedPrediction[], direction: 1 | -1): Part {
  const chosen = films.flatMap(({ predicted, actual }, i) =>
    actual !== null && Math.sign(predicted - actual) === direction ? [{ ends: [predicted, actual], i }] : [],
  );
  return direction === 1
    ? stretches(`predicted too high (${chosen.length})`, COLOURS.orange, 5, chosen)
    : stretches(`predicted too low (${chosen.length})`, COLOURS.sky, 5, chosen);
}

function stretches(name: string, color: string, width: number, rows: readonly { ends: number[]; i: number }[]): Part {
  return {
    type: "scatter",
    mode: "lines",
    name,
    x: rows.flatMap(({ ends }) => [...ends, null]),
    y: rows.flatMap(({ i }) => [i, i, null]),
    line: { color, width },
    hoverinfo: "skip",
  };
}

function dots(films: readonly RankedPrediction[], key: "predicted" | "actual"): Part {
  const shown = films.map((film, i) => ({ film, i })).filter(({ film }) => film[key] !== null);
  const look =
    key === "predicted" ? { color: COLOURS.blue, symbol: "circle" } : { color: COLOURS.vermillion, symbol: "diamond" };
  return {
    type: "scatter",
    mode: "markers",
    name: key,
    x: shown.map(({ film }) => film[key]),
    y: shown.map(({ i }) => i),
    marker: { ...look, size: 11, line: { color: COLOURS.paper, width: 1 } },
    hovertext: shown.map(({ film }) => plotLines(...describe(film))),
    hoverinfo: "text",
  };
}

function describe(film: RankedPrediction): string[] {
  const { predicted, actual, low, high, predictedRank, actualRank } = film;
  const ranks = actualRank === null ? `ranked ${predictedRank}` : `ranked ${predictedRank}, actually ${actualRank}`;
  return [
    describeFilm(film),
    ...(low === null || high === null ? [] : [`interval ${formatRange(low, high)}`]),
    actual === null ? ranks : `${ranks} · ${formatMiss(predicted, actual)}`,
    shorten(film.file, 60),
  ];
}
