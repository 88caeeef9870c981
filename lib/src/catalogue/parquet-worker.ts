import { parentPort } from "node:worker_threads";
import { reasonOf, UserError } from "../errors";
import { type DecodeJob, decodeRows } from "./parquet-decode";

/** What the thread answers: rows, or why there are none. `known` is a sentence for the user as it stands. */
export type Answer = { rows: Record<string, unknown>[] } | { reason: string; known: boolean };

parentPort?.on("message", async (job: DecodeJob) => {
  parentPort?.postMessage(await answerTo(job));
});

async function answerTo(job: DecodeJob): Promise<Answer> {
  try {
    return { rows: await decodeRows(job) };
  } catch (thrown) {
    return { reason: reasonOf(thrown), known: thrown instanceof UserError };
  }
}
