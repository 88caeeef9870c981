import type { Compared } from "../../rerun/compare";
import { textTable } from "./text";

/** What two runs have in common, and what not, as text for a terminal. */
export function comparedText(compared: readonly Compared[]): string {
  return textTable(compared, {
    what: { title: "" },
    before: { title: "Before" },
    now: { title: "Now" },
    difference: {
      title: "Difference",
      align: "right",
      format: (value) => (value === undefined || value === 0 ? "" : (value as number).toPrecision(2)),
    },
    verdict: { title: "" },
  });
}
