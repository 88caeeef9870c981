import { UserError } from "../errors";

/** Films judged, in log10 dollars: two lists of equal length. */
export interface LogDollars {
  actual: Float64Array;
  predicted: Float64Array;
}

/** Actual and predicted dollars as log10. Throws a `UserError` that names the film whose amounts have none. */
export function logDollars(films: readonly { title: string; actual: number; predicted: number }[]): LogDollars {
  const log10 = (key: "actual" | "predicted") =>
    Float64Array.from(films, (film) => {
      const dollars = film[key];
      if (dollars > 0 && Number.isFinite(dollars)) return Math.log10(dollars);
      const amount = key === "actual" ? "a revenue" : "a prediction";
      throw new UserError(
        `The film ${JSON.stringify(film.title)} has ${amount} of ${dollars} dollars: only amounts above 0 can be judged.`,
      );
    });
  return { actual: log10("actual"), predicted: log10("predicted") };
}

/** Predicted less actual, in log10 dollars: above 0, the prediction is too high. */
export function residualsOf({ actual, predicted }: LogDollars): Float64Array {
  return predicted.map((value, film) => value - actual[film]!);
}

/** The squares of a list. */
export function squaresOf(values: Float64Array): Float64Array {
  return values.map((value) => value * value);
}
