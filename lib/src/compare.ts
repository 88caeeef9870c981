import { UsageError, UserError } from "./errors";
import { type IntervalSummary, intervalSummary } from "./evaluation/conformal";
import { type Evaluation, type Judged, type Metrics, metrics } from "./evaluation/metrics";
import { type PairedDifference, pairedDifference } from "./evaluation/paired";
import { type JudgedRun, judgedRun } from "./runs/judged";

/** A run among others, judged on the films that all of them judged. */
export interface ComparedRun {
  name: string;
  /** R² is against the mean of the run's own training films. */
  metrics: Metrics;
  intervals: IntervalSummary;
  /** What `evaluate` found, of every film that the run judged: its baselines and the differences to them. */
  evaluation: Evaluation;
  /** Films that the run judged and another did not. */
  leftOut: { id: number; title: string }[];
}

/** The first run's MSE and R² less those of the second, film by film; R² is against the first's training mean. */
export interface RunDifference extends PairedDifference {
  first: string;
  second: string;
}

/** Runs side by side. */
export interface Comparison {
  /** Films that every run judged. */
  n: number;
  runs: ComparedRun[];
  /** Of every two runs, in the order in which they were named. */
  differences: RunDifference[];
}

/** Compares judged runs on the films that all of them judged; a `UserError` where there is none. */
export async function compare(names: readonly string[]): Promise<Comparison> {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`The run "${twice}" is named twice: name each once.`);
  if (names.length < 2) throw new UsageError("One run cannot be compared: name another.");
  const runs: JudgedRun[] = [];
  for (const name of names) runs.push(await judgedRun(name));
  const shared = sharedIds(runs);
  const all = runs.map((run) => comparedRun(run, shared));
  return { n: shared.size, runs: all, differences: differencesOf(runs, shared) };
}

function sharedIds(runs: readonly JudgedRun[]): Set<number> {
  const [first, ...others] = runs.map(({ judged }) => new Set(judged.map(({ id }) => id)));
  const shared = new Set([...first!].filter((id) => others.every((ids) => ids.has(id))));
  if (shared.size > 0) return shared;
  const names = runs.map(({ name }) => name).join(", ");
  throw new UserError(`The runs ${names} judged no film in common: evaluate them on the same data.`);
}

function comparedRun({ name, config, calibration, evaluation, judged }: JudgedRun, shared: Set<number>): ComparedRun {
  const { bootstrap: samples, seed } = config.evaluation;
  const films = filmsOf(judged, shared);
  return {
    ...{ name, evaluation },
    metrics: metrics(films, calibration.reference, { samples, seed }),
    intervals: intervalSummary(films, evaluation.intervals.level),
    leftOut: judged.filter(({ id }) => !shared.has(id)).map(({ id, title }) => ({ id, title })),
  };
}

function differencesOf(runs: readonly JudgedRun[], shared: Set<number>): RunDifference[] {
  return runs.flatMap((first, i) =>
    runs.slice(i + 1).map((second) => {
      const { bootstrap: samples, seed } = first.config.evaluation;
      const [films, others] = [filmsOf(first.judged, shared), filmsOf(second.judged, shared)];
      const difference = pairedDifference(films, others, first.calibration.reference, { samples, seed });
      return { first: first.name, second: second.name, ...difference };
    }),
  );
}

function filmsOf(judged: readonly Judged[], shared: Set<number>): Judged[] {
  return judged.filter(({ id }) => shared.has(id));
}
