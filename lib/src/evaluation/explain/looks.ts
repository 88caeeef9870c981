import { COLOUR_FEATURES, colourFeatures } from "../../posters/colours";
import { type BootstrapOptions, bootstrap, type Interval } from "../bootstrap";
import { spearman } from "../ranking";
import { FEWEST_POSTERS } from "./average";
import type { Picture } from "./occlusion";

/** How one trait of the look of posters goes with something else. */
export interface Association {
  look: string;
  /** Spearman's rank correlation; null where all posters look the same in it. */
  correlation: number | null;
  /** Null too of fewer than ten posters. */
  ci95: Interval | null;
}

const place = new Map(COLOUR_FEATURES.map((name, i) => [name, i]));

/** Traits of a poster that have a name in plain words, from 0 to 1, or differences of such. */
export function lookOf({ pixels, ...size }: Picture): Record<string, number> {
  const features = colourFeatures(pixels, size);
  const value = (name: string) => features[place.get(name)!]!;
  const over = (what: string, rows: readonly number[], columns: readonly number[] = [1, 2, 3, 4]) => {
    const cells = rows.flatMap((row) => columns.map((column) => value(`${what} ${column}|${row}`)));
    return cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
  };
  const light = (rows: readonly number[], columns?: readonly number[]) =>
    0.299 * over("red", rows, columns) + 0.587 * over("green", rows, columns) + 0.114 * over("blue", rows, columns);
  const all = [1, 2, 3, 4, 5, 6];
  return {
    brightness: value("brightness"),
    saturation: value("saturation"),
    contrast: value("contrast"),
    "warmth (red less blue)": over("red", all) - over("blue", all),
    "green less red and blue": over("green", all) - (over("red", all) + over("blue", all)) / 2,
    // features of the histogram are roots of shares
    "share of near-black": value("rgb 000") ** 2,
    "share of near-white": value("rgb 777") ** 2,
    "light of the middle less the whole": light([2, 3, 4, 5], [2, 3]) - light(all),
    "edges, whole poster": value("edges"),
    "edges, top third": over("edges", [1, 2]),
    "edges, middle third": over("edges", [3, 4]),
    "edges, bottom third (titles, credits)": over("edges", [5, 6]),
  };
}

/** How each trait of posters goes with a number of theirs, as their predicted log10 dollars, the strongest first. */
export function associations(
  looks: readonly Readonly<Record<string, number>>[],
  numbers: readonly number[],
  { samples = 500, ...options }: BootstrapOptions = {},
): Association[] {
  const names = Object.keys(looks[0] ?? {});
  const statisticOf = (name: string) => (sample: Uint32Array) =>
    spearman(
      Array.from(sample, (i) => looks[i]![name]!),
      Array.from(sample, (i) => numbers[i]!),
    ) ?? Number.NaN;
  const statistics = Object.fromEntries(names.map((name) => [name, statisticOf(name)]));
  const enough = looks.length >= FEWEST_POSTERS;
  const intervals = enough ? bootstrap(looks.length, statistics, { samples, ...options, level: 0.95 }) : {};
  const found = names.map((look) => ({
    look,
    correlation: spearman(
      looks.map((own) => own[look]!),
      numbers,
    ),
    ci95: intervals[look] ?? null,
  }));
  return found.sort((a, b) => Math.abs(b.correlation ?? 0) - Math.abs(a.correlation ?? 0));
}
