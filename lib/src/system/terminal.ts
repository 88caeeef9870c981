import { describeProgress, type Progress, type ProgressListener } from "../progress";

/** How often a task's progress is written where there is no terminal to draw over. */
const LOG_EVERY_SECONDS = 10;

/** What is needed of a terminal, or of a log. */
export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Draws progress on one line of stderr; in a log, writes a line now and then and one at each task's end. */
export function terminalProgress(stream: Terminal = process.stderr): ProgressListener {
  let last: Progress | undefined;
  return (progress) => {
    const ended = progress.total !== undefined && progress.done >= progress.total;
    if (stream.isTTY) {
      const line = describeProgress(progress).slice(0, (stream.columns || 80) - 1);
      stream.write(`\r\x1b[K${line}${ended ? "\n" : ""}`);
      return;
    }
    const sameTask = last?.task === progress.task && progress.seconds >= last.seconds;
    if (ended || (sameTask && progress.seconds - last!.seconds >= LOG_EVERY_SECONDS)) {
      stream.write(`${describeProgress(progress)}\n`);
      last = progress;
    } else if (!sameTask) {
      last = progress;
    }
  };
}

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM"] as const;
  const interrupt = () => {
    // left to the system, the second one ends a computation that lets no JavaScript through
    for (const name of names) process.off(name, interrupt);
    process.stderr.write("\nInterrupted: ending cleanly (once more to end at once).\n");
    controller.abort();
  };
  for (const name of names) process.on(name, interrupt);
  return controller.signal;
}
