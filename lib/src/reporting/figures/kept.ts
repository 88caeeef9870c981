import { plotLines, plotText } from "../escape";
import { capitalised, countOf, formatCount, formatPercent } from "../format";
import { axis, COLOURS, makeFigure, type Part, SPLIT_COLOURS } from "../theme";
import type { Figure } from "../view";

/** What `prepare --json` tells of the rows. */
export interface Kept {
  rows: number;
  invalid: readonly { reason: string }[];
  /** Why valid rows did not pass the filter, where that is known. */
  dropped?: Readonly<Record<string, number>>;
  aboveThreshold: number;
  duplicates: { sameBytes: number; samePicture: number; otherArtwork: number };
  films: number;
  splits: { train: number; validation: number; test: number };
}

/** From rows read to films kept: what each step dropped, and why, ending in the splits. */
export function keptAndDropped(report: Kept): Figure {
  const { sameBytes, samePicture, otherArtwork } = report.duplicates;
  const valid = report.rows - report.invalid.length;
  const other = report.aboveThreshold - sameBytes - samePicture - otherArtwork - report.films;
  const drops: [string, number, string][] = [
    ["Invalid rows", report.invalid.length, commonReasons(report.invalid)],
    ...filtered(report, valid - report.aboveThreshold),
    ["Same film, same file", sameBytes, "The poster repeats an earlier row of the same film byte for byte."],
    ["Same film, same picture", samePicture, "The poster shows the same picture, encoded another way."],
    ["Same film, other artwork", otherArtwork, "Another poster of a film that is already there."],
  ];
  if (other !== 0) drops.push(["Other reasons", other, ""]);
  const names = ["Rows read", ...drops.map(([name]) => name), "Films kept"];
  const last = names.length - 1;
  let remaining = report.rows;
  const bars = drops.map(([name, count, why], i) => {
    remaining -= count;
    return dropBar(i + 1, remaining, count, [
      `${name}: ${countOf(count, "row")} (${formatPercent(count / report.rows)})`,
      why,
    ]);
  });
  return makeFigure({
    title: "What was kept, what was dropped, and why",
    notes: [`${countOf(report.rows, "row")} read, ${countOf(report.films, "film")} kept`],
    data: [
      bar(0, 0, report.rows, "Rows read", COLOURS.light, countOf(report.rows, "row")),
      ...bars,
      ...splitBars(report, last),
    ],
    height: 120 + 40 * names.length,
    legend: true,
    layout: {
      barmode: "overlay",
      bargap: 0.3,
      xaxis: axis("Rows", { range: [0, Math.max(report.rows, 1) * 1.18], tickformat: ",d" }),
      yaxis: axis("", {
        range: [last + 0.6, -0.6],
        tickvals: names.map((_, i) => i),
        ticktext: names.map(plotText),
        showgrid: false,
      }),
    },
  });
}

function filtered({ dropped = {} }: Kept, count: number): [string, number, string][] {
  const reasons = Object.entries(dropped).filter(([, rows]) => rows > 0);
  const explained = reasons.reduce((sum, [, rows]) => sum + rows, 0) === count && count > 0;
  if (!explained) return [["Revenue too low or unknown", count, ""]];
  return reasons.map(([reason, rows]) => [capitalised(reason), rows, ""]);
}

function commonReasons(invalid: readonly { reason: string }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of invalid) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return common.map(([reason, count]) => `${formatCount(count)} × ${reason}`).join("; ");
}

function bar(y: number, base: number, length: number, name: string, color: string, text: string, hover = text): Part {
  const shared = {
    type: "bar",
    orientation: "h",
    y: [y],
    base: [base],
    x: [length],
    width: 0.7,
    name: plotText(name),
    marker: { color },
  };
  return {
    ...shared,
    text: [text],
    textposition: "outside",
    cliponaxis: false,
    hovertext: [hover],
    hoverinfo: "text",
    showlegend: false,
  };
}

function dropBar(y: number, base: number, count: number, hover: string[]): Part {
  const lines = plotLines(...hover.filter((text) => text !== ""));
  return bar(y, base, count, "dropped", COLOURS.vermillion, count === 0 ? "0" : formatCount(-count), lines);
}

function splitBars(report: Kept, y: number): Part[] {
  let base = 0;
  return Object.entries(report.splits).map(([name, count], i, all) => {
    const total = i === all.length - 1 ? countOf(report.films, "film") : "";
    const hover = `${name}: ${countOf(count, "film")} (${formatPercent(count / report.films)})`;
    const part = bar(
      y,
      base,
      count,
      `${name} ${formatCount(count)}`,
      SPLIT_COLOURS[name] ?? COLOURS.grey,
      total,
      hover,
    );
    base += count;
    return { ...part, showlegend: true };
  });
}
