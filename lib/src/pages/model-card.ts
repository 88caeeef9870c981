import { basename } from "node:path";
import { stringify } from "yaml";
import type { Config } from "../config";

import type { Analysis } from "../evaluation/analysis";
import type { Evaluation, MetricName } from "../evaluation/metrics";
import { escapeMarkdown, shorten } from "../reporting/escape";
import { formatCount, formatDollars, formatMiss, formatPercent, formatWithInterval } from "../reporting/format";
import { madeWith } from "../reporting/made";
import { markdownTable } from "../reporting/tables";
import { verdictOf } from "../reporting/verdict";
import { type Manifest, readManifest } from "../runs/manifest";
import type { TrainedRun } from "../runs/run";
import { writeFileAtomic } from "../system/files";

/** Largest misses that a card names. */
const MISSES = 5;

const KINDS: Record<Exclude<Config["model"]["kind"], "ensemble">, string> = {
  network: "a network of linear layers on the backbone's features",
  kernel: "kernel ridge regression on the backbone's features",
  fused: "gradient-boosted trees on the film's facts, and kernel ridge regression on facts, text and poster",
};

/** Each metric under the name that the hub's `evaluate` library gives it. */
const HUB_METRICS: readonly { type: string; name: string; key: MetricName }[] = [
  { type: "mse", name: "MSE of log10 dollars", key: "mse" },
  { type: "mae", name: "MAE of log10 dollars", key: "mae" },
  { type: "r_squared", name: "R² against the training mean", key: "r2" },
  { type: "accuracy", name: "Accuracy of telling films above the training median", key: "accuracy" },
];

/** Writes `README.md` of a run that was just judged on its test films: a model card as the Hugging Face hub reads it. */
export async function writeModelCard(run: TrainedRun, evaluated: CardParts["evaluated"]): Promise<string> {
  const card = formatModelCard({ run, evaluated, manifest: await readManifest(run) });
  await writeFileAtomic(run.file("README.md"), card);
  return run.file("README.md");
}

export interface CardParts {
  run: Pick<TrainedRun, "name" | "config">;
  evaluated: { evaluation: Evaluation; analysis: Analysis };
  manifest: Manifest | null;
}

/** A model card: YAML front matter (huggingface.co/docs/hub/model-cards), then Markdown in which every text is escaped. */
export function formatModelCard(parts: CardParts): string {
  const front = stringify(frontMatter(parts), { version: "1.1", lineWidth: 0 });
  const sections = [purpose, quality, data, limits, use, making].map((section) => section(parts).trim());
  return `---\n${front}---\n\n# ${escapeMarkdown(parts.run.name)}\n\n${sections.join("\n\n")}\n`;
}

function frontMatter({ run, evaluated: { evaluation }, manifest }: CardParts): object {
  const { source } = run.config.data;
  const hub = hubName(source);
  const dataset = {
    ...{ type: hub ?? "movie-posters", name: nameOf(source), split: "test" },
    ...(manifest ? { revision: manifest.data.fingerprint } : {}),
  };
  const task = { type: "image-regression", name: "Box-office revenue from a movie poster" };
  return {
    license: "mit",
    library_name: "movie-revenue",
    tags: [
      "movie-posters",
      "box-office",
      "image-regression",
      run.config.model.kind,
      run.config.model.backbone,
      ...run.config.model.beside,
    ],
    ...(hub ? { datasets: [hub] } : {}),
    metrics: [...new Set(HUB_METRICS.map(({ type }) => type))],
    "model-index": [{ name: run.name, results: [{ task, dataset, metrics: hubMetrics(evaluation) }] }],
  };
}

function hubMetrics({ model, n }: Evaluation): object[] {
  const values = { ...model, accuracy: model.medianSplit.accuracy };
  return HUB_METRICS.flatMap(({ type, name, key }) => {
    const [value, ends] = [values[key], model.ci95[key]];
    if (value === null) return [];
    const interval = ends ? `, 95 % interval ${ends.map((end) => end.toFixed(4)).join(" to ")}` : "";
    return [{ type, value, name: `${name} (${n} films${interval})` }];
  });
}

function purpose({ run: { config } }: CardParts): string {
  const { kind, backbone, beside, width, height, members, kernel } = config.model;
  if (kind === "ensemble") {
    return `Estimates what a film earns worldwide: the mean, in log10 dollars, of the runs ${members.join(", ")}, each of which has a card of its own.`;
  }
  const learnt = kind === "network" && config.training.freeze !== "backbone";
  const from = kind === "fused" ? "its poster and what is known of it before its release" : "its poster alone";
  const size = `posters at ${width} × ${height}`;
  const looks =
    beside.length > 0
      ? `the backbones ${[backbone, ...beside].join(", ")} see ${size} and are frozen, with their ImageNet weights`
      : `the backbone, ${backbone}, sees ${size} and ${learnt ? "learnt too" : "is frozen, with its ImageNet weights"}`;
  const reads = kernel.writing > 0 ? "; what is written on the poster is read by PP-OCRv6" : "";
  return `Estimates what a film earns worldwide from ${from}. It is ${KINDS[kind]}; ${looks}${reads}.`;
}

