import type { Heat } from "../../evaluation/explain/heat";
import { shorten } from "../escape";
import type { ExplainedPoster } from "../figures/explanation";
import { formatDollars, formatNumber } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { htmlTable } from "./html";

/** The columns of `explanationRows`. */
export const EXPLANATION_COLUMNS: Columns = {
  title: { title: "Film", format: (value) => shorten(String(value), 40) },
  predicted: { title: "Predicted", format: (value) => formatDollars(value as number), align: "right" },
  raises: { title: "Raises most" },
  lowers: { title: "Lowers most" },
  agreement: { title: "ρ of the two maps", align: "right" },
  reads: { title: "Reads" },
};

/** The columns of how looks go with predictions, over all posters explained. */
export const LOOK_COLUMNS: Columns = {
  look: { title: "Look" },
  correlation: { title: "Rank correlation with the prediction", format: two, align: "right" },
  ci95: { title: "95% interval", format: rangeOf, align: "right" },
};

/** The places of each poster that count most, and how far the two ways of explaining agree on it. */
export function explanationTable(posters: readonly ExplainedPoster[]): Html {
  const caption = "What counts most, in log10 dollars: places by occlusion, and the lines that are read";
  return htmlTable(explanationRows(posters), { caption, columns: EXPLANATION_COLUMNS, limit: 100 });
}

/** Lines that are told of a poster, those that count most. */
const LINES = 3;

/** Of each poster the patches whose covering changes the prediction most, whether Grad-CAM agrees, and the lines that count most. */
export function explanationRows(posters: readonly ExplainedPoster[]): object[] {
  return posters.map(({ title, predicted, occlusion, agreement, lines }) => {
    const { values } = occlusion;
    const [most, least] = [values.indexOf(Math.max(...values)), values.indexOf(Math.min(...values))];
    const said = (patch: number) => `${placeOf(occlusion, patch)} (${formatNumber(values[patch], 3)})`;
    const reads = lines
      .toSorted((a, b) => Math.abs(b.log10) - Math.abs(a.log10))
      .slice(0, LINES)
      .map(({ line, log10 }) => `${shorten(line, 30)} (${formatNumber(log10, 3)})`);
    return {
      ...{ title, predicted, raises: said(most), lowers: said(least) },
      ...{ agreement: formatNumber(agreement, 2), reads: reads.join(", ") || "–" },
    };
  });
}

/** "top left", "middle", "bottom right": the ninth of a poster that a patch's centre lies in. */
function placeOf({ columns, rows }: Heat, patch: number): string {
  const third = (position: number, count: number) => Math.floor((3 * (position + 0.5)) / count);
  const down = ["top", "middle", "bottom"][third(Math.floor(patch / columns), rows)]!;
  const across = ["left", "", "right"][third(patch % columns, columns)]!;
  return `${down} ${across}`.trimEnd();
}

function two(value: unknown): string {
  return formatNumber(value as number | null, 2);
}

function rangeOf(ends: unknown): string {
  return Array.isArray(ends) ? `${two(ends[0])} to ${two(ends[1])}` : "–";
}
