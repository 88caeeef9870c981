import type { Ablated } from "../../studies/ablation";
import { countOf, formatNumber, formatWithInterval } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { htmlTable } from "./html";

/** The columns of `ablationRows`, for tables of HTML, text and Markdown alike. */
export const ABLATION_COLUMNS: Columns = {
  row: { title: "" },
  name: { title: "What is tried" },
  mse: { title: "MSE (log10 dollars²)", align: "right" },
  r2: { title: "R²", align: "right" },
  beside: { title: "MSE less that of" },
  difference: { title: "", align: "right" },
};

/** What each choice makes of films that were held out, beside the choice that it is compared with. */
export function ablationTable(table: readonly Ablated[]): Html {
  const films = countOf(table[0]?.n ?? 0, "film");
  return htmlTable(ablationRows(table), {
    caption: `Cross-validation of ${films}; 95% intervals in brackets`,
    columns: ABLATION_COLUMNS,
    limit: 100,
  });
}

/** A row of texts for each choice, numbered from 1. */
export function ablationRows(table: readonly Ablated[]): object[] {
  const four = (value: number | null | undefined) => formatNumber(value, 4);
  return table.map(({ name, mse, r2, ci95, beside }, i) => ({
    row: String(i + 1),
    name,
    mse: four(mse),
    r2: formatWithInterval(r2, ci95.r2),
    beside: beside ? `row ${beside.row}` : "",
    difference: beside ? formatWithInterval(beside.difference.difference, beside.difference.ci95, four) : "",
  }));
}
