import { shorten } from "./escape";
import { frameToHtml } from "./tables";
import type { Figure, View } from "./view";

/** MIME type → content: text, base64 or, for JSON types, an object. A reader draws the richest that it knows. */
export type MimeBundle = Record<string, unknown>;

/** A view for JupyterLab: of a figure the interactive form, to which `pictureBundle` adds the one for other readers. */
export function viewBundle(view: View): MimeBundle {
  return { ...richest(view), "text/plain": summaryOf(view) };
}

/** A figure drawn as SVG. */
export function pictureBundle(view: Figure, svg: string): MimeBundle {
  return { "image/svg+xml": svg, "text/plain": summaryOf(view) };
}

/** "figure: Loss by epoch", for a terminal and for readers that cannot draw. */
export function summaryOf(view: View): string {
  if ("html" in view) return `html: ${shorten(view.html.replace(/<[^>]*>/g, " ").trim(), 100)}`;
  if ("png" in view) return `picture: ${view.png.length.toLocaleString("en-US")} bytes`;
  if ("values" in view) return `table: ${view.shape[0]} rows of ${shorten(view.columns.join(", "), 100)}`;
  const { title } = view.layout as { title?: string | { text?: string } };
  return `figure: ${shorten((typeof title === "object" ? title.text : title) ?? "untitled", 100)}`;
}

function richest(view: View): MimeBundle {
  if ("html" in view) return { "text/html": view.html };
  if ("png" in view) return { "image/png": Buffer.from(view.png).toString("base64") };
  if ("values" in view) return { "text/html": frameToHtml(view).html };
  return { "application/vnd.plotly.v1+json": plainFigure(view) };
}

/** A figure as JSON knows it, typed arrays as arrays: it would write them as objects of numbered keys, which plotly does not draw. */
export function plainFigure({ data, layout }: Figure): Figure {
  const toArray = (_: string, part: unknown) =>
    ArrayBuffer.isView(part) && !(part instanceof DataView) ? Array.from(part as Uint8Array) : part;
  return JSON.parse(JSON.stringify({ data, layout }, toArray));
}
