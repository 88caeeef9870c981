import { UNKNOWN_FILM } from "../catalogue/film";
import { Random } from "../random";
import { type Coverage, conformalWidth, coverageOf, intervalAround } from "./conformal";
import { difficultyOf, fitDifficulty } from "./difficulty";
import type { HeldOut } from "./held-out";
import { logDollars, residualsOf } from "./log-dollars";
import { mean, quantile } from "./quantiles";

/** How one kind of intervals does on films that were held out. */
export interface IntervalCheck {
  intervals: "constant" | "scaled";
  all: Coverage;
  /** Of each third of the predictions, which are known beforehand; null where it holds no film. */
  byPredicted: Record<Third, Coverage | null>;
  /** Of each third of what films earned. */
  byActual: Record<Third, Coverage | null>;
  /** The mean of width + 2 / (1 − level) · how far a film lies outside, log10 dollars: lower is better (Gneiting & Raftery 2007, section 6.2). */
  score: number;
}

const THIRDS = ["low", "middle", "high"] as const;
type Third = (typeof THIRDS)[number];

/**
 * Conformal intervals around cross-validated predictions, constant and scaled by the prediction alone: of ten parts of the
 * films one is judged, the next sets the width, and the others tell how hard films are, in turns.
 */
export function checkIntervals(
  films: readonly HeldOut[],
  { level = 0.8, parts = 10, seed = 42 }: { level?: number; parts?: number; seed?: number } = {},
): IntervalCheck[] {
  const { predicted } = logDollars(films);
  const residuals = residualsOf(logDollars(films));
  const order = [...new Random(seed).permutation(films.length)];
  const widths = { constant: new Float64Array(films.length), scaled: new Float64Array(films.length) };
  for (let part = 0; part < parts; part++) {
    const held = order.filter((_, i) => i % parts === part);
    const setting = order.filter((_, i) => i % parts === (part + 1) % parts);
    const rest = order.filter((_, i) => i % parts !== part && i % parts !== (part + 1) % parts);
    const forecasts = (members: readonly number[]) =>
      members.map((film) => ({ film: UNKNOWN_FILM, log10: predicted[film]! }));
    const errors = (members: readonly number[]) => members.map((film) => residuals[film]!);
    const difficulty = fitDifficulty(forecasts(rest), errors(rest), { facts: false });
    const hard = difficultyOf(difficulty, forecasts(setting));
    const times = conformalWidth(
      errors(setting).map((error, i) => error / hard[i]!),
      level,
    );
    const width = conformalWidth(errors(setting), level);
    difficultyOf(difficulty, forecasts(held)).forEach((size, i) => {
      widths.constant[held[i]!] = width ?? Number.NaN;
      widths.scaled[held[i]!] = (times ?? Number.NaN) * size;
    });
  }
  return (["constant", "scaled"] as const).map((intervals) =>
    checkOf(intervals, films, { widths: widths[intervals], level }),
  );
}

function checkOf(
  intervals: IntervalCheck["intervals"],
  films: readonly HeldOut[],
  { widths, level }: { widths: Float64Array; level: number },
): IntervalCheck {
  const bounded = films.map(({ actual, predicted }, i) => {
    return { actual, predicted, ...intervalAround(predicted, Number.isNaN(widths[i]!) ? null : widths[i]!) };
  });
  const byThird = (amount: (film: (typeof bounded)[number]) => number) => {
    const edges = [1 / 3, 2 / 3].map((share) => quantile(bounded.map(amount), share));
    const third = (film: (typeof bounded)[number]) => THIRDS[edges.filter((edge) => amount(film) > edge).length]!;
    const of = (name: Third) => coverageOf(bounded.filter((film) => third(film) === name));
    return { low: of("low"), middle: of("middle"), high: of("high") };
  };
  const outside = residualsOf(logDollars(films)).map((error, i) => Math.max(0, Math.abs(error) - widths[i]!));
  return {
    intervals,
    all: coverageOf(bounded)!,
    byPredicted: byThird(({ predicted }) => predicted),
    byActual: byThird(({ actual }) => actual),
    score: mean(outside.map((far, i) => 2 * widths[i]! + (2 / (1 - level)) * far)),
  };
}
