import { type BootstrapOptions, bootstrap, type Interval, meanOf, wholeSample } from "./bootstrap";
import { finiteOrNull, SMALL_GROUP, slopeOf } from "./calibration";
import { logDollars, residualsOf } from "./log-dollars";

/** The films of some release years; means in log10 dollars. */
export interface DriftBin {
  /** First and last year. */
  from: number;
  to: number;
  n: number;
  actual: number;
  predicted: number;
  /** Mean of predicted less actual. */
  bias: number;
  /** Null in a bin of fewer than ten films. */
  ci95: { actual: Interval | null; predicted: Interval | null; bias: Interval | null } | null;
}

/** How actual and predicted revenue move with the year of release. */
export interface Drift {
  bins: DriftBin[];
  /** Films without a year, which are in no bin. */
  undated: number;
  /** How the residual moves in ten years (least squares), in log10 dollars; null where all films are of one year. */
  perDecade: number | null;
  ci95: Interval | null;
}

/** Films in bins of `years` release years, from multiples of it on; years without a film have no bin. */
export function driftOf(
  films: readonly { title: string; actual: number; predicted: number; year: number | null }[],
  { years = 5, ...options }: { years?: number } & Omit<BootstrapOptions, "level"> = {},
): Drift {
  const dated = films.filter((film): film is typeof film & { year: number } => film.year !== null);
  const pairs = logDollars(dated);
  const lists = { ...pairs, bias: residualsOf(pairs) };
  const bins = new Map<number, number[]>();
  dated.forEach(({ year }, film) => {
    const from = Math.floor(year / years) * years;
    bins.set(from, [...(bins.get(from) ?? []), film]);
  });
  const trend = slopeOf(
    Float64Array.from(dated, ({ year }) => year / 10),
    lists.bias,
  );
  return {
    bins: [...bins]
      .sort(([a], [b]) => a - b)
      .map(([from, members]) => ({ from, to: from + years - 1, ...binOf(members, lists, options) })),
    undated: films.length - dated.length,
    perDecade: finiteOrNull(dated.length > 0 ? trend(wholeSample(dated.length)) : Number.NaN),
    ci95: dated.length < SMALL_GROUP ? null : bootstrap(dated.length, { trend }, { ...options, level: 0.95 }).trend,
  };
}

function binOf(
  members: readonly number[],
  { actual, predicted, bias }: Record<"actual" | "predicted" | "bias", Float64Array>,
  options: BootstrapOptions,
): Omit<DriftBin, "from" | "to"> {
  const mean = (values: Float64Array) => meanOf(Float64Array.from(members, (film) => values[film]!));
  const statistics = { actual: mean(actual), predicted: mean(predicted), bias: mean(bias) };
  const everyFilm = wholeSample(members.length);
  return {
    n: members.length,
    actual: statistics.actual(everyFilm),
    predicted: statistics.predicted(everyFilm),
    bias: statistics.bias(everyFilm),
    ci95: members.length < SMALL_GROUP ? null : bootstrap(members.length, statistics, { ...options, level: 0.95 }),
  };
}
