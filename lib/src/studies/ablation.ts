import { makeConfig } from "../config";
import { type HeldOut, type HeldOutScore, scoreHeldOut } from "../evaluation/held-out";
import { type Difference, pairedDifference } from "../evaluation/paired";
import { mean } from "../evaluation/quantiles";
import type { AblationRow, MeanRow } from "./ablation/rows";
import { type CrossValidateOptions, crossValidate, foldsFolder, hasFolds } from "./crossvalidate";

export interface AblationOptions extends Pick<CrossValidateOptions, "folds" | "seed" | "onProgress" | "signal"> {
  /** What every row has in common: the data, and settings beside its own. */
  data?: string;
  set?: readonly string[];
  /** Ensembles of the rows, judged below them; one that asks for a row that is not there is left out. */
  means?: readonly MeanRow[];
  /** Hears of each row when it is done, and how many are, of how many. */
  onRow?: (row: Ablated, done: number, of: number) => void;
}

/** A row of the table of what helps, judged. */
export interface Ablated extends HeldOutScore {
  name: string;
  /** The MSE less that of another row of the table, film by film; its number counts from 1. */
  beside?: { row: number; difference: Difference };
}

/**
 * What each row makes of training and validation films by cross-validation; test films stay unseen. Folds are kept in the
 * folder of the run, so that an interrupted table goes on where it was.
 */
export async function ablate(
  name: string,
  rows: readonly AblationRow[],
  { means = [], onRow, ...options }: AblationOptions = {},
): Promise<Ablated[]> {
  const judged = new Map<string, HeldOut[]>();
  const table: Ablated[] = [];
  const names = rows.map(({ name }) => name);
  const all = [...rows, ...means.filter(({ meanOf }) => meanOf.every((part) => names.includes(part)))];
  for (const row of all) {
    const films =
      "meanOf" in row
        ? meanForecast(row.meanOf.map((part) => judged.get(part)!))
        : await crossValidateRow(name, row, options);
    judged.set(row.name, films);
    const score = { name: row.name, ...scoreHeldOut(films), ...besideOf(row, all, judged) };
    table.push(score);
    onRow?.(score, table.length, all.length);
  }
  return table;
}

/** The rows whose folds are all kept in the folder of the run. */
export function ablatedRows(
  name: string,
  rows: readonly AblationRow[],
  options: AblationOptions = {},
): readonly AblationRow[] {
  return rows.filter((row) => hasFolds(foldsFolder(name, configOf(row, options), options), options));
}

function besideOf(
  { name, beside }: AblationRow | MeanRow,
  rows: readonly (AblationRow | MeanRow)[],
  judged: ReadonlyMap<string, HeldOut[]>,
): Pick<Ablated, "beside"> {
  const other = beside === undefined ? undefined : judged.get(beside);
  if (!other) return {};
  // R² is not asked for, and would be against one mean for all folds
  const { mse } = pairedDifference(judged.get(name)!, other, { trainMeanLog10: 0 });
  return { beside: { row: 1 + rows.findIndex((row) => row.name === beside), difference: mse } };
}

/** The mean of forecasts of the same films in log10 dollars, in the order of the first. */
function meanForecast(forecasts: readonly (readonly HeldOut[])[]): HeldOut[] {
  return forecasts[0]!.map((film, i) => {
    const log10 = mean(forecasts.map((films) => Math.log10(films[i]!.predicted)));
    return { ...film, predicted: 10 ** log10 };
  });
}

/** What a row makes of every film that is held out, by id; its folds are kept in the folder of the run. */
export async function crossValidateRow(
  name: string,
  row: AblationRow,
  options: AblationOptions & Pick<CrossValidateOptions, "learnFrom"> = {},
): Promise<HeldOut[]> {
  const config = configOf(row, options);
  const films = await crossValidate(foldsFolder(name, config, options), config, options);
  return films.sort((a, b) => a.id - b.id);
}

function configOf({ preset, set }: AblationRow, { data, set: common = [] }: AblationOptions) {
  return makeConfig({ preset, data, set: [...set, ...common] });
}
