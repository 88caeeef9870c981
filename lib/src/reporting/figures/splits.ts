import { quantile } from "../../evaluation/quantiles";
import { plotLines, plotText } from "../escape";
import { countOf, formatDollars, formatPercent, formatRange } from "../format";
import { axis, COLOURS, dollarAxis, emptyFigure, makeFigure, type Part, SPLIT_COLOURS } from "../theme";
import type { Figure } from "../view";
import { ascending, gapByChance, largestGap } from "./statistics";

/** Revenue by split, as cumulative curves and boxes, with the largest gap to the training films and what chance allows. */
export function splitDistribution(splits: Readonly<Record<string, readonly number[]>>): Figure {
  const title = "Revenue by split";
  const names = Object.keys(splits).filter((name) => splits[name]!.length > 0);
  if (names.length === 0) return emptyFigure(title, "There are no films to show.");
  const sorted = names.map((name) => ascending(splits[name]!));
  const all = sorted.flat();
  return makeFigure({
    title,
    notes: [gapNote(names, sorted)],
    data: names.flatMap((name, i) => [curve(name, sorted[i]!), ...box(name, i, sorted[i]!)]),
    legend: true,
    layout: {
      xaxis: dollarAxis(all, "Revenue (dollars, log scale)", { domain: [0, 0.56] }),
      yaxis: axis("Films that earn at most this", { range: [0, 1.02], tickformat: ".0%" }),
      xaxis2: dollarAxis(all, "Revenue (dollars, log scale)", { fewest: 2, domain: [0.66, 1], anchor: "y2" }),
      yaxis2: axis("", {
        anchor: "x2",
        range: [names.length - 0.4, -0.6],
        tickvals: names.map((_, i) => i),
        ticktext: names.map(plotText),
        showgrid: false,
      }),
    },
  });
}

function gapNote(names: readonly string[], sorted: readonly number[][]): string {
  const train = Math.max(0, names.indexOf("train"));
  const gaps = names.flatMap((name, i) => {
    if (i === train) return [];
    const [gap, chance] = [
      largestGap(sorted[train]!, sorted[i]!),
      gapByChance(sorted[train]!.length, sorted[i]!.length),
    ];
    return [`${name} ${formatPercent(gap)} (chance alone: up to ${formatPercent(chance)})`];
  });
  return gaps.length > 0 ? `Largest gap to ${names[train]}: ${gaps.join(", ")}` : "Only one split has films.";
}

function curve(name: string, revenues: readonly number[]): Part {
  const steps = Math.min(200, revenues.length);
  const fractions = Array.from({ length: steps }, (_, i) => (i + 1) / steps);
  const x = fractions.map((fraction) => revenues[Math.ceil(fraction * revenues.length - 1e-9) - 1]!);
  return {
    type: "scatter",
    mode: "lines",
    x,
    y: fractions,
    name: plotText(`${name} (${countOf(revenues.length, "film")})`),
    line: { shape: "hv", width: 1.75, color: SPLIT_COLOURS[name] ?? COLOURS.purple },
    hovertext: fractions.map((fraction, i) =>
      plotText(`${name} · ${formatPercent(fraction, 0)} of films earn ${formatDollars(x[i])} or less`),
    ),
    hoverinfo: "text",
  };
}

function box(name: string, position: number, revenues: readonly number[]): Part[] {
  const at = (fraction: number) => quantile(revenues, fraction);
  const color = SPLIT_COLOURS[name] ?? COLOURS.purple;
  const axes = { xaxis: "x2", yaxis: "y2", y: [position], showlegend: false };
  const hover = plotLines(
    `${name} · median ${formatDollars(at(0.5))}`,
    `middle half ${formatRange(at(0.25), at(0.75))}`,
    `9 of 10 films ${formatRange(at(0.05), at(0.95))}`,
  );
  return [
    {
      type: "box",
      orientation: "h",
      ...axes,
      q1: [at(0.25)],
      median: [at(0.5)],
      q3: [at(0.75)],
      lowerfence: [at(0.05)],
      upperfence: [at(0.95)],
      line: { color },
      width: 0.5,
      hoverinfo: "skip",
    },
    {
      type: "scatter",
      mode: "markers",
      ...axes,
      x: [at(0.5)],
      marker: { color, size: 9 },
      hovertext: [hover],
      hoverinfo: "text",
    },
  ];
}
