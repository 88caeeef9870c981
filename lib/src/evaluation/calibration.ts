import {
  type BootstrapOptions,
  bootstrap,
  type Interval,
  meanOf,
  medianOf,
  type Statistic,
  wholeSample,
} from "./bootstrap";
import { logDollars } from "./log-dollars";
import { averageRanks } from "./ranking";

/** A group of fewer films is listed, but has no interval: too few to draw again from. */
export const SMALL_GROUP = 10;

/** Films of neighbouring predictions; all in log10 dollars. */
export interface CalibrationBin {
  n: number;
  /** Mean prediction. */
  predicted: number;
  /** Mean and median of what the films earned. */
  mean: number;
  median: number;
  /** Null in a bin of fewer than ten films. */
  ci95: { mean: Interval | null; median: Interval | null } | null;
}

/** Whether films predicted to earn so much do earn it. */
export interface Calibration {
  /** From the lowest predictions to the highest; equal predictions share a bin. */
  bins: CalibrationBin[];
  /** Of the least-squares line of actual on predicted: 1 is calibrated, below 1 predictions vary too much. Null where all are equal. */
  slope: number | null;
  /** Log10 dollars of that line where the prediction is 0; calibrated, 0. */
  intercept: number | null;
  ci95: { slope: Interval | null; intercept: Interval | null };
}

/** What is predicted against what comes of it, in `bins` bins of about equally many films (deciles). */
export function calibrationOf(
  films: readonly { title: string; actual: number; predicted: number }[],
  { bins = 10, ...options }: { bins?: number } & Omit<BootstrapOptions, "level"> = {},
): Calibration {
  const { actual, predicted } = logDollars(films);
  const slope = slopeOf(predicted, actual);
  const intercept: Statistic = (sample) => meanOf(actual)(sample) - slope(sample) * meanOf(predicted)(sample);
  const everyFilm = wholeSample(films.length);
  return {
    bins: binsOf(predicted, bins).map((members) => binOf(members, predicted, actual, options)),
    slope: finiteOrNull(films.length > 0 ? slope(everyFilm) : Number.NaN),
    intercept: finiteOrNull(films.length > 0 ? intercept(everyFilm) : Number.NaN),
    ci95:
      films.length < SMALL_GROUP
        ? { slope: null, intercept: null }
        : bootstrap(films.length, { slope, intercept }, { ...options, level: 0.95 }),
  };
}

/** The slope of the least-squares line of y on x; NaN where all x are equal. */
export function slopeOf(x: Float64Array, y: Float64Array): Statistic {
  return (sample) => {
    // from the first film on, so that equal x give exact zeros and not their rounding errors
    const [x0, y0, n] = [x[sample[0]!]!, y[sample[0]!]!, sample.length];
    let [sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const [dx, dy] = [x[sample[i]!]! - x0, y[sample[i]!]! - y0];
      sumX += dx;
      sumY += dy;
      sumXX += dx * dx;
      sumXY += dx * dy;
    }
    return sumXX > 0 ? (sumXY - (sumX * sumY) / n) / (sumXX - (sumX * sumX) / n) : Number.NaN;
  };
}

/** The positions in each bin that holds any; films of equal value share one, that of their middle rank. */
function binsOf(values: Float64Array, bins: number): number[][] {
  const members = Array.from({ length: bins }, (): number[] => []);
  averageRanks([...values]).forEach((rank, film) => {
    members[Math.floor((bins * (rank - 0.5)) / values.length)]!.push(film);
  });
  return members.filter(({ length }) => length > 0);
}

function binOf(
  members: readonly number[],
  predicted: Float64Array,
  actual: Float64Array,
  options: BootstrapOptions,
): CalibrationBin {
  const earned = Float64Array.from(members, (film) => actual[film]!);
  const statistics = { mean: meanOf(earned), median: medianOf(earned) };
  const whole = wholeSample(members.length);
  return {
    n: members.length,
    predicted: meanOf(predicted)(Uint32Array.from(members)),
    mean: statistics.mean(whole),
    median: statistics.median(whole),
    ci95: members.length < SMALL_GROUP ? null : bootstrap(members.length, statistics, { ...options, level: 0.95 }),
  };
}

/** JSON knows no NaN. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
