import type { Analysis, Grouping, Scores } from "../../evaluation/analysis";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatNumber, formatPercent } from "../format";
import { axis, COLOURS, emptyFigure, label, line, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { formatInterval, whiskersOf } from "./calibration";

/** A group that holds films. */
interface Filled {
  name: string;
  scores: Scores;
}

/** The share of films inside their interval, of all and by bracket of actual revenue, beside what was promised. */
export function coverageByBracket({ all, groups, level }: Analysis): Figure {
  const title = "How often the interval holds the actual revenue";
  const rows = [{ name: "all films", scores: all }, ...filled(groups.bracket)].flatMap(({ name, scores }) =>
    scores.coverage ? [{ name, ...scores.coverage }] : [],
  );
  if (rows.length === 0) return emptyFigure(title, "The model gives no intervals.");
  const values = rows.map(({ coverage }) => coverage);
  const ends = rows.map(({ ci95 }) => ci95);
  return makeFigure({
    title,
    notes: [
      `The dashed line is the ${formatPercent(level, 0)} promised, of all films together; whiskers are 95% intervals. A bracket below the line earns what its intervals do not expect`,
    ],
    height: 420,
    data: [
      {
        type: "bar",
        x: rows.map((_, i) => i),
        y: values,
        width: 0.5,
        error_y: { ...whiskersOf(values, ends), color: COLOURS.ink },
        marker: { color: rows.map((_, i) => (i === 0 ? COLOURS.blue : COLOURS.sky)) },
        hovertext: rows.map(({ name, n, coverage, ci95, medianWidthLog10 }) =>
          plotLines(
            `${name} · ${countOf(n, "film")}`,
            `inside ${formatPercent(coverage)} (95%: ${formatPercent(ci95[0])} to ${formatPercent(ci95[1])})`,
            `median width ${formatNumber(medianWidthLog10, 2)} log10 dollars`,
          ),
        ),
        hoverinfo: "text",
      },
    ],
    layout: {
      xaxis: axis("Bracket of actual revenue", {
        tickvals: rows.map((_, i) => i),
        ticktext: rows.map(({ name, n }) => plotLines(name, countOf(n, "film"))),
        showgrid: false,
      }),
      yaxis: axis("Films inside their interval", { range: [0, 1.02], tickformat: ".0%" }),
      shapes: [line([0, level], [1, level], { xref: "x domain", colour: COLOURS.vermillion })],
    },
  });
}

/** The mean residual of each group with its 95% interval, as a forest plot; groups without films are named. */
export function residualByGroup(
  { all, groups }: Analysis,
  { by, limit = 25 }: { by: Grouping; limit?: number },
): Figure {
  const title = `Residual by ${by}`;
  const kept = filled(groups[by]);
  if (kept.length === 0) return emptyFigure(title, "No group holds a film.");
  const rows = kept.slice(0, limit);
  const empty = groups[by].filter(({ scores }) => scores === null).map(({ name }) => name);
  return makeFigure({
    title,
    notes: [
      "Mean of predicted − actual, in log10 dollars; whiskers are 95% intervals, from ten films on. A whisker that leaves the line at 0 shows a group that is predicted too low or too high",
      ...(kept.length > rows.length ? [`The ${rows.length} largest of ${countOf(kept.length, "group")}`] : []),
      ...(empty.length > 0 ? [`Without a film: ${empty.map((name) => shorten(name, 24)).join(", ")}`] : []),
    ],
    height: 190 + 28 * rows.length,
    data: [forest(rows)],
    layout: {
      xaxis: axis("Mean residual (log10 predicted − log10 actual)"),
      yaxis: axis("", {
        tickvals: rows.map((_, i) => i),
        ticktext: rows.map(({ name, scores }) => plotText(`${shorten(name, 28)} · ${countOf(scores.n, "film")}`)),
        range: [rows.length - 0.4, -0.6],
        showgrid: false,
      }),
      shapes: [
        line([0, 0], [0, 1], { yref: "y domain", colour: COLOURS.ink, dash: "solid", layer: "below" }),
        line([all.bias, 0], [all.bias, 1], { yref: "y domain", colour: COLOURS.blue, dash: "dot", layer: "below" }),
      ],
      annotations: [
        label("← too low", { xref: "x domain", yref: "y domain", x: 0, y: 1, yanchor: "bottom" }),
        label("too high →", { xref: "x domain", yref: "y domain", x: 1, y: 1, xanchor: "right", yanchor: "bottom" }),
      ],
    },
  });
}

function filled(groups: Analysis["groups"][Grouping]): Filled[] {
  return groups.flatMap(({ name, scores }) => (scores ? [{ name, scores }] : []));
}

function forest(rows: readonly Filled[]): Part {
  const values = rows.map(({ scores }) => scores.bias);
  const ends = rows.map(({ scores }) => scores.ci95?.bias);
  const sure = (i: number) => ends[i] != null && (ends[i][0] > 0 || ends[i][1] < 0);
  return {
    type: "scatter",
    mode: "markers",
    x: values,
    y: rows.map((_, i) => i),
    error_x: { ...whiskersOf(values, ends), color: COLOURS.grey },
    marker: { color: rows.map((_, i) => (sure(i) ? COLOURS.vermillion : COLOURS.blue)), size: 10 },
    hovertext: rows.map(({ name, scores }, i) =>
      plotLines(
        `${shorten(name, 40)} · ${countOf(scores.n, "film")}`,
        `mean residual ${formatNumber(scores.bias)}${formatInterval(ends[i])}`,
        `MSE ${formatNumber(scores.mse)}, of the training mean ${formatNumber(scores.meanMse)}`,
      ),
    ),
    hoverinfo: "text",
  };
}
