import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { describeProgress, type Progress, type ProgressListener } from "./progress";
import { escapeHtml, shorten } from "./reporting/escape";
import { frameToHtml } from "./reporting/tables";
import type { Figure, Frame, Html, Png } from "./reporting/view";
import { type Terminal, terminalProgress } from "./terminal";

/** What jupyter/launcher.cjs offers to the code of the running cell. */
interface Cell {
  /** Aborted by the interrupt button; taking it tells the kernel that the cell will stop by itself. */
  readonly signal: AbortSignal;
  /** Sends a display, or replaces the one of the same id. */
  display(content: { data: MimeBundle; metadata: object; transient: { display_id?: string } }, update: boolean): void;
}

/** MIME type → content: text, base64 or, for JSON types, an object. */
type MimeBundle = Record<string, unknown>;

const CELL = Symbol.for("movie-revenue.cell");
let displays = 0;
let outside: AbortController | undefined;

/** Shows a figure, a piece of HTML, a picture or a DataFrame below the cell; outside a notebook, prints a line about it. */
export function show(view: Figure | Html | Png | Frame): void {
  const cell = runningCell();
  if (!cell) console.log(summaryOf(view));
  else cell.display({ data: { ...richest(view), "text/plain": summaryOf(view) }, metadata: {}, transient: {} }, false);
}

/**
 * A listener that keeps one line for each task below the cell, rewritten in place; elsewhere one on stderr.
 * Where a program runs the notebook (jupyter/run.py sets MOVIE_REVENUE_TERMINAL), its terminal sees it too.
 */
export function progress(): ProgressListener {
  const cell = runningCell();
  if (!cell) return terminalProgress();
  const terminal = process.env.MOVIE_REVENUE_TERMINAL ? terminalProgress(kernelTerminal) : undefined;
  const ids = new Map<string, string>();
  return (report) => {
    terminal?.(report);
    const known = ids.get(report.task);
    const id = known ?? `progress-${process.pid}-${++displays}`;
    ids.set(report.task, id);
    const data = { "text/html": progressHtml(report), "text/plain": describeProgress(report) };
    cell.display({ data, metadata: {}, transient: { display_id: id } }, known !== undefined);
  };
}

/** The running cell's signal: ask for it in the cell that passes it on. Outside a notebook, Ctrl-C aborts it. */
export function signal(): AbortSignal {
  const cell = runningCell();
  if (cell) return cell.signal;
  if (!outside) {
    const controller = new AbortController();
    process.once("SIGINT", () => controller.abort());
    outside = controller;
  }
  return outside.signal;
}

/** The kernel's own stderr: `process.stderr` is the cell's output while a cell runs. */
const kernelTerminal: Terminal = { isTTY: isatty(2), write: (text) => writeSync(2, text) };

function runningCell(): Cell | undefined {
  return (globalThis as { [CELL]?: Cell })[CELL];
}

/** The one form of a view that JupyterLab draws. */
function richest(view: Figure | Html | Png | Frame): MimeBundle {
  if ("html" in view) return { "text/html": view.html };
  if ("png" in view) return { "image/png": Buffer.from(view.png).toString("base64") };
  if ("values" in view) return { "text/html": frameToHtml(view).html };
  return { "application/vnd.plotly.v1+json": plain({ data: view.data, layout: view.layout }) };
}

/** Typed arrays as arrays: JSON would write a Float32Array as an object of numbered keys, which plotly does not draw. */
function plain(value: object): unknown {
  const toArray = (_: string, part: unknown) =>
    ArrayBuffer.isView(part) && !(part instanceof DataView) ? Array.from(part as Uint8Array) : part;
  return JSON.parse(JSON.stringify(value, toArray));
}

/** A bar, where the total is known, and the line that a terminal would show. */
function progressHtml(report: Progress): string {
  const bar = report.total ? `<progress value="${report.done}" max="${report.total}"></progress> ` : "";
  return `<div>${bar}${escapeHtml(describeProgress(report))}</div>`;
}

/** "figure: Loss by epoch", for a terminal and for readers that cannot draw. */
function summaryOf(view: Figure | Html | Png | Frame): string {
  if ("html" in view) return `html: ${shorten(view.html.replace(/<[^>]*>/g, " ").trim(), 100)}`;
  if ("png" in view) return `picture: ${view.png.length.toLocaleString("en-US")} bytes`;
  if ("values" in view) return `table: ${view.shape[0]} rows of ${shorten(view.columns.join(", "), 100)}`;
  const { title } = view.layout as { title?: string | { text?: string } };
  return `figure: ${shorten((typeof title === "object" ? title.text : title) ?? "untitled", 100)}`;
}
