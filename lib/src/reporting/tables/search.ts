import type { Trial } from "../../training/space";
import { shorten, visibleText } from "../escape";
import { countOf, formatNumber } from "../format";
import type { Html } from "../view";
import type { Columns } from "./columns";
import { htmlTable } from "./html";
import { textTable } from "./text";

/** What there is to say of a search. */
export interface SearchResult {
  /** As `rankTrials` orders them. */
  trials: readonly Trial[];
  baseline: number | null;
  validationFilms: number;
  bestRun?: string;
  command?: string;
  shortenedBy: readonly string[];
}

/** Trials by their validation loss, the lowest first; of equal ones the earlier first; failed ones last. */
export function rankTrials(trials: readonly Trial[]): Trial[] {
  const loss = ({ val_loss }: Trial) => val_loss ?? Number.POSITIVE_INFINITY;
  // Infinity less Infinity is no number, so equal losses are told apart first
  return [...trials].sort((a, b) => (loss(a) === loss(b) ? a.trial - b.trial : loss(a) - loss(b)));
}

/** A setting's value as `--set` takes it. */
export function settingText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The ranked trials for a notebook or a page. */
export function searchTable({ trials }: Pick<SearchResult, "trials">): Html {
  return htmlTable(rowsOf(trials), { caption: "Trials by validation loss", columns: columnsOf(trials) });
}

/** The ranked trials for a terminal. */
export function searchText({ trials }: Pick<SearchResult, "trials">): string {
  return textTable(rowsOf(trials), columnsOf(trials));
}

function columnsOf(trials: readonly Trial[]): Columns {
  const failed = trials.some(({ status }) => status === "failed");
  return {
    rank: { title: "Rank", align: "right" },
    trial: { title: "Trial", align: "right" },
    loss: { title: "Validation MSE", align: "right" },
    baseline: { title: "Mean baseline", align: "right" },
    change: { title: "Against it", align: "right" },
    epochs: { title: "Best epoch", align: "right" },
    seconds: { title: "Seconds", align: "right" },
    ...Object.fromEntries(keysOf(trials).map((key) => [key, { align: "right" as const }])),
    ...(failed && { reason: { title: "Failed because", format: (text: unknown) => shorten(String(text), 80) } }),
  };
}

function rowsOf(trials: readonly Trial[]): object[] {
  return trials.map((trial, i) => {
    const { val_loss, baseline, epoch, epochs, seconds, settings, status, reason = "" } = trial;
    return {
      // a setting always has a dot in its name, so it cannot take a column's place
      ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, settingText(value)])),
      rank: status === "done" ? i + 1 : null,
      trial: trial.trial,
      loss: formatNumber(val_loss, 4),
      baseline: formatNumber(baseline, 4),
      change: againstBaseline(trial),
      epochs: epoch === null ? "–" : `${epoch} of ${epochs}`,
      seconds: seconds.toFixed(1),
      reason,
    };
  });
}

function againstBaseline({ val_loss, baseline }: Trial): string {
  if (val_loss === null || !baseline) return "–";
  const percent = 100 * (val_loss / baseline - 1);
  return `${percent > 0 ? "+" : ""}${formatNumber(percent, 1)}%`;
}

function keysOf(trials: readonly Trial[]): string[] {
  return [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))];
}

/** One line about a trial that has ended, and about what is left, for a terminal. */
export function describeTrial(
  { trial, status, val_loss, epoch, epochs, seconds, settings, reason }: Trial,
  { done, total, best, secondsEach, secondsLeft }: TrialStanding,
): string {
  const values = Object.entries(settings).map(([key, value]) => `${key}=${settingText(value)}`);
  const result =
    status === "done"
      ? `validation ${val_loss!.toFixed(4)} in epoch ${epoch} of ${epochs}`
      : `failed: ${shorten(reason ?? "", 120)}`;
  const standing = best ? [`best ${best.val_loss!.toFixed(4)} (trial ${best.trial})`] : [];
  const left = done < total ? [`${duration(secondsEach)} a trial, ${duration(secondsLeft)} left`] : [];
  return [
    `trial ${trial} (${done} of ${total})`,
    result,
    `${seconds} s`,
    visibleText(values.join(" ")),
    ...standing,
    ...left,
  ].join(" · ");
}

/** Where a search stands after a trial. */
interface TrialStanding {
  done: number;
  total: number;
  best?: Trial;
  secondsEach: number;
  secondsLeft: number;
}

function duration(seconds: number): string {
  if (seconds < 99.5) return `${formatNumber(seconds, seconds < 9.95 ? 1 : 0)} s`;
  return seconds < 5970 ? `${Math.round(seconds / 60)} min` : `${formatNumber(seconds / 3600, 1)} h`;
}

/** What a search found in plain sentences: the best trial, how to train it in full, and how little its loss proves. */
export function describeSearch({
  trials,
  baseline,
  validationFilms,
  bestRun,
  command,
  shortenedBy,
}: SearchResult): string[] {
  const done = trials.filter(({ status }) => status === "done");
  const best = done[0];
  if (!best) return [`No trial came to an end: ${countOf(trials.length, "trial")} failed.`];
  const failed = trials.length - done.length;
  const change = againstBaseline(best);
  return [
    `The best of ${countOf(done.length, "trial")}${failed > 0 ? ` (${failed} more failed)` : ""} is trial ${best.trial}: ` +
      `validation MSE ${formatNumber(best.val_loss, 4)} in epoch ${best.epoch} of ${best.epochs}, where always saying the ` +
      `training mean has ${formatNumber(baseline, 4)} (${change}). Its run is ${bestRun}.`,
    `To train its settings in full${shortenedBy.length > 0 ? `, without ${shortenedBy.join(" and ")}` : ""}: ${command}`,
    `Beware: the lowest loss of ${countOf(done.length, "trial")} is optimistic, for it was picked by the same ` +
      `${countOf(validationFilms, "film")} that it is measured on, and part of its lead is luck. ` +
      `Only \`movie-revenue evaluate\`, on test films that no trial saw, tells how good the model is.`,
  ];
}
