import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { reasonOf } from "./errors";
import { describeProgress, type Progress, type ProgressListener } from "./progress";
import { escapeHtml } from "./reporting/escape";
import { type MimeBundle, pictureBundle, summaryOf, viewBundle } from "./reporting/mime";
import { figurePicture } from "./reporting/picture";
import type { Figure, View } from "./reporting/view";
import { type Terminal, terminalProgress } from "./system/terminal";

/** What jupyter/launcher.cjs offers to the code of the running cell. */
interface Cell {
  /** Aborted by the interrupt button; taking it tells the kernel that the cell will stop by itself. */
  readonly signal: AbortSignal;
  /** Sends a display, or replaces the one of the same id. */
  display(content: { data: MimeBundle; metadata: object; transient: { display_id: string } }, update: boolean): void;
  /** The cell does not end before this work: what it displays later would reach nobody. */
  until(work: Promise<unknown>): void;
}

/** A place below the cell whose view is replaced while the cell runs. */
export interface LiveView {
  /** Shows the next view; a figure as a picture, and where they come faster than they can be drawn, the latest. */
  replace(view: View): void;
  /** Shows the last view, a figure now interactive; outside a notebook, the only one that is told of. */
  settle(view: View): void;
}

const CELL = Symbol.for("movie-revenue.cell");
let displays = 0;
let outside: AbortController | undefined;

/** Shows a figure, a piece of HTML, a picture or a DataFrame below the cell; outside a notebook, prints a line about it. */
export function show(view: View): void {
  live().settle(view);
}

/** A place below the cell for a view that changes, as the loss curves during training. */
export function live(): LiveView {
  const cell = runningCell();
  if (!cell) return { replace: () => {}, settle: (view) => console.log(summaryOf(view)) };
  const put = placeIn(cell);
  let next: Figure | undefined;
  const drawWaiting = async (): Promise<void> => {
    for (let figure = next; figure; figure = next) {
      const picture = await pictureOf(figure);
      if (picture && next) put(picture);
      if (next === figure) next = undefined;
    }
  };
  return {
    replace(view) {
      if (!("data" in view)) return put(viewBundle(view));
      const idle = next === undefined;
      next = view;
      if (idle) cell.until(drawWaiting());
    },
    settle(view) {
      next = undefined;
      put(viewBundle(view));
      // Lab, which has drawn the interactive figure, leaves it as it is; other readers get a picture
      if ("data" in view)
        cell.until(pictureOf(view).then((picture) => picture && put({ ...viewBundle(view), ...picture })));
    },
  };
}

/**
 * A listener that keeps one line for each task below the cell, rewritten in place; elsewhere one on stderr.
 * Where a program runs the notebook (jupyter/run.py sets MOVIE_REVENUE_TERMINAL), its terminal sees it too.
 */
export function progress(): ProgressListener {
  const cell = runningCell();
  if (!cell) return terminalProgress();
  const terminal = process.env.MOVIE_REVENUE_TERMINAL ? terminalProgress(kernelTerminal) : undefined;
  const lines = new Map<string, (data: MimeBundle) => void>();
  return (report) => {
    terminal?.(report);
    const put = lines.get(report.task) ?? placeIn(cell);
    lines.set(report.task, put);
    put({ "text/html": progressHtml(report), "text/plain": describeProgress(report) });
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

/** Puts bundles in one place below the cell, each in the place of the one before. */
function placeIn(cell: Cell): (data: MimeBundle) => void {
  const id = `movie-revenue-${process.pid}-${++displays}`;
  let update = false;
  return (data) => {
    cell.display({ data, metadata: {}, transient: { display_id: id } }, update);
    update = true;
  };
}

/** A figure's picture; where there is none, the reader is told and the interactive figure stands alone. */
async function pictureOf(figure: Figure): Promise<MimeBundle | undefined> {
  try {
    return pictureBundle(figure, await figurePicture(figure));
  } catch (thrown) {
    console.error(`"${summaryOf(figure)}" has no picture for readers other than JupyterLab: ${reasonOf(thrown)}`);
    return undefined;
  }
}

/** A bar, where the total is known, the line that a terminal would show, and the memory that the kernel holds. */
function progressHtml(report: Progress): string {
  const bar = report.total ? `<progress value="${report.done}" max="${report.total}"></progress> ` : "";
  const memory = `${(process.memoryUsage.rss() / 1e9).toFixed(1)} GB`;
  return `<div>${bar}${escapeHtml(describeProgress(report))} · ${memory} of memory</div>`;
}
