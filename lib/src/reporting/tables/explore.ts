import type { Outlier } from "../../evaluation/outliers";
import { shorten } from "../escape";
import { countOf, formatCount, formatDollars, formatNumber } from "../format";
import type { Html } from "../view";
import { htmlTable } from "./html";

/** Films far from the others, with the fact that sets each apart. */
export function outlierTable(outliers: readonly Outlier[], { limit = 20 }: { limit?: number } = {}): Html {
  const rows = outliers.map((outlier) => ({ ...outlier, value: formatFact(outlier) }));
  return htmlTable(rows, {
    caption: "Films far from the others",
    limit,
    columns: {
      title: { title: "Film", format: (value) => shorten(String(value), 60) },
      year: { title: "Year" },
      fact: { title: "Fact" },
      value: { title: "Value", align: "right" },
      score: { title: "Modified z-score", align: "right", format: (value) => formatNumber(value as number, 1) },
    },
  });
}

function formatFact({ fact, value }: Outlier): string {
  if (fact === "runtime") return countOf(value, "minute");
  return fact === "revenue / budget"
    ? `${value < 1000 ? Number(value.toPrecision(3)) : formatCount(value)}×`
    : formatDollars(value);
}
