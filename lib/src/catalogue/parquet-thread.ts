import { join } from "node:path";
import { UserError } from "../errors";
import { Thread } from "../system/thread";
import type { DecodeJob } from "./parquet-decode";
import type { Answer } from "./parquet-worker";

// A damaged page can send the decoder round in circles, or let it ask for gigabytes: in a thread of its own it can be
// stopped, and its want of memory is an error there instead of the end of the process.

/** Seconds of work on one row group that are never too many, and the bytes that take another second at the slowest. */
const PATIENCE = 10;
const BYTES_A_SECOND = 1_000_000;

const thread = new Thread<DecodeJob, Answer>(join(__dirname, "parquet-worker.js"), "its decoding");

/** Decodes rows in a thread, one job after the other; rejects with the reason where they cannot be decoded. */
export async function decodeInThread(job: DecodeJob): Promise<Record<string, unknown>[]> {
  const answer = await thread.ask(job, limitOf(job));
  if ("rows" in answer) return answer.rows;
  throw answer.known ? new UserError(answer.reason) : new Error(answer.reason);
}

function limitOf({ metadata }: DecodeJob): number {
  const sizes = metadata.row_groups.flatMap(({ columns }) =>
    columns.map(({ meta_data: meta }) => meta?.total_compressed_size ?? 0n),
  );
  const bytes = sizes.reduce<number>((sum, size) => sum + Math.max(0, Number(size)), 0);
  return PATIENCE + bytes / BYTES_A_SECOND;
}
