import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { parseCsv } from "../catalogue/csv";
import { UserError } from "../errors";
import type { Evaluation, Judged } from "../evaluation/metrics";
import { readError, readJson } from "../system/files";
import { type TrainedRun, trainedRun } from "./run";

/** A trained run, and what `evaluate` wrote of the films that it never saw. */
export interface JudgedRun extends TrainedRun {
  evaluation: Evaluation;
  judged: Judged[];
}

/** The judged run of that name; a `UserError` says how to judge it, or which file is damaged. */
export async function judgedRun(name: string): Promise<JudgedRun> {
  const run = await trainedRun(name);
  const [evaluation, predictions] = [run.file("evaluation.json"), run.file("predictions.csv")];
  if (!existsSync(evaluation) || !existsSync(predictions)) {
    throw new UserError(`The run "${name}" has not been judged: do it first (movie-revenue evaluate --run ${name}).`);
  }
  return { ...run, evaluation: await readEvaluation(evaluation), judged: await readPredictions(predictions) };
}

const metricsSchema = z.looseObject({
  n: z.number(),
  mse: z.number(),
  medianSplit: z.looseObject({ accuracy: z.number() }),
  ci95: z.looseObject({}),
});
const evaluationSchema = z.looseObject({
  n: z.number(),
  model: metricsSchema,
  baselines: z.record(z.string(), metricsSchema),
  differences: z.record(z.string(), z.looseObject({ mse: z.number() })),
  intervals: z.looseObject({ level: z.number() }),
});

async function readEvaluation(path: string): Promise<Evaluation> {
  const parsed = evaluationSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new UserError(`${path} is damaged: evaluate the run again.`);
  return parsed.data as unknown as Evaluation;
}

const HEADER = ["id", "title", "split", "actual", "predicted", "low", "high"];

const dollars = z.coerce.number().positive();
const bound = z.union([z.literal("").transform(() => null), dollars]);
const filmSchema = z.object({
  id: z.coerce.number().int(),
  ...{ title: z.string().transform(unguarded), split: z.string() },
  ...{ actual: dollars, predicted: dollars, low: bound, high: bound },
});

/** The films of a `predictions.csv`. */
async function readPredictions(path: string): Promise<Judged[]> {
  const text = await readFile(path, "utf8").catch((thrown) => {
    throw readError(path, thrown);
  });
  const { columns, records } = parseCsv(text, { separator: ",", file: path });
  if (columns.join() !== HEADER.join()) throw new UserError(`${path} is damaged: evaluate the run again.`);
  return records.map(({ line, fields }) => {
    const parsed = filmSchema.safeParse(Object.fromEntries(HEADER.map((name, i) => [name, fields[i]])));
    if (parsed.success) return parsed.data;
    const column = String(parsed.error.issues[0]?.path[0]);
    throw new UserError(`${path} line ${line} is wrong at ${column}: evaluate the run again.`);
  });
}

/** `predictions.csv`: RFC 4180, dollars rounded to whole ones, interval ends empty where there are none. */
export function formatPredictions(judged: readonly Judged[]): string {
  const whole = (value: number | null) => (value === null ? "" : String(Math.round(value)));
  const lines = judged.map(({ id, title, split, actual, predicted, low, high }) =>
    [id, quote(title), split, whole(actual), whole(predicted), whole(low), whole(high)].join(","),
  );
  return `${[HEADER.join(), ...lines].join("\r\n")}\r\n`;
}

/** Quoted where needed; a leading `=`, `+`, `-` or `@` would be a formula to a spreadsheet and gets an apostrophe. */
function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function unguarded(text: string): string {
  return text.replace(/^'(?=[=+\-@\t\r])/, "");
}
