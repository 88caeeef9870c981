import { plotLines, plotText } from "./escape";
import { formatDollars } from "./format";
import type { Figure } from "./view";

/** A plotly trace, axis, shape or annotation as plain data. */
export type Part = Record<string, unknown>;

/** Okabe and Ito's palette, distinct to every kind of colour vision (jfly.uni-koeln.de/color), and the greys of the frame. */
export const COLOURS = {
  blue: "#0072B2",
  orange: "#E69F00",
  green: "#009E73",
  vermillion: "#D55E00",
  sky: "#56B4E9",
  purple: "#CC79A7",
  ink: "#24292f",
  grey: "#6b7280",
  light: "#c9ced6",
  grid: "#e8eaee",
  paper: "#ffffff",
} as const;

/** The colour of each side of the split, the same in every figure. */
export const SPLIT_COLOURS: Readonly<Record<string, string>> = {
  train: COLOURS.blue,
  validation: COLOURS.orange,
  test: COLOURS.green,
};

const FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif";

interface FigureOptions {
  title: string;
  /** Grey lines under the title. */
  notes?: string[];
  data: Part[];
  layout?: Part;
  /** Pixels; the width is the reader's. */
  height?: number;
  /** Pixels below the plot, for its axis and its legend. */
  bottom?: number;
  legend?: boolean;
}

/** A figure in the house's look: white paper (so dark pages can show it), title and notes at the left, legend at the foot. */
export function makeFigure({
  title,
  notes = [],
  data,
  layout = {},
  height = 440,
  bottom = 58,
  legend = false,
}: FigureOptions): Figure {
  // plotly reserves no room for the title, so the margin is summed from what stands above the plot
  const lines = notes.flatMap((note) => wrap(note, 92));
  const top = 58 + 18 * lines.length;
  return {
    data,
    layout: {
      title: {
        text: plotText(title),
        subtitle: { text: plotLines(...lines), font: { size: 13, color: COLOURS.grey } },
        font: { size: 17, weight: 700 },
        x: 0,
        xref: "container",
        xanchor: "left",
        pad: { l: 16 },
        y: 1 - 26 / height,
        yref: "container",
        yanchor: "middle",
      },
      font: { family: FONT, size: 13, color: COLOURS.ink },
      paper_bgcolor: COLOURS.paper,
      plot_bgcolor: COLOURS.paper,
      colorway: [COLOURS.blue, COLOURS.orange, COLOURS.green, COLOURS.vermillion, COLOURS.purple, COLOURS.sky],
      hoverlabel: {
        bgcolor: COLOURS.paper,
        bordercolor: COLOURS.light,
        font: { color: COLOURS.ink, size: 13 },
        align: "left",
      },
      hovermode: "closest",
      showlegend: legend,
      legend: {
        orientation: "h",
        x: 0,
        xanchor: "left",
        y: 0,
        yanchor: "bottom",
        yref: "container",
        font: { size: 12 },
      },
      // plotly.js 4 would offer to upload the chart to a stranger's cloud
      modebar: { remove: ["sendChartToCloud", "select2d", "lasso2d"] },
      margin: { l: 72, r: 28, t: top, b: bottom },
      height,
      autosize: true,
      ...layout,
    },
  };
}

/** A figure that says in words why there is nothing to draw. */
export function emptyFigure(title: string, reason: string): Figure {
  const hidden = { visible: false };
  const note = {
    text: plotText(reason),
    xref: "paper",
    yref: "paper",
    x: 0.5,
    y: 0.5,
    showarrow: false,
    font: { color: COLOURS.grey },
  };
  return makeFigure({ title, data: [], height: 200, layout: { xaxis: hidden, yaxis: hidden, annotations: [note] } });
}

// plotly breaks no lines, and a note would run out of a narrow notebook
function wrap(text: string, length: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`.trim();
    if (lines.length > 0 && longer.length <= length) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** An axis with its name and unit. */
export function axis(title: string, options: Part = {}): Part {
  return {
    title: { text: plotText(title), standoff: 10, font: { size: 13, color: COLOURS.grey } },
    gridcolor: COLOURS.grid,
    linecolor: COLOURS.light,
    zeroline: false,
    automargin: true,
    ticks: "outside",
    ticklen: 4,
    tickcolor: COLOURS.paper,
    ...options,
  };
}

/**
 * A log axis that spans the values, with ticks like `$10M`, `$100M`, `$1B`, at least `fewest` where they can be had; what
 * is not above zero has no place on it.
 */
export function dollarAxis(
  values: readonly number[],
  title: string,
  { fewest = 4, ...options }: { fewest?: number } & Part = {},
): Part {
  const range = logRange(values);
  const tickvals = dollarTicks(10 ** range[0], 10 ** range[1], fewest);
  return axis(title, {
    type: "log",
    range,
    tickvals,
    ticktext: tickvals.map((tick) => plotText(formatDollars(tick))),
    ...options,
  });
}

/** Log10 ends of an axis that shows every positive value with a little air. */
export function logRange(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!(value > 0) || !Number.isFinite(value)) continue;
    low = Math.min(low, Math.log10(value));
    high = Math.max(high, Math.log10(value));
  }
  if (low > high) return [7, 9];
  const air = Math.max(0.05, 0.04 * (high - low));
  return [low - air, high + air];
}

/** Round amounts between two ends: decades where they are many, else 1–3, 1–2–5, or finer. */
export function dollarTicks(low: number, high: number, fewest = 4): number[] {
  const steps = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]];
  const first = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, i) => 10 ** (first + i));
  const choices = steps.map((step) =>
    decades.flatMap((decade) => step.map((digit) => digit * decade)).filter((tick) => tick >= low && tick <= high),
  );
  return choices.find((ticks) => ticks.length >= fewest) ?? choices[choices.length - 1]!;
}

/** Words inside a plot, at a place given in the coordinates named by `xref` and `yref`. */
export function label(text: string, place: Part): Part {
  return { text, showarrow: false, align: "left", font: { size: 12, color: COLOURS.grey }, ...place };
}

/** A straight line between two points, by default in the coordinates of the first axes. */
export function line(
  from: [number, number],
  to: [number, number],
  options: { colour?: string; dash?: string } & Part = {},
): Part {
  const { colour = COLOURS.grey, dash = "dash", ...rest } = options;
  return {
    type: "line",
    x0: from[0],
    y0: from[1],
    x1: to[0],
    y1: to[1],
    line: { color: colour, dash, width: 1.5 },
    ...rest,
  };
}

/** A straight line as a trace, so that it stands in the legend under the name added to it. */
export function segment(x: [number, number], y: [number, number], color: string, dash: string): Part {
  return { type: "scatter", mode: "lines", x, y, line: { color, dash, width: 1.5 }, hoverinfo: "skip" };
}
