import { UserError } from "../errors";
import { type BootstrapOptions, bootstrap, type Interval, meanOf, type Statistic, wholeSample } from "./bootstrap";
import { type Calibration, calibrationOf, finiteOrNull, SMALL_GROUP } from "./calibration";
import { type Coverage, coverageOf } from "./conformal";
import { type Drift, driftOf } from "./drift";
import { logDollars, residualsOf, squaresOf } from "./log-dollars";
import type { Judged } from "./metrics";
import { largestMisses, type Miss } from "./ranking";
import type { Reference } from "./reference";

/** A film judged, with the facts that it is grouped by. */
export interface JudgedFilm extends Judged {
  genres: readonly string[];
  year: number | null;
  /** Dollars; null where unknown. */
  budget: number | null;
  /** ISO 639-1, or "". */
  language: string;
}

/** What films are grouped by; a film with several genres is in several groups. */
export const GROUPINGS = ["bracket", "genre", "decade", "budget", "language"] as const;

export type Grouping = (typeof GROUPINGS)[number];

export type ScoreName = "mse" | "r2" | "bias" | "meanMse" | "lessMean";

/** How well a group is predicted, in log10 dollars. */
export interface Scores {
  n: number;
  mse: number;
  /** 1 − Σ(y − ŷ)² / Σ(y − training mean)² within the group; null where every film lies on that mean. */
  r2: number | null;
  /** Mean of predicted less actual: above 0, predictions are too high. */
  bias: number;
  /** MSE of predicting the training mean. */
  meanMse: number;
  /** `mse` less `meanMse`, film by film: below 0, the model is better. */
  lessMean: number;
  coverage: Coverage | null;
  /** 95 % bootstrap intervals; null in a group of fewer than ten films. */
  ci95: Record<ScoreName, Interval | null> | null;
}

/** A group and its scores; null for one without films. */
export interface Group {
  name: string;
  scores: Scores | null;
}

/** Where a model is good, where it is not, and whether it knows. */
export interface Analysis {
  trainMeanLog10: number;
  /** The coverage that the intervals promise. */
  level: number;
  all: Scores;
  groups: Record<Grouping, Group[]>;
  calibration: Calibration;
  drift: Drift;
  /** The worst first. */
  misses: Miss[];
}

/** Fixed brackets of actual revenue, in dollars; an upper end belongs to its bracket. */
const BRACKETS = [
  { name: "up to $10M", to: 1e7 },
  { name: "$10M to $100M", to: 1e8 },
  { name: "above $100M", to: Number.POSITIVE_INFINITY },
];
const BUDGETS = ["known", "unknown"];
const UNKNOWN = "unknown";

/** Analyses films judged. Throws a `UserError` for no films, or a film whose amounts are not above 0. */
export function analysisOf(
  films: readonly JudgedFilm[],
  { trainMeanLog10 }: Pick<Reference, "trainMeanLog10">,
  {
    level,
    misses = 20,
    ...options
  }: {
    /** The coverage that the intervals promise. */
    level: number;
    /** How many of the worst predictions are listed. */
    misses?: number;
  } & Omit<BootstrapOptions, "level">,
): Analysis {
  if (films.length === 0) throw new UserError("There are no films to analyse: add films, or loosen the filter.");
  const score = (members: readonly JudgedFilm[]) => scoresOf(members, trainMeanLog10, options);
  return {
    trainMeanLog10,
    level,
    all: score(films),
    groups: Object.fromEntries(
      GROUPINGS.map((grouping) => [
        grouping,
        groupBy(films, grouping).map(([name, members]) => ({
          name,
          scores: members.length > 0 ? score(members) : null,
        })),
      ]),
    ) as Record<Grouping, Group[]>,
    calibration: calibrationOf(films, options),
    drift: driftOf(films, options),
    misses: largestMisses(films, misses),
  };
}

/** How well some films, one at least, are predicted. */
export function scoresOf(
  films: readonly Judged[],
  trainMeanLog10: number,
  options: Omit<BootstrapOptions, "level"> = {},
): Scores {
  const statistics = statisticsOf(films, trainMeanLog10);
  const value = (name: ScoreName) => statistics[name](wholeSample(films.length));
  return {
    n: films.length,
    mse: value("mse"),
    r2: finiteOrNull(value("r2")),
    bias: value("bias"),
    meanMse: value("meanMse"),
    lessMean: value("lessMean"),
    coverage: coverageOf(films),
    ci95: films.length < SMALL_GROUP ? null : bootstrap(films.length, statistics, { ...options, level: 0.95 }),
  };
}

function statisticsOf(films: readonly Judged[], trainMeanLog10: number): Record<ScoreName, Statistic> {
  const pairs = logDollars(films);
  const residuals = residualsOf(pairs);
  const mse = meanOf(squaresOf(residuals));
  const meanMse = meanOf(pairs.actual.map((value) => (value - trainMeanLog10) ** 2));
  return {
    mse,
    meanMse,
    r2: (sample) => 1 - mse(sample) / meanMse(sample),
    bias: meanOf(residuals),
    lessMean: (sample) => mse(sample) - meanMse(sample),
  };
}

/** The groups in their order: brackets and budget as fixed, decades in time, the others by size. */
function groupBy(films: readonly JudgedFilm[], grouping: Grouping): [string, JudgedFilm[]][] {
  const fixed = grouping === "bracket" ? BRACKETS.map(({ name }) => name) : grouping === "budget" ? BUDGETS : [];
  const groups = new Map<string, JudgedFilm[]>(fixed.map((name) => [name, []]));
  for (const film of films) {
    for (const name of namesOf(film, grouping)) {
      const group = groups.get(name);
      if (group) group.push(film);
      else groups.set(name, [film]);
    }
  }
  if (fixed.length > 0) return [...groups];
  const bySize = grouping !== "decade";
  return [...groups].sort(([a, one], [b, other]) => (bySize && other.length - one.length) || (a < b ? -1 : 1));
}

function namesOf({ actual, genres, year, budget, language }: JudgedFilm, grouping: Grouping): readonly string[] {
  if (grouping === "bracket") return [BRACKETS.find(({ to }) => actual <= to)!.name];
  if (grouping === "genre") return genres.length > 0 ? [...new Set(genres)] : [UNKNOWN];
  if (grouping === "decade") return [year === null ? UNKNOWN : `${Math.floor(year / 10) * 10}s`];
  if (grouping === "budget") return [BUDGETS[budget === null ? 1 : 0]!];
  return [language || UNKNOWN];
}
