import { type HeldOutScore, scoreHeldOut } from "../evaluation/held-out";
import { mean } from "../evaluation/quantiles";
import { type AblationOptions, crossValidateRow } from "./ablation";
import { type AblationRow, rowsNamed } from "./ablation/rows";

/** What a seed decides: what training draws, or which films are held out together. */
export type Varied = "training" | "folds";

/** A row of the ablation that is trained from several seeds. */
export interface SeedRow extends Pick<AblationRow, "name" | "preset" | "set"> {
  varied: Varied;
}

/** How far a row's numbers move with its seed, beside how far they move with the films. */
export interface SeedSpread {
  name: string;
  varied: Varied;
  seeds: number[];
  /** Of each seed, over the same films. */
  scores: HeldOutScore[];
  /** Over seeds: mean, standard deviation (n − 1) and ends; null where R² is not defined. */
  mse: Spread;
  r2: Spread | null;
}

export interface Spread {
  mean: number;
  sd: number;
  lowest: number;
  highest: number;
}

const [HEAD, POSTERS, FUSED] = rowsNamed([
  "head on mean features, 224 × 224",
  "kernel ridge of two networks and of what is written (preset posters)",
  "poster and facts (preset fused)",
]) as [AblationRow, AblationRow, AblationRow];

/** A head, whose training draws much; the presets, of which only the teacher and the trees draw: there the folds differ. */
export const SEED_ROWS: readonly SeedRow[] = [
  { ...HEAD, varied: "training" },
  { ...POSTERS, varied: "training" },
  { ...POSTERS, varied: "folds" },
  { ...FUSED, varied: "folds" },
];

export interface SeedsOptions extends Omit<AblationOptions, "seed" | "onRow"> {
  seeds?: readonly number[];
  onSeed?: (row: SeedRow, score: HeldOutScore, done: number) => void;
}

/** Cross-validates each row from each seed; folds are kept in the folder of the run, as the ablation's are. */
export async function spreadOfSeeds(
  name: string,
  rows: readonly SeedRow[],
  { seeds = [42, 43, 44, 45, 46], onSeed, ...options }: SeedsOptions = {},
): Promise<SeedSpread[]> {
  const spreads: SeedSpread[] = [];
  let done = 0;
  for (const row of rows) {
    const scores: HeldOutScore[] = [];
    for (const seed of seeds) {
      const score = scoreHeldOut(await crossValidateRow(name, row, seeded(row, seed, options)));
      scores.push(score);
      onSeed?.(row, score, ++done);
    }
    spreads.push({ name: row.name, varied: row.varied, seeds: [...seeds], scores, ...spreadsOf(scores) });
  }
  return spreads;
}

function seeded({ varied }: SeedRow, seed: number, { set = [], ...options }: AblationOptions): AblationOptions {
  if (varied === "folds") return { ...options, set, seed };
  return { ...options, set: [...set, `training.seed=${seed}`] };
}

function spreadsOf(scores: readonly HeldOutScore[]): Pick<SeedSpread, "mse" | "r2"> {
  const r2 = scores.map((score) => score.r2);
  return {
    mse: spreadOf(scores.map(({ mse }) => mse)),
    r2: r2.every((value) => value !== null) ? spreadOf(r2) : null,
  };
}

/** The standard deviation of one number is not defined: NaN. */
function spreadOf(values: readonly number[]): Spread {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return { mean: middle, sd: Math.sqrt(squares / (values.length - 1)), lowest, highest };
}
