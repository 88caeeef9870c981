import { type BootstrapOptions, bootstrap, type Interval, type Statistic, wholeSample } from "./bootstrap";
import { SMALL_GROUP } from "./calibration";
import { logDollars, residualsOf, squaresOf } from "./log-dollars";
import { quantile } from "./quantiles";
import { bracketOf, type Reference } from "./reference";

/** A number that a finding rests on, with its 95 % interval where it has one. */
export interface Evidence {
  name: string;
  value: number;
  ci95: Interval | null;
}

/** Something the original project found, and whether it holds here; null where the numbers leave it open. */
export interface Finding {
  finding: string;
  holds: boolean | null;
  evidence: Evidence[];
}

/** What of an epoch the plateau needs: a line of `metrics.jsonl`. */
export interface EpochLosses {
  epoch: number;
  train_loss: number;
  val_loss: number;
}

type Films = readonly { title: string; actual: number; predicted: number }[];

/** Share of the films that count as outliers: those farthest from the training mean. */
const OUTLIERS = 0.1;
/** A validation loss within this share of the least is on the plateau. */
const PLATEAU = 0.02;
/** Fewer epochs show no plateau. */
const FEWEST_EPOCHS = 4;

/**
 * The original project's findings, tested here. A difference of errors holds where its interval lies above 0, fails
 * where it lies below; each stands beside the same difference for a predictor that always says the training mean,
 * because every cautious predictor is best in the middle and worst at the ends.
 */
export function findingsOf(
  films: Films,
  reference: Reference,
  { epochs = [], ...options }: { epochs?: readonly EpochLosses[] } & Omit<BootstrapOptions, "level"> = {},
): Finding[] {
  return [middleIsBest(films, reference, options), outliersAreWorst(films, reference, options), plateauIsEarly(epochs)];
}

function middleIsBest(films: Films, reference: Reference, options: BootstrapOptions): Finding {
  const bracket = films.map(({ actual }) => bracketOf(actual, reference.brackets));
  const within = (name: string) => Uint8Array.from(bracket, (other) => Number(other === name));
  const [low, medium, high] = [within("low"), within("medium"), within("high")];
  return compareErrors("The middle third of revenue is predicted best", films, reference, options, [
    { name: "MSE of the low third less that of the middle", more: low, less: medium },
    { name: "MSE of the high third less that of the middle", more: high, less: medium },
  ]);
}

function outliersAreWorst(films: Films, reference: Reference, options: BootstrapOptions): Finding {
  const distances = logDollars(films).actual.map((value) => Math.abs(value - reference.trainMeanLog10));
  const far = quantile(distances, 1 - OUTLIERS);
  const outlying = Uint8Array.from(distances, (distance) => Number(distance > far));
  return compareErrors("Outliers are predicted worst", films, reference, options, [
    {
      name: "MSE of the tenth of films farthest from the training mean less that of the others",
      more: outlying,
      less: outlying.map((one) => 1 - one),
    },
  ]);
}

/** Two sets of films, as 1 where a film belongs, whose errors are compared. */
interface Comparison {
  name: string;
  more: Uint8Array;
  less: Uint8Array;
}

function compareErrors(
  finding: string,
  films: Films,
  { trainMeanLog10 }: Reference,
  options: BootstrapOptions,
  comparisons: readonly Comparison[],
): Finding {
  const pairs = logDollars(films);
  const losses = squaresOf(residualsOf(pairs));
  const meanLosses = pairs.actual.map((value) => (value - trainMeanLog10) ** 2);
  const judge = (name: string, values: Float64Array, { more, less }: Comparison): Evidence => {
    const difference: Statistic = (sample) => meanWithin(values, more, sample) - meanWithin(values, less, sample);
    const ci95 = bootstrap(films.length, { difference }, { ...options, level: 0.95 }).difference;
    return { name, value: difference(wholeSample(films.length)), ci95 };
  };
  const usable = comparisons.filter(({ more, less }) =>
    [more, less].every((members) => sizeOf(members) >= SMALL_GROUP),
  );
  const model = usable.map((comparison) => judge(comparison.name, losses, comparison));
  const baseline = usable.map((comparison) =>
    judge(`${comparison.name}, by the training mean`, meanLosses, comparison),
  );
  return {
    finding,
    holds: usable.length < comparisons.length ? null : decide(model),
    evidence: [...model, ...baseline],
  };
}

/** True where every interval lies above 0, false where one lies below. */
function decide(evidence: readonly Evidence[]): boolean | null {
  if (evidence.some(({ ci95 }) => ci95 !== null && ci95[1] < 0)) return false;
  return evidence.every(({ ci95 }) => ci95 !== null && ci95[0] > 0) ? true : null;
}

function sizeOf(members: Uint8Array): number {
  return members.reduce((sum, one) => sum + one, 0);
}

function meanWithin(values: Float64Array, members: Uint8Array, sample: Uint32Array): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < sample.length; i++) {
    const film = sample[i]!;
    sum += values[film]! * members[film]!;
    n += members[film]!;
  }
  return sum / n;
}

/** One run has no interval: it holds where the plateau begins in the first half of the epochs. */
function plateauIsEarly(epochs: readonly EpochLosses[]): Finding {
  const finding = "The validation loss reaches a plateau early";
  const last = epochs.at(-1);
  const least = epochs.reduce((low, { val_loss }) => Math.min(low, val_loss), Number.POSITIVE_INFINITY);
  const first = epochs.find(({ val_loss }) => val_loss <= least * (1 + PLATEAU));
  if (!last || !first || epochs.length < FEWEST_EPOCHS) return { finding, holds: null, evidence: [] };
  const fact = (name: string, value: number): Evidence => ({ name, value, ci95: null });
  return {
    finding,
    holds: first.epoch <= last.epoch / 2,
    evidence: [
      fact("first epoch within 2% of the least validation loss", first.epoch),
      fact("epochs", last.epoch),
      fact("validation loss there", first.val_loss),
      fact("least validation loss", least),
      fact("training loss there", first.train_loss),
      fact("training loss at the end", last.train_loss),
    ],
  };
}
