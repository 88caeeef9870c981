import type { Looked } from "./catalogue/dedupe";
import { UserError } from "./errors";
import { type Analysis, analysisOf } from "./evaluation/analysis";
import { omittedBaselines, parseBaselines, predictBaselines } from "./evaluation/baselines";
import { type Finding, findingsOf } from "./evaluation/findings";
import { type Evaluation, evaluationOf, type Judged } from "./evaluation/metrics";
import { cachedThumbnails } from "./gallery";
import { writeModelCard } from "./pages/model-card";
import { readCatalogue, type WorkOptions } from "./prepare";
import { formatPredictions } from "./runs/judged";
import { colourMatrix, predictFilms } from "./runs/predictor";
import { readMetrics, type TrainedRun, trainedRun } from "./runs/run";
import { readJson, writeFileAtomic, writeJson } from "./system/files";
import { recordEvaluation } from "./tracking/record";

export interface EvaluateOptions extends WorkOptions {
  /** Other data than the run's own; what `--data` takes. */
  data?: string;
}

/** A run that was judged: what notebook 05 shows and the report is made of. */
export interface Evaluated {
  evaluation: Evaluation;
  /** The errors by bracket, genre, decade, budget and language; calibration, drift, largest misses. */
  analysis: Analysis;
  /** JPEGs of the largest misses' posters, in the order of `analysis.misses`. */
  missPosters: Uint8Array[];
  /** Which of the original project's findings hold here. */
  findings: Finding[];
  /** Baselines that cannot be told, with the reason. */
  omittedBaselines: Record<string, string>;
  /** Each film judged, best known first: the rows of `predictions.csv`. */
  judged: Judged[];
  /** Films left out because the run was trained or validated on them. */
  seen: number;
  /** Rows of the data that cannot be used. */
  invalid: { row: number; reason: string }[];
}

/**
 * Judges a trained run on the films that it has never seen: its own test films, or those of other data.
 * On its own data `evaluation.json`, `analysis.json`, `predictions.csv` and the model card are written into the run folder.
 */
export async function evaluate(name: string, { data, ...options }: EvaluateOptions = {}): Promise<Evaluated> {
  const run = await trainedRun(name);
  const { config, calibration } = run;
  const source = data ? { ...config.data, source: data, maxFilms: 0 } : config.data;
  const catalogue = await readCatalogue({ ...config, data: source }, options);
  const { splits, sharedPosters } = calibration;
  const seen = new Set([...splits.train, ...splits.validation, ...sharedPosters]);
  const test = new Set(splits.test);
  const films = catalogue.films.filter(({ id }) => !seen.has(id));
  if (films.length === 0) {
    throw new UserError(`The run "${name}" was trained on every film of ${catalogue.source}: give it other films.`);
  }
  const predictions = await predictFilms(run, films, options);
  const judged = films.map(({ id, title, revenue }, i): Judged => {
    const split = test.has(id) ? "test" : "new";
    return { id, title, split, actual: revenue ?? 0, ...predictions[i]! };
  });
  const { bootstrap: samples, seed, level } = config.evaluation;
  const rivals = await baselinesFor(run, films);
  const evaluation = evaluationOf(judged, calibration.reference, {
    level,
    samples,
    seed,
    baselines: rivals.predictions,
  });
  const facts = judged.map((film, i) => ({ ...film, ...factsOf(films[i]!) }));
  const analysis = analysisOf(facts, calibration.reference, { level, samples, seed });
  const epochs = await readMetrics(run);
  const findings = findingsOf(judged, calibration.reference, { epochs, samples, seed });
  const evaluated: Evaluated = {
    ...{ evaluation, analysis, findings, judged },
    missPosters: await cachedThumbnails(config, missedOf(analysis, films)),
    omittedBaselines: rivals.omitted,
    seen: catalogue.films.length - films.length,
    invalid: catalogue.invalid,
  };
  if (!data) await writeEvaluated(run, evaluated);
  return evaluated;
}

function missedOf({ misses }: Analysis, films: readonly Looked[]): Looked[] {
  const byId = new Map(films.map((film) => [film.id, film]));
  return misses.map(({ id }) => byId.get(id)!);
}

/** What the run folder keeps of its judgement. */
async function writeEvaluated(run: TrainedRun, evaluated: Evaluated): Promise<void> {
  const { evaluation, analysis, findings, judged } = evaluated;
  await writeJson(run.file("evaluation.json"), evaluation);
  await writeJson(run.file("analysis.json"), { ...analysis, findings });
  await writeFileAtomic(run.file("predictions.csv"), formatPredictions(judged));
  await recordEvaluation(run, evaluation);
  await writeModelCard(run, evaluated);
}

/** What the run's baselines predict for films, log10 dollars, and why some cannot. */
async function baselinesFor(
  run: TrainedRun,
  films: readonly Looked[],
): Promise<{ predictions: Record<string, Float64Array>; omitted: Record<string, string> }> {
  const path = run.file("baselines.json");
  const fitted = parseBaselines(await readJson(path), path);
  const subjects = { films, colours: await colourMatrix(run.config, films) };
  return { predictions: predictBaselines(fitted, subjects), omitted: omittedBaselines(fitted, subjects) };
}

/** What the analysis groups films by. */
function factsOf({ genres, year, budget, language }: Looked): Pick<Looked, "genres" | "year" | "budget" | "language"> {
  return { genres, year, budget, language };
}
