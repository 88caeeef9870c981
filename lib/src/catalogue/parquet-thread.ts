import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { UserError } from "../errors";
import type { DecodeJob } from "./parquet-decode";
import type { Answer } from "./parquet-worker";

// A damaged page can send the decoder round in circles, or let it ask for gigabytes: in a thread of its own it can be
// stopped, and its want of memory is an error there instead of the end of the process.

/** Seconds of work on one row group that are never too many, and the bytes that take another second at the slowest. */
const PATIENCE = 10;
const BYTES_A_SECOND = 1_000_000;

let thread: Worker | null = null;
let last: Promise<unknown> = Promise.resolve();

/** Decodes rows in a thread, one job after the other; rejects with the reason where they cannot be decoded. */
export function decodeInThread(job: DecodeJob): Promise<Record<string, unknown>[]> {
  const result = last.then(() => ask(job));
  last = result.catch(() => {});
  return result;
}

function ask(job: DecodeJob): Promise<Record<string, unknown>[]> {
  thread ??= new Worker(join(__dirname, "parquet-worker.js"));
  const worker = thread;
  // an idle thread keeps no process alive
  worker.ref();
  return new Promise<Record<string, unknown>[]>((resolve, reject) => {
    // ticks, not a moment in time: a laptop may have slept meanwhile
    let ticks = 0;
    const clock = setInterval(() => ++ticks > limitOf(job) && fail("its decoding does not end"), 1000);
    const settle = (): void => {
      clearInterval(clock);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit).unref();
    };
    const fail = (reason: string): void => {
      settle();
      thread = null;
      // what it still says on its way out concerns no one
      worker.on("error", () => {});
      worker.terminate().finally(() => reject(new Error(reason)));
    };
    const onMessage = (answer: Answer): void => {
      settle();
      if ("rows" in answer) resolve(answer.rows);
      else reject(answer.known ? new UserError(answer.reason) : new Error(answer.reason));
    };
    const onError = ({ code, message }: NodeJS.ErrnoException): void => {
      fail(code === "ERR_WORKER_OUT_OF_MEMORY" ? "it asks for more memory than there is" : message);
    };
    const onExit = (): void => fail("its decoding broke off");
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(job);
  });
}

function limitOf({ metadata }: DecodeJob): number {
  const sizes = metadata.row_groups.flatMap(({ columns }) =>
    columns.map(({ meta_data: meta }) => meta?.total_compressed_size ?? 0n),
  );
  const bytes = sizes.reduce<number>((sum, size) => sum + Math.max(0, Number(size)), 0);
  return PATIENCE + bytes / BYTES_A_SECOND;
}
