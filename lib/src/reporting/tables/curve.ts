import type { LearningCurve } from "../../studies/learning-curve";
import { countOf, formatCount, formatNumber, formatWithInterval } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { verdictOf } from "./differences";
import { htmlTable } from "./html";

/** The columns of `curveRows`, for tables of HTML, text and Markdown alike. */
export const CURVE_COLUMNS: Columns = {
  name: { title: "What is trained" },
  learntFrom: { title: "Films learnt from", align: "right" },
  mse: { title: "MSE (log10 dollars²)", align: "right" },
  r2: { title: "R²", align: "right" },
  gain: { title: "MSE less that of the row above", align: "right" },
  verdict: { title: "" },
};

/** Error by the number of films learnt from, and whether the last films have still helped. */
export function curveTable(curves: readonly LearningCurve[]): Html {
  const films = countOf(curves[0]?.points[0]?.n ?? 0, "film");
  const caption = `Judged on the same ${films}, held out in turns; 95% intervals in brackets`;
  return htmlTable(curveRows(curves), { caption, columns: CURVE_COLUMNS, limit: 100 });
}

/** A row of texts for each point of each curve. */
export function curveRows(curves: readonly LearningCurve[]): object[] {
  const four = (value: number | null | undefined) => formatNumber(value, 4);
  return curves.flatMap(({ name, points }) =>
    points.map(({ learntFrom, mse, r2, ci95, gain }) => ({
      ...{ name, learntFrom: formatCount(learntFrom) },
      mse: formatWithInterval(mse, ci95.mse, four),
      r2: formatWithInterval(r2, ci95.r2),
      gain: gain ? formatWithInterval(gain.difference, gain.ci95, four) : "",
      verdict: gain ? verdictOf(gain.ci95, ["more films have helped", "more films have harmed"]) : "",
    })),
  );
}
