import type { Comparison } from "../../compare";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatNumber, formatWithInterval } from "../format";
import { judgementsOf } from "../tables/comparison";
import { axis, COLOURS, line, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { whiskersOf } from "./calibration";

/** MSE of runs and of their baselines as dots with 95% intervals, the best first. */
export function comparisonFigure(comparison: Comparison): Figure {
  const rows = judgementsOf(comparison).sort((a, b) => a.metrics.mse - b.metrics.mse);
  const dots = (isModel: boolean, color: string, symbol: string): Part => {
    const kept = rows.flatMap((row, i) => ((row.who === "model") === isModel ? [{ ...row, i }] : []));
    const values = kept.map(({ metrics }) => metrics.mse);
    const ends = kept.map(({ metrics }) => metrics.ci95.mse);
    return {
      ...{ type: "scatter", mode: "markers", name: isModel ? "run" : "baseline" },
      ...{ x: values, y: kept.map(({ i }) => i) },
      error_x: { ...whiskersOf(values, ends), color, thickness: 2, width: 6 },
      marker: { color, symbol, size: 12 },
      hovertext: kept.map(({ run, who, metrics: { n, mse, r2, ci95 } }) =>
        plotLines(
          `${run}: ${who} · ${countOf(n, "film")}`,
          `MSE ${formatWithInterval(mse, ci95.mse)} · R² ${formatWithInterval(r2, ci95.r2)}`,
        ),
      ),
      hoverinfo: "text",
    };
  };
  return makeFigure({
    title: "Runs beside each other and their baselines",
    notes: [
      `Runs are judged on ${countOf(comparison.n, "film")} that all of them judged, baselines on those of their run; whiskers are 95% intervals; further left is better`,
    ],
    height: 180 + 36 * rows.length,
    legend: true,
    data: [dots(true, COLOURS.blue, "circle"), dots(false, COLOURS.grey, "diamond")],
    layout: {
      xaxis: axis("MSE (log10 dollars²)"),
      yaxis: namesAxis(
        rows.map(({ run, who, metrics }) => `${who === "model" ? run : who}  ${formatNumber(metrics.mse)}`),
      ),
    },
  });
}

/** The paired difference in MSE of every two runs, with its 95% interval: an interval beyond zero is proof. */
export function differencesFigure({ differences, n }: Comparison): Figure {
  const values = differences.map(({ mse }) => mse.difference ?? 0);
  const ends = differences.map(({ mse }) => mse.ci95);
  const names = differences.map(({ first, second }) => `${first} less ${second}`);
  return makeFigure({
    title: "Differences between runs, film by film",
    notes: [`${countOf(n, "film")}; whiskers are 95% intervals; left of zero, the first of the two is better`],
    height: 180 + 40 * differences.length,
    data: [
      {
        ...{ type: "scatter", mode: "markers", x: values, y: values.map((_, i) => i) },
        error_x: { ...whiskersOf(values, ends), color: COLOURS.blue, thickness: 2, width: 6 },
        marker: { color: COLOURS.blue, size: 12 },
        hovertext: differences.map(({ mse, r2 }, i) =>
          plotLines(
            names[i]!,
            `MSE ${formatWithInterval(mse.difference, mse.ci95)} · R² ${formatWithInterval(r2.difference, r2.ci95)}`,
          ),
        ),
        hoverinfo: "text",
      },
    ],
    layout: {
      xaxis: axis("Difference in MSE (log10 dollars²)"),
      yaxis: namesAxis(names),
      shapes: [line([0, 0], [0, 1], { yref: "y domain", colour: COLOURS.ink, dash: "solid", layer: "below" })],
    },
  });
}

/** Names from the top down. */
function namesAxis(names: readonly string[]): Part {
  return axis("", {
    tickvals: names.map((_, i) => i),
    ticktext: names.map((name) => plotText(shorten(name, 40))),
    range: [names.length - 0.5, -0.5],
    showgrid: false,
  });
}
