import sharp, { type Sharp } from "sharp";
import type { AverageHeat } from "../../evaluation/explain/average";
import type { Heat } from "../../evaluation/explain/heat";
import type { Association } from "../../evaluation/explain/looks";
import type { Picture } from "../../evaluation/explain/occlusion";
import { quantile } from "../../evaluation/quantiles";
import type { LineAdded } from "../../model/writing";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatDollars, formatNumber } from "../format";
import { axis, COLOURS, emptyFigure, label, line, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { formatInterval, whiskersOf } from "./calibration";

/** A poster and what of it raises and lowers its prediction, as `explainPosters` says it. */
export interface ExplainedPoster {
  title: string;
  /** Dollars. */
  predicted: number;
  picture: Picture;
  gradCam: Heat;
  occlusion: Heat;
  /** Spearman's, of the two heats. */
  agreement: number | null;
  /** Lines read on it, and what each adds, log10 dollars. */
  lines: readonly LineAdded[];
}

/** The palette's blue lowers, nothing is clear, its vermillion raises. */
const DIVERGING = [
  [0, "rgba(0,114,178,0.85)"],
  [0.5, "rgba(255,255,255,0)"],
  [1, "rgba(213,94,0,0.85)"],
];
const BLUE_TO_ORANGE = [
  [0, COLOURS.blue],
  [0.5, COLOURS.paper],
  [1, COLOURS.vermillion],
];

const METHODS = [
  { key: "gradCam", name: "Grad-CAM", scale: "coloraxis" },
  { key: "occlusion", name: "occlusion", scale: "coloraxis2" },
] as const;

/** In widths of a poster: a panel's height, what its captions take, and the air between. */
const [HEIGHT, CAPTION, AIR] = [1.5, 0.52, 0.08] as const;
const PANELS = 1 + METHODS.length;
/** Pixels of a row. */
const ROW_HEIGHT = 225;
/** The share of values that the scale reaches: a few extremes must not pale all others. */
const REACH = 0.98;

/**
 * Each poster as it is, under its Grad-CAM, and under its occlusion: blue lowers the prediction and orange raises it, in log10
 * dollars, on one scale for all posters by each method, which its largest fiftieth of values may leave.
 */
export async function explanationFigure(
  posters: readonly ExplainedPoster[],
  { columns = 2 }: { columns?: number } = {},
): Promise<Figure> {
  const title = "What raises a prediction, and what lowers it";
  if (posters.length === 0) return emptyFigure(title, "There is no poster to show.");
  const sources = await Promise.all(posters.map(({ picture }) => thumbnailsOf(picture)));
  const rows = Math.ceil(posters.length / columns);
  const across = Math.min(columns, posters.length);
  const place = (i: number) => ({
    x: (i % columns) * (PANELS + 4 * AIR),
    y: Math.floor(i / columns) * (HEIGHT + CAPTION),
  });
  return makeFigure({
    title,
    notes: [
      "Orange raises and blue lowers, in log10 dollars: 0.30 is a doubling. Left the poster, then Grad-CAM (a place's share in gradient · activation), then occlusion (the prediction less that with the patch covered); ρ is Spearman's rank correlation of the two",
    ],
    height: 130 + ROW_HEIGHT * rows,
    bottom: 14,
    data: posters.flatMap((poster, i) => METHODS.map((method, panel) => overlay(poster, method, panel + 1, place(i)))),
    layout: {
      images: posters.flatMap((_, i) =>
        Array.from({ length: PANELS }, (_, panel) =>
          hang(sources[i]![panel === 0 ? "plain" : "pale"], panel, place(i)),
        ),
      ),
      annotations: posters.flatMap((poster, i) => captions(poster, place(i))),
      xaxis: {
        visible: false,
        range: [-AIR, across * (PANELS + 4 * AIR) - 2 * AIR],
        ...{ constrain: "domain", constraintoward: "left", fixedrange: true },
      },
      yaxis: {
        visible: false,
        range: [rows * (HEIGHT + CAPTION), -CAPTION],
        ...{ scaleanchor: "x", constrain: "domain", constraintoward: "top", fixedrange: true },
      },
      ...Object.fromEntries(METHODS.map((method, i) => [method.scale, scaleOf(posters, method, i)])),
    },
  });
}

/** The mean occlusion over many posters; a dot marks the places whose 95% interval leaves 0. */
export function averageHeatFigure({ n, columns, rows, cells }: AverageHeat): Figure {
  const title = "Where posters raise and lower predictions";
  const means = cells.map(({ mean }) => mean);
  const sure = cells.flatMap(({ ci95 }, i) => (ci95 && (ci95[0] > 0 || ci95[1] < 0) ? [i] : []));
  const end = largest(means);
  const text = cells.map(({ mean, ci95 }) => plotText(`${formatNumber(mean, 4)}${formatInterval(ci95, 4)}`));
  return makeFigure({
    title,
    notes: [
      `The prediction less that with the patch covered, mean over ${countOf(n, "poster")}, in log10 dollars; a dot marks a patch whose own 95% interval leaves 0`,
    ],
    height: 560,
    data: [
      {
        type: "heatmap",
        z: rowsOf(means, columns),
        ...{ zmin: -end, zmax: end, colorscale: BLUE_TO_ORANGE, xgap: 2, ygap: 2 },
        hovertext: rowsOf(text, columns),
        hoverinfo: "text",
        colorbar: colourBar("log10 dollars"),
      },
      {
        type: "scatter",
        mode: "markers",
        x: sure.map((i) => i % columns),
        y: sure.map((i) => Math.floor(i / columns)),
        marker: { color: COLOURS.ink, size: 6 },
        hoverinfo: "skip",
      },
    ],
    layout: {
      xaxis: { visible: false, range: [-0.5, columns - 0.5], constrain: "domain" },
      yaxis: {
        visible: false,
        range: [rows - 0.5, -0.5],
        // cells as tall as they are on a poster of 2 by 3
        ...{ scaleanchor: "x", scaleratio: (1.5 * columns) / rows, constrain: "domain" },
      },
    },
  });
}

/** How the look of posters goes with what is predicted for them: rank correlations with 95% intervals. */
export function looksFigure(associations: readonly Association[]): Figure {
  const title = "Looks that go with high and low predictions";
  const known = associations.filter(({ correlation }) => correlation !== null);
  if (known.length === 0) return emptyFigure(title, "The posters do not differ in their looks.");
  const values = known.map(({ correlation }) => correlation!);
  const ends = known.map(({ ci95 }) => ci95);
  const sure = ends.map((ci95) => ci95 !== null && (ci95[0] > 0 || ci95[1] < 0));
  return makeFigure({
    title,
    notes: [
      "Spearman's rank correlation with the prediction; whiskers are 95% intervals. What goes together need not be the cause",
    ],
    height: 190 + 28 * known.length,
    data: [
      {
        type: "scatter",
        mode: "markers",
        x: values,
        y: known.map((_, i) => i),
        error_x: { ...whiskersOf(values, ends), color: COLOURS.grey },
        marker: { color: sure.map((is) => (is ? COLOURS.vermillion : COLOURS.blue)), size: 10 },
        hovertext: known.map(({ look, correlation, ci95 }) =>
          plotLines(look, `${formatNumber(correlation, 2)}${formatInterval(ci95, 2)}`),
        ),
        hoverinfo: "text",
      },
    ],
    layout: {
      xaxis: axis("Rank correlation with the prediction"),
      yaxis: axis("", {
        tickvals: known.map((_, i) => i),
        ticktext: known.map(({ look }) => plotText(look)),
        range: [known.length - 0.4, -0.6],
        showgrid: false,
      }),
      shapes: [line([0, 0], [0, 1], { yref: "y domain", colour: COLOURS.ink, dash: "solid", layer: "below" })],
    },
  });
}

type Method = (typeof METHODS)[number];
interface Place {
  x: number;
  y: number;
}

function overlay(poster: ExplainedPoster, { key, name, scale }: Method, panel: number, { x, y }: Place): Part {
  const { columns, rows, values } = poster[key];
  const [dx, dy] = [1 / columns, HEIGHT / rows];
  const said = Array.from(values, (value) => plotText(`${name} ${formatNumber(value, 4)} log10 dollars`));
  return {
    type: "heatmap",
    z: rowsOf([...values], columns),
    // a cell is named by its middle
    ...{ x0: x + panel * (1 + AIR) + dx / 2, dx, y0: y + dy / 2, dy },
    ...{ coloraxis: scale, zsmooth: key === "gradCam" ? "best" : false },
    hovertext: rowsOf(said, columns),
    hoverinfo: "text",
  };
}

function hang(source: string, panel: number, { x, y }: Place): Part {
  const size = { sizex: 1, sizey: HEIGHT, sizing: "stretch", xanchor: "left", yanchor: "top" };
  return { source, xref: "x", yref: "y", x: x + panel * (1 + AIR), y, ...size, layer: "below" };
}

function captions({ title, predicted, agreement }: ExplainedPoster, { x, y }: Place): Part[] {
  const above = (text: string, left: number, font: Part) =>
    label(text, { xref: "x", yref: "y", x: left, y, xanchor: "left", yanchor: "bottom", font });
  const small = { size: 11, color: COLOURS.grey };
  const rho = agreement === null ? "" : ` · ρ ${formatNumber(agreement, 2)}`;
  const head = `<b>${plotText(shorten(title, 30))}</b><br>${plotText(formatDollars(predicted))}`;
  return [
    above(head, x, { size: 12, color: COLOURS.ink }),
    ...METHODS.map(({ name, key }, i) =>
      label(plotText(`${name}${key === "occlusion" ? rho : ""}`), {
        ...{ xref: "x", yref: "y", x: x + (i + 1) * (1 + AIR), y: y + HEIGHT, xanchor: "left", yanchor: "top" },
        font: small,
      }),
    ),
  ];
}

/** One scale for all posters, the same to both sides of 0; the bars stand one above the other. */
function scaleOf(posters: readonly ExplainedPoster[], { key, name }: Method, position: number): Part {
  const sizes = posters.flatMap((poster) => Array.from(poster[key].values, Math.abs));
  const end = Math.max(quantile(sizes, REACH), 1e-9);
  const half = { len: 0.46, y: position === 0 ? 1 : 0.46, yanchor: "top" };
  return {
    ...{ cmin: -end, cmax: end, colorscale: DIVERGING },
    colorbar: { ...colourBar(plotLines(name, "log10 dollars")), ...half },
  };
}

function colourBar(text: string): Part {
  return {
    title: { text, font: { size: 12, color: COLOURS.grey } },
    ...{ thickness: 12, outlinewidth: 0, tickformat: "+.2~g", tickfont: { size: 11, color: COLOURS.grey } },
  };
}

/** The largest size of a value, above 0. */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
}

function rowsOf<T>(values: readonly T[], columns: number): T[][] {
  return Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

/** A poster at 2 by 3, whatever shape the model sees it in, as data URIs: as it is, and pale and grey for colours above it. */
async function thumbnailsOf({ pixels, width, height }: Picture): Promise<Record<"plain" | "pale", string>> {
  const small = sharp(pixels, { raw: { width, height, channels: 3 } }).resize(160, 240, { fit: "fill" });
  const pale = small.clone().greyscale().linear(0.55, 105);
  return { plain: await jpegOf(small), pale: await jpegOf(pale) };
}

async function jpegOf(image: Sharp): Promise<string> {
  return `data:image/jpeg;base64,${(await image.jpeg({ quality: 80 }).toBuffer()).toString("base64")}`;
}
