import type { Comparison } from "../compare";
import { comparisonFigure, differencesFigure } from "../reporting/figures/comparison";
import { formatCount } from "../reporting/format";
import { reportPage, type Section } from "../reporting/page";
import { comparisonTable, coverageTable, differenceTable, leftOutOfComparison } from "../reporting/tables/comparison";

/** Runs side by side as one HTML file, which opens from disk without a network. */
export function comparisonPage(comparison: Comparison): Promise<string> {
  const names = comparison.runs.map(({ name }) => name).join(", ");
  const leftOut = leftOutOfComparison(comparison);
  const sections: Section[] = [
    {
      heading: "Side by side",
      prose: `On the ${formatCount(comparison.n)} films that all runs judged and none had seen. R² is against the mean of each run's own training films.`,
      views: [comparisonFigure(comparison), comparisonTable(comparison), coverageTable(comparison)],
    },
    {
      heading: "Which is better",
      prose:
        "Differences are taken film by film, so that their intervals are narrower than those of two numbers seem to allow. " +
        "Only an interval on one side of zero is proof. Baselines are judged on all films of their run.",
      views: [differencesFigure(comparison), differenceTable(comparison)],
    },
    ...(leftOut.length > 0 ? [{ heading: "Left out", views: leftOut }] : []),
  ];
  const footer = "Every number comes from the runs' predictions.csv and evaluation.json.";
  return reportPage({ title: `Runs compared: ${names}`, sections, footer });
}
