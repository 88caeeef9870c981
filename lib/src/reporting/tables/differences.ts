import type { Interval } from "../../evaluation/bootstrap";
import type { Evaluation } from "../../evaluation/metrics";
import { formatNumber } from "../format";
import type { Html } from "../view";
import { htmlTable } from "./html";

/** The model's MSE less each baseline's, film by film, the strongest baseline first; then the baselines left out, and why. */
export function baselineDifferences(
  { baselines, differences }: Evaluation,
  omitted: Readonly<Record<string, string>> = {},
): Html {
  const compared = Object.entries(differences)
    .sort(([a], [b]) => baselines[a]!.mse - baselines[b]!.mse)
    .map(([name, { mse, ci95 }]) => ({
      name,
      mse: formatNumber(baselines[name]!.mse, 4),
      difference: formatNumber(mse, 4),
      interval: ci95 ? ci95.map((end) => formatNumber(end, 4)).join(" to ") : "–",
      verdict: verdictOf(ci95),
    }));
  const leftOut = Object.entries(omitted).map(([name, reason]) => ({ name, verdict: `left out: ${reason}` }));
  return htmlTable([...compared, ...leftOut], {
    caption: "The model less each baseline, film by film: below zero, the model is better",
    columns: {
      name: { title: "Baseline" },
      mse: { title: "Its MSE", align: "right" },
      difference: { title: "Model less baseline", align: "right" },
      interval: { title: "95% interval", align: "right" },
      verdict: { title: "" },
    },
  });
}

/** Which of two an interval of their difference in MSE proves better, in the words given for either. */
export function verdictOf(
  ci95: Interval | null,
  [first, second]: readonly [string, string] = ["the model is better", "the baseline is better"],
): string {
  if (ci95 && ci95[1] < 0) return first;
  return ci95 && ci95[0] > 0 ? second : "undecided";
}
