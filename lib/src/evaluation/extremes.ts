import type { Judged } from "./metrics";

/** A film at one end of the list, by how many times too high or too low its prediction is. */
export interface Extreme {
  end: "best" | "worst";
  title: string;
  actual: number;
  predicted: number;
  /** The larger of predicted / actual and actual / predicted. */
  factor: number;
}

/** The films predicted best and worst, `count` of each, the best first. */
export function extremes(judged: readonly Judged[], count = 5): Extreme[] {
  const films = judged.map(({ title, actual, predicted }) => {
    const factor = Math.max(predicted / actual, actual / predicted);
    return { title, actual, predicted, factor };
  });
  films.sort((a, b) => a.factor - b.factor);
  const each = Math.min(count, Math.floor(films.length / 2));
  const named = (end: Extreme["end"], part: typeof films) => part.map((film): Extreme => ({ end, ...film }));
  return [...named("best", films.slice(0, each)), ...named("worst", films.slice(films.length - each))];
}
