import { log10Revenue } from "../../catalogue/clean";
import { mean, median } from "../../evaluation/quantiles";
import { plotLines, plotText } from "../escape";
import { countOf, formatDollars, formatNumber, formatPercent } from "../format";
import { axis, COLOURS, emptyFigure, label, line, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { binCounts, deviation, roundWidth } from "./statistics";

/** Revenue in dollars beside the same revenue in log10 dollars, with mean and standard deviation (zero dollars → 0). */
export function revenueDistribution(revenues: readonly number[]): Figure {
  const title = "Revenue before and after log10";
  if (revenues.length === 0) return emptyFigure(title, "There are no films to show.");
  const logs = revenues.map(log10Revenue);
  const [logMean, logDeviation] = [mean(logs), deviation(logs)];
  const width = roundWidth(
    revenues.reduce((most, revenue) => Math.max(most, revenue), 0),
    50,
  );
  return makeFigure({
    title,
    notes: [
      `${countOf(revenues.length, "film")}: in dollars a few films take most of the axis; log10 gives every film room`,
    ],
    data: [
      histogram(revenues, width, COLOURS.sky, formatDollars),
      {
        ...histogram(logs, 0.1, COLOURS.blue, (log) => formatDollars(log > 0 ? 10 ** log : 0)),
        xaxis: "x2",
        yaxis: "y2",
      },
    ],
    height: 400,
    layout: {
      xaxis: axis("Revenue (dollars)", { domain: [0, 0.46], ...linearDollarTicks(revenues) }),
      xaxis2: axis("Revenue (log10 dollars)", {
        domain: [0.54, 1],
        anchor: "y2",
        dtick: logs.includes(0) ? 1 : 0.5,
        tickformat: ".1f",
      }),
      yaxis: axis("Films", { tickformat: ",d" }),
      yaxis2: axis("Films", { anchor: "x2", tickformat: ",d" }),
      shapes: [
        marker("x", mean(revenues), COLOURS.vermillion),
        marker("x", median(revenues), COLOURS.ink),
        marker("x2", logMean, COLOURS.vermillion),
        spread(logMean, logDeviation),
      ],
      annotations: [
        label(
          `<span style="color:${COLOURS.vermillion}">${plotText(`mean ${formatDollars(mean(revenues))}`)}</span><br>${plotText(`median ${formatDollars(median(revenues))}`)}`,
          { xref: "x domain", yref: "y domain", x: 1, y: 1, xanchor: "right", yanchor: "top", align: "right" },
        ),
        label(
          plotLines(
            `mean ${formatNumber(logMean)} (${formatDollars(10 ** logMean)})`,
            `sd ${formatNumber(logDeviation)}`,
          ),
          { xref: "x2 domain", yref: "y2 domain", x: 1, y: 1, xanchor: "right", yanchor: "top", align: "right" },
        ),
      ],
    },
  });
}

function histogram(values: readonly number[], width: number, color: string, format: (edge: number) => string): Part {
  const { starts, counts } = binCounts(values, width);
  return {
    type: "bar",
    x: starts.map((start) => start + width / 2),
    y: counts,
    width,
    marker: { color, line: { color: COLOURS.paper, width: 0.5 } },
    hovertext: counts.map((count, i) =>
      plotText(
        `${format(starts[i]!)} – ${format(starts[i]! + width)} · ${countOf(count, "film")} (${formatPercent(count / values.length)})`,
      ),
    ),
    hoverinfo: "text",
  };
}

function linearDollarTicks(revenues: readonly number[]): Part {
  const most = revenues.reduce((high, revenue) => Math.max(high, revenue), 0);
  const step = roundWidth(most, 5);
  const tickvals = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  return {
    tickvals,
    ticktext: tickvals.map((tick) => plotText(formatDollars(tick))),
    range: [0, Math.max(most, 1) * 1.02],
  };
}

function marker(xref: string, x: number, colour: string): Part {
  return line([x, 0], [x, 1], { xref, yref: `${xref.replace("x", "y")} domain`, colour });
}

function spread(centre: number, sd: number): Part {
  const place = { xref: "x2", yref: "y2 domain", x0: centre - sd, x1: centre + sd, y0: 0, y1: 1 };
  return { type: "rect", ...place, fillcolor: COLOURS.blue, opacity: 0.1, line: { width: 0 }, layer: "below" };
}
