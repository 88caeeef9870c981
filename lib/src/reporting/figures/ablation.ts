import type { Interval } from "../../evaluation/bootstrap";
import type { Ablated } from "../../studies/ablation";
import type { LearningCurve } from "../../studies/learning-curve";
import type { SeedSpread } from "../../studies/seeds";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatCount, formatNumber, formatWithInterval } from "../format";
import { axis, COLOURS, emptyFigure, line, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { whiskersOf } from "./calibration";

/** R² of each choice with its 95% interval over films, from the top down. */
export function ablationFigure(table: readonly Ablated[]): Figure {
  const title = "What each choice makes of films that were held out";
  if (table.length === 0) return emptyFigure(title, "On these data no choice was tried.");
  const texts = table.map(({ name, n, mse, r2, ci95 }) =>
    plotLines(name, `R² ${formatWithInterval(r2, ci95.r2)} · MSE ${formatNumber(mse, 4)} · ${countOf(n, "film")}`),
  );
  return makeFigure({
    title,
    notes: [`Cross-validation of ${countOf(table[0]!.n, "film")}; whiskers are 95% intervals over films`],
    height: 180 + 26 * table.length,
    data: [
      dots(
        table.map(({ r2 }) => r2 ?? 0),
        table.map(({ ci95 }) => ci95.r2),
        { color: COLOURS.blue, hovertext: texts },
      ),
    ],
    layout: forestLayout(
      table.map(({ name }, i) => `${i + 1}  ${shorten(name, 44)}`),
      "R² against the mean of the training films",
    ),
  });
}

/** R² of every seed as a dot, and of the first seed the 95% interval over films, as grey whiskers. */
export function seedFigure(spreads: readonly SeedSpread[]): Figure {
  const title = "How far a number moves with its seed";
  if (spreads.length === 0) return emptyFigure(title, "Nothing was trained.");
  const seeds = spreads.flatMap(({ scores, seeds: names }, i) =>
    scores.map(({ r2 }, j) => ({ r2: r2 ?? 0, i, text: `seed ${names[j]} · R² ${formatNumber(r2)}` })),
  );
  const first = spreads.map(({ scores }) => scores[0]!);
  return makeFigure({
    title,
    notes: ["A dot for each seed; grey whiskers are one seed's 95% interval over films"],
    height: 200 + 44 * spreads.length,
    data: [
      dots(
        first.map(({ r2 }) => r2 ?? 0),
        first.map(({ ci95 }) => ci95.r2),
        { color: COLOURS.light, hovertext: first.map(({ r2, ci95 }) => plotText(formatWithInterval(r2, ci95.r2))) },
      ),
      {
        ...{ type: "scatter", mode: "markers", x: seeds.map(({ r2 }) => r2), y: seeds.map(({ i }) => i) },
        marker: { color: COLOURS.vermillion, symbol: "line-ns-open", size: 14, line: { width: 2 } },
        hovertext: seeds.map(({ text }) => plotText(text)),
        hoverinfo: "text",
      },
    ],
    layout: forestLayout(
      spreads.map(({ name, varied }) => `${shorten(name, 46)} · ${varied} seed`),
      "R² against the mean of the training films",
    ),
  });
}

/** Error against the number of films learnt from, on a log axis, with bands of 95% over films. */
export function learningCurveFigure(curves: readonly LearningCurve[]): Figure {
  const title = "Would more films help?";
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return emptyFigure(title, "Nothing was trained.");
  const sizes = [...new Set(points.map(({ learntFrom }) => learntFrom))].sort((a, b) => a - b);
  const palette = [COLOURS.blue, COLOURS.orange, COLOURS.green, COLOURS.purple];
  return makeFigure({
    title,
    notes: [
      `The same ${countOf(points[0]!.n, "film")}, held out in turns; bands are 95% intervals over films. A line that still falls at its right end asks for more films`,
    ],
    height: 460,
    legend: true,
    data: curves.flatMap((curve, i) => curveTraces(curve, palette[i % palette.length]!)),
    layout: {
      xaxis: axis("Films learnt from (log scale)", {
        type: "log",
        tickvals: sizes,
        ticktext: sizes.map((size) => formatCount(size)),
      }),
      yaxis: axis("MSE (log10 dollars²)", { rangemode: "tozero" }),
    },
  });
}

function curveTraces({ name, points }: LearningCurve, color: string): Part[] {
  const x = points.map(({ learntFrom }) => learntFrom);
  const end = (which: 0 | 1) => points.map(({ mse, ci95 }) => ci95.mse?.[which] ?? mse);
  const edge = { type: "scatter", mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false };
  return [
    { ...edge, x, y: end(0) },
    { ...edge, x, y: end(1), fill: "tonexty", fillcolor: `${color}33` },
    {
      ...{ type: "scatter", mode: "lines+markers", name: plotText(name), x, y: points.map(({ mse }) => mse) },
      ...{ line: { color, width: 2 }, marker: { color, size: 8 } },
      hovertext: points.map(({ learntFrom, mse, r2, ci95 }) =>
        plotLines(
          `${name} · learnt from ${countOf(learntFrom, "film")}`,
          `MSE ${formatWithInterval(mse, ci95.mse)} · R² ${formatWithInterval(r2, ci95.r2)}`,
        ),
      ),
      hoverinfo: "text",
    },
  ];
}

function dots(
  values: readonly number[],
  ends: readonly (Interval | null)[],
  { color, hovertext }: { color: string; hovertext: string[] },
): Part {
  return {
    ...{ type: "scatter", mode: "markers", x: values, y: values.map((_, i) => i) },
    error_x: { ...whiskersOf(values, ends), color },
    ...{ marker: { color, size: 9 }, hovertext, hoverinfo: "text" },
  };
}

function forestLayout(names: readonly string[], what: string): Part {
  return {
    showlegend: false,
    xaxis: axis(what),
    yaxis: axis("", {
      tickvals: names.map((_, i) => i),
      ticktext: names.map(plotText),
      range: [names.length - 0.5, -0.5],
      showgrid: false,
    }),
    shapes: [line([0, 0], [0, 1], { yref: "y domain", colour: COLOURS.ink, dash: "solid", layer: "below" })],
  };
}
