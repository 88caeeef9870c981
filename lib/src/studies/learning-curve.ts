import { type HeldOut, type HeldOutScore, scoreHeldOut } from "../evaluation/held-out";
import { type Difference, pairedDifference } from "../evaluation/paired";
import { type AblationOptions, crossValidateRow } from "./ablation";
import type { AblationRow } from "./ablation/rows";

/** The same films, each predicted by a model that learnt from so many others. */
export interface CurvePoint extends HeldOutScore {
  learntFrom: number;
  /** The MSE less that of the point before, film by film: below zero, more films have helped. */
  gain?: Difference;
}

/** How the error of one row of the ablation falls with the films learnt from. */
export interface LearningCurve {
  /** The row's. */
  name: string;
  points: CurvePoint[];
}

export interface CurveOptions extends Omit<AblationOptions, "onRow"> {
  /** How many films are learnt from, in rising order; all that a fold leaves come last by themselves. */
  sizes?: readonly number[];
  onPoint?: (name: string, point: CurvePoint, done: number) => void;
}

/** Error against the number of films learnt from, by cross-validation; folds are kept in the folder of the run. */
export async function learningCurves(
  name: string,
  rows: readonly AblationRow[],
  { sizes = [200, 400, 800, 1600], onPoint, ...options }: CurveOptions = {},
): Promise<LearningCurve[]> {
  const curves: LearningCurve[] = [];
  let done = 0;
  for (const row of rows) {
    const points: CurvePoint[] = [];
    let before: HeldOut[] | undefined;
    for (const learnFrom of [...sizes, undefined]) {
      const films = await crossValidateRow(name, row, { ...options, learnFrom });
      const point = pointOf(films, before, learnFrom ?? learntFromAll(films));
      points.push(point);
      before = films;
      onPoint?.(row.name, point, ++done);
    }
    curves.push({ name: row.name, points });
  }
  return curves;
}

function pointOf(films: readonly HeldOut[], before: readonly HeldOut[] | undefined, learntFrom: number): CurvePoint {
  const score = { learntFrom, ...scoreHeldOut(films) };
  return before ? { ...score, gain: pairedDifference(films, before, { trainMeanLog10: 0 }).mse } : score;
}

/** What the largest fold leaves of the films that are held out in turns. */
function learntFromAll(films: readonly HeldOut[]): number {
  const sizes = new Map<number, number>();
  for (const { fold } of films) sizes.set(fold, (sizes.get(fold) ?? 0) + 1);
  return films.length - Math.max(...sizes.values());
}
