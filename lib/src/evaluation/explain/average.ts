import { UserError } from "../../errors";
import { type BootstrapOptions, bootstrap, type Interval, meanOf } from "../bootstrap";
import { mean } from "../quantiles";
import type { Heat } from "./heat";

/** Of fewer posters no interval is given. */
export const FEWEST_POSTERS = 10;

/** Heats of many posters, cell by cell. */
export interface AverageHeat {
  /** Posters. */
  n: number;
  columns: number;
  rows: number;
  /** Row by row from the top left: log10 dollars, and the 95% interval of their mean over posters, from ten posters on. */
  cells: { mean: number; ci95: Interval | null }[];
}

/** What each place of a poster adds on average; an interval is of its own cell, not of all of them at once. */
export function averageHeat(heats: readonly Heat[], options: BootstrapOptions = {}): AverageHeat {
  const [first] = heats;
  if (!first) throw new UserError("There is no poster to average: explain some first.");
  const { columns, rows } = first;
  if (heats.some((heat) => heat.columns !== columns || heat.rows !== rows)) {
    throw new UserError("The posters were explained on different grids: explain them again on one.");
  }
  const cells = Array.from(first.values, (_, i) => Float64Array.from(heats, ({ values }) => values[i]!));
  const means = Object.fromEntries(cells.map((values, i) => [i, meanOf(values)]));
  const enough = heats.length >= FEWEST_POSTERS;
  const intervals = enough ? bootstrap(heats.length, means, { ...options, level: 0.95 }) : {};
  return {
    ...{ n: heats.length, columns, rows },
    cells: cells.map((values, i) => ({ mean: mean(values), ci95: intervals[i] ?? null })),
  };
}
