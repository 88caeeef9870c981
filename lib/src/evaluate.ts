import { UserError } from "./errors";
import { type Evaluation, evaluationOf, type Judged } from "./evaluation/metrics";
import { writeFileAtomic, writeJson } from "./files";
import { predictPosters } from "./predictor";
import { readCatalogue, type WorkOptions } from "./prepare";
import { trainedRun } from "./run";

export interface EvaluateOptions extends WorkOptions {
  /** Other data than the run's own; what `--data` takes. */
  data?: string;
}

export interface Evaluated {
  evaluation: Evaluation;
  /** Each film judged, best known first: the rows of `predictions.csv`. */
  judged: Judged[];
  /** Films left out because the run was trained or validated on them. */
  seen: number;
  /** Rows of the data that cannot be used. */
  invalid: { row: number; reason: string }[];
}

/**
 * Judges a trained run on the films that it has never seen: its own test films, or those of other data.
 * On its own data `evaluation.json` and `predictions.csv` are written into the run folder.
 */
export async function evaluate(name: string, { data, ...options }: EvaluateOptions = {}): Promise<Evaluated> {
  const run = await trainedRun(name);
  const { config, calibration } = run;
  const source = data ? { ...config.data, source: data, maxFilms: 0 } : config.data;
  const catalogue = await readCatalogue({ ...config, data: source }, options);
  const seen = new Set([...calibration.splits.train, ...calibration.splits.validation]);
  const test = new Set(calibration.splits.test);
  const films = catalogue.films.filter(({ id }) => !seen.has(id));
  if (films.length === 0) {
    throw new UserError(`The run "${name}" was trained on every film of ${catalogue.source}: give it other films.`);
  }
  const posters = films.map(({ sha256 }) => sha256);
  const predictions = await predictPosters(run, posters, options);
  const judged = films.map(({ id, title, revenue }, i): Judged => {
    const split = test.has(id) ? "test" : "new";
    return { id, title, split, actual: revenue ?? 0, ...predictions[i]! };
  });
  const { bootstrap: samples, seed, level } = config.evaluation;
  const evaluation = evaluationOf(judged, calibration.reference, { level, samples, seed });
  if (!data) {
    await writeJson(run.file("evaluation.json"), evaluation);
    await writeFileAtomic(run.file("predictions.csv"), formatPredictions(judged));
  }
  return { evaluation, judged, seen: catalogue.films.length - films.length, invalid: catalogue.invalid };
}

/** `predictions.csv`: RFC 4180, dollars rounded to whole ones, interval ends empty where there are none. */
export function formatPredictions(judged: readonly Judged[]): string {
  const dollars = (value: number | null) => (value === null ? "" : String(Math.round(value)));
  const lines = judged.map(({ id, title, split, actual, predicted, low, high }) =>
    [id, quote(title), split, dollars(actual), dollars(predicted), dollars(low), dollars(high)].join(","),
  );
  return `${["id,title,split,actual,predicted,low,high", ...lines].join("\r\n")}\r\n`;
}

/** Quoted where needed; a leading `=`, `+`, `-` or `@` would be a formula to a spreadsheet and gets an apostrophe. */
function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
