import { join } from "node:path";
import { Thread } from "../system/thread";
import { plainFigure } from "./mime";
import type { Answer } from "./picture/worker";
import type { Figure } from "./view";

/** Pixels that a notebook's column is wide: what JupyterLab and HTML export give a figure on a laptop. */
const WIDTH = 840;
/** Seconds: a figure takes one, loading plotly.js a few; in WebGL, which is not there, it waits for ever. */
const PATIENCE = 30;

const thread = new Thread<Figure, Answer>(join(__dirname, "picture/worker.js"), "its drawing");

/**
 * A figure as the text of an SVG file, drawn by plotly.js itself in a thread of its own, without a browser.
 * Rejects where the figure asks for what only a browser has, as WebGL.
 */
export async function figurePicture(figure: Figure, { width = WIDTH } = {}): Promise<string> {
  const { data, layout } = plainFigure(figure);
  const answer = await thread.ask({ data, layout: { ...layout, width } }, PATIENCE);
  if ("svg" in answer) return answer.svg;
  throw new Error(answer.reason);
}
