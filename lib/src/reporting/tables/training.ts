import { formatDollars, formatMiss } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { htmlTable } from "./html";
import { textTable } from "./text";

/** One line about an epoch, for a terminal or below a cell. */
export function describeEpoch({ epoch, train_loss, val_loss, lr, seconds }: EpochLine): string {
  const losses = `train ${train_loss.toFixed(4)} · validation ${val_loss.toFixed(4)}`;
  return `epoch ${epoch} · ${losses} · learning rate ${lr} · ${seconds.toFixed(1)} s`;
}

/** The numbers of a line of `metrics.jsonl`. */
export interface EpochLine {
  epoch: number;
  train_loss: number;
  val_loss: number;
  lr: number;
  seconds: number;
}

/** A film, what it earned, and what is predicted, in dollars. */
export interface SampleLine {
  title: string;
  actual: number;
  predicted: number;
}

const dollars = { format: (value: unknown) => formatDollars(value as number), align: "right" as const };
const COLUMNS: Columns = {
  title: { title: "Film" },
  actual: { title: "Actual", ...dollars },
  predicted: { title: "Predicted", ...dollars },
  miss: { title: "Miss", align: "right" },
};

/** Predictions during training, for a notebook. */
export function sampleTable(samples: readonly SampleLine[], epoch: number): Html {
  return htmlTable(withMiss(samples), { caption: `Validation films after epoch ${epoch}`, columns: COLUMNS });
}

/** Predictions during training, for a terminal. */
export function sampleText(samples: readonly SampleLine[]): string {
  return textTable(withMiss(samples), COLUMNS);
}

function withMiss(samples: readonly SampleLine[]): object[] {
  return samples.map((film) => ({ ...film, miss: formatMiss(film.predicted, film.actual) }));
}