function quality({ evaluated: { evaluation } }: CardParts): string {
  const { model, baselines, differences } = evaluation;
  const percent = (value: number | null | undefined) => formatPercent(value);
  const rows = Object.entries({ model, ...baselines }).map(([name, metrics]) => ({
    "": name,
    "MSE of log10 $": formatWithInterval(metrics.mse, metrics.ci95.mse),
    "model's less this": differences[name] ? formatWithInterval(differences[name].mse, differences[name].ci95) : "",
    "R²": formatWithInterval(metrics.r2, metrics.ci95.r2),
    "within 25 %": formatWithInterval(metrics.within25, metrics.ci95.within25, percent),
    "within 50 %": formatWithInterval(metrics.within50, metrics.ci95.within50, percent),
    "median split": formatWithInterval(metrics.medianSplit.accuracy, metrics.ci95.accuracy, percent),
  }));
  const note =
    "Square brackets hold 95 % bootstrap intervals over films. The baselines are fitted on the training films; only a difference whose interval lies below zero proves skill.";
  return `## How good it is\n\n${verdictOf(evaluation)}\n\n${markdownTable(rows)}\n\n${note}`;
}

function data({ run: { config }, manifest }: CardParts): string {
  const { source, minRevenue, minBudget, minYear } = config.data;
  const filter = [
    `films that earned more than ${formatDollars(minRevenue)}`,
    ...(minBudget > 0 ? [`cost more than ${formatDollars(minBudget)}`] : []),
    ...(minYear > 0 ? [`and came out in ${minYear} or later`] : []),
  ].join(", ");
  const lines = [`## Data\n\n${escapeMarkdown(nameOf(source))}: ${filter}.`];
  if (manifest) {
    const { rows, invalid, films, splits, fingerprint } = manifest.data;
    const sizes = Object.entries(splits).map(([name, count]) => `${formatCount(count)} ${name}`);
    lines.push(
      `${formatCount(rows)} rows, ${formatCount(invalid.length)} of them unusable, gave ${formatCount(films)} films (${sizes.join(", ")}; split by ${config.split.by}, seed ${config.split.seed}). Their fingerprint is \`${fingerprint}\`.`,
    );
  }
  if (source === "sample") lines.push("The posters of this sample are rendered by the project from the films' facts.");
  return lines.join(" ");
}

function limits({ run: { config }, evaluated: { evaluation, analysis } }: CardParts): string {
  const { level, coverage } = evaluation.intervals;
  const groups = analysis.groups.bracket.flatMap(({ name, scores }) =>
    scores
      ? [
          {
            ...{ "actual revenue": name, films: scores.n, MSE: scores.mse, "mean's MSE": scores.meanMse },
            "inside their intervals": formatPercent(scores.coverage?.coverage),
          },
        ]
      : [],
  );
  const misses = analysis.misses.slice(0, MISSES).map(({ title, year, actual, predicted }) => ({
    film: shorten(title, 60),
    year,
    actual: formatDollars(actual),
    predicted: formatDollars(predicted),
    "off by": formatMiss(predicted, actual),
  }));
  const points = [
    `It has seen only films above ${formatDollars(config.data.minRevenue)}: it cannot tell that a film will fail.`,
    `Its ${formatPercent(level, 0)} intervals hold ${formatPercent(coverage)} of the test films.`,
    "What raises or lowers a prediction is what went with revenue in the past, not what caused it.",
    "Nothing known only after release may be given to it; popularity and votes are refused by name.",
  ];
  return [
    `## Limits\n\n${points.map((point) => `- ${point}`).join("\n")}`,
    `By actual revenue, which nobody knows beforehand:\n\n${markdownTable(groups)}`,
    `The largest misses on the test films:\n\n${markdownTable(misses)}`,
  ].join("\n\n");
}

function use({ run: { name } }: CardParts): string {
  return `## How to use it

In a checkout of the project, with this folder as \`checkpoints/${name}\`:

\`\`\`sh
npx --no movie-revenue predict --run ${name} my-posters
npx --no movie-revenue evaluate --run ${name} --data others.parquet
npx --no movie-revenue rerun ${name}
\`\`\`

\`best.safetensors\` holds the model, \`config.json\` every setting; \`calibration.json\` is needed for the intervals.`;
}

function making({ manifest }: CardParts): string {
  if (!manifest) return "## How it was made\n\nThe run has no manifest.";
  const rows = Object.entries(madeWith(manifest)).map(([what, value]) => ({ what, value }));
  return `## How it was made\n\n${markdownTable(rows)}`;
}

/** A local path says nothing to others, and something of its owner: only its last part is told. */
function nameOf(source: string): string {
  return hubName(source) ?? basename(source);
}

function hubName(source: string): string | undefined {
  return source.startsWith("hub:") ? source.slice("hub:".length) : undefined;
}
