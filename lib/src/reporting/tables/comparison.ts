import type { Comparison } from "../../compare";
import type { Interval } from "../../evaluation/bootstrap";
import type { Metrics } from "../../evaluation/metrics";
import { countOf, formatCount, formatNumber, formatPercent, formatWithInterval } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { verdictOf } from "./differences";
import { htmlTable } from "./html";
import { describeMetrics, sideBySideTable } from "./results";

/** Who is judged, and how: a run, or a baseline of the runs that share it, word for word. */
interface Judgement {
  run: string;
  who: string;
  metrics: Metrics;
}

/** The columns of `differenceRows`. */
export const DIFFERENCE_COLUMNS: Columns = {
  first: { title: "Run" },
  second: { title: "Less" },
  films: { title: "Films", align: "right" },
  mse: { title: "MSE", align: "right" },
  r2: { title: "R²", align: "right" },
  verdict: { title: "" },
};

/** The runs' metrics on the films that all of them judged, side by side. */
export function comparisonTable({ runs, n }: Comparison): Html {
  return sideBySideTable(
    runs.map(({ name, metrics }) => [name, metrics] as const),
    n,
  );
}

/** A row of texts for each run, and for each baseline of theirs. */
export function comparisonRows(comparison: Comparison): object[] {
  return judgementsOf(comparison).map(({ run, who, metrics }) => ({
    ...{ run, who, films: formatCount(metrics.n) },
    ...describeMetrics(metrics),
  }));
}

/** How often the runs' intervals hold what the shared films earned, and how wide they are. */
export function coverageTable({ runs }: Comparison): Html {
  const rows = runs.map(({ name, intervals: { level, coverage, medianWidthLog10 } }) => ({
    ...{ name, level: formatPercent(level, 0), coverage: formatPercent(coverage) },
    width: formatNumber(medianWidthLog10),
  }));
  return htmlTable(rows, {
    caption: "Prediction intervals",
    columns: {
      name: { title: "Run" },
      level: { title: "Meant to hold", align: "right" },
      coverage: { title: "Holds", align: "right" },
      width: { title: "Median width (log10 dollars)", align: "right" },
    },
  });
}

/** The differences between runs, and between each run and its baselines: below zero in MSE, the run is better. */
export function differenceTable(comparison: Comparison): Html {
  return htmlTable(differenceRows(comparison), {
    caption: "Differences film by film; 95% intervals in brackets",
    columns: DIFFERENCE_COLUMNS,
    limit: 200,
  });
}

/** A row of texts for each difference. */
export function differenceRows({ runs, differences }: Comparison): object[] {
  const between = differences.map(({ first, second, n, mse, r2 }) => ({
    ...{ first, second, films: formatCount(n) },
    mse: formatWithInterval(mse.difference, mse.ci95),
    r2: formatWithInterval(r2.difference, r2.ci95),
    verdict: verdictOf(mse.ci95, [`${first} is better`, `${second} is better`]),
  }));
  const toBaselines = runs.flatMap(({ name, evaluation }) =>
    Object.entries(evaluation.differences).map(([baseline, { mse, ci95 }]) => ({
      ...{ first: name, second: `baseline ${baseline}`, films: formatCount(evaluation.n) },
      ...{ mse: formatWithInterval(mse, ci95), r2: "" },
      verdict: verdictOf(ci95 as Interval | null, [`${name} is better`, "the baseline is better"]),
    })),
  );
  return [...between, ...toBaselines];
}

/** A table for each run of the films that it judged and another did not; none where there are none. */
export function leftOutOfComparison({ runs }: Comparison): Html[] {
  return runs
    .filter(({ leftOut }) => leftOut.length > 0)
    .map(({ name, leftOut }) =>
      htmlTable(leftOut, { caption: `${countOf(leftOut.length, "film")} of ${name} that another run did not judge` }),
    );
}

/** The runs, then each baseline once for all runs that judge it alike. */
export function judgementsOf({ runs }: Comparison): Judgement[] {
  const models = runs.map(({ name, metrics }) => ({ run: name, who: "model", metrics }));
  const baselines = new Map<string, Judgement>();
  for (const { name, evaluation } of runs) {
    for (const [who, metrics] of Object.entries(evaluation.baselines)) {
      const key = JSON.stringify([who, metrics]);
      const same = baselines.get(key);
      baselines.set(key, { run: same ? `${same.run}, ${name}` : name, who, metrics });
    }
  }
  return [...models, ...[...baselines.values()].sort((a, b) => a.metrics.mse - b.metrics.mse)];
}
