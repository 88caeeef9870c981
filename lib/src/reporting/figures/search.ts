import { quantile } from "../../evaluation/quantiles";
import type { Trial } from "../../training/space";
import { plotLines, plotText, shorten } from "../escape";
import { countOf, formatNumber } from "../format";
import { rankTrials, settingText } from "../tables/search";
import { axis, COLOURS, emptyFigure, line, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { ascending } from "./statistics";

/** One upright axis: where a value stands on it, from 0 at the foot to 1, and the values that are written beside it. */
interface Dimension {
  name: string;
  at(value: unknown): number;
  ticks: { at: number; text: string }[];
}

/** Numbers whose largest is this many times the smallest are spread by their logarithm. */
const LOG_FROM = 10;
const MOST_TICKS = 6;
/** Losses above so many medians stand at the top edge: one trial that ran away would flatten all others. */
const USUAL = 3;

/**
 * Parallel coordinates: a line for each trial through its settings to its validation loss, the lowest marked.
 * Drawn by plain lines: plotly's `parcoords` needs WebGL and `eval`, which a report page forbids, and shows no hover.
 */
export function searchFigure({ trials, baseline }: { trials: readonly Trial[]; baseline: number | null }): Figure {
  const title = "Trials by their settings and validation loss";
  const done = rankTrials(trials).filter(({ status }) => status === "done");
  const failed = trials.length - done.length;
  if (done.length === 0) return emptyFigure(title, "No trial came to an end.");
  const keys = [...new Set(done.flatMap(({ settings }) => Object.keys(settings)))];
  const dimensions = keys.map((key) => {
    const values = done.map(({ settings }) => settings[key]);
    return dimensionOf(key, values);
  });
  const loss = lossDimension(
    done.map(({ val_loss }) => val_loss!),
    baseline,
  );
  const axes = [...dimensions, loss];
  const last = axes.length - 1;
  return makeFigure({
    title,
    notes: [
      "Each line is a trial: the darker, the lower its loss. The best is orange.",
      ...(failed > 0 ? [`Not drawn: ${countOf(failed, "trial")} that failed.`] : []),
    ],
    height: 480,
    // the best is drawn last, above the others
    data: done.map((trial, rank) => trialLine({ trial, rank, of: done.length }, keys, axes)).reverse(),
    layout: {
      xaxis: axis("Setting, and what came out", {
        tickvals: axes.map((_, i) => i),
        ticktext: axes.map(({ name }) => nameLines(name)),
        range: [-0.25, axes.length - 0.5],
        showgrid: false,
      }),
      yaxis: axis("Value, on a scale for each setting", {
        range: [-0.06, 1.06],
        showticklabels: false,
        showgrid: false,
      }),
      shapes: [
        ...axes.map((_, i) => line([i, 0], [i, 1], { colour: COLOURS.light, dash: "solid", layer: "below" })),
        ...(baseline === null
          ? []
          : [line([last - 0.04, loss.at(baseline)], [last + 0.04, loss.at(baseline)], { dash: "solid" })]),
      ],
      annotations: [
        ...axes.flatMap(({ ticks }, i) => ticks.map(({ at, text }) => tickLabel(i, at, text))),
        ...(baseline === null
          ? []
          : [{ ...tickLabel(last, loss.at(baseline), "mean baseline"), xanchor: "right", xshift: -20 }]),
      ],
    },
  });
}

function dimensionOf(key: string, values: readonly unknown[]): Dimension {
  const numbers = values.filter((value): value is number => typeof value === "number");
  return numbers.length === values.length ? numberDimension(key, numbers) : choiceDimension(key, values);
}

/** A number's axis, by its logarithm where the numbers span a decade or more. */
function numberDimension(key: string, values: readonly number[]): Dimension {
  const distinct = ascending([...new Set(values)]);
  const [low, high] = [distinct[0]!, distinct[distinct.length - 1]!];
  const log = low > 0 && high / low >= LOG_FROM;
  const place = (value: number) => (log ? Math.log10(value) : value);
  const at = (value: unknown) =>
    low === high ? 0.5 : (place(value as number) - place(low)) / (place(high) - place(low));
  const spread = Array.from({ length: 5 }, (_, i) => {
    const between = place(low) + (i / 4) * (place(high) - place(low));
    return log ? 10 ** between : between;
  });
  const ticks = (distinct.length <= MOST_TICKS ? distinct : spread).map((value) => ({
    at: at(value),
    text: shortNumber(value),
  }));
  return { name: log ? `${key} (log scale)` : key, at, ticks };
}

/** An axis of words, switches and lists, in the order in which the best trials have them. */
function choiceDimension(key: string, values: readonly unknown[]): Dimension {
  const choices = [...new Set(values.map(settingText))];
  const at = (value: unknown) =>
    choices.length === 1 ? 0.5 : choices.indexOf(settingText(value)) / (choices.length - 1);
  return { name: key, at, ticks: choices.map((text) => ({ at: at(text), text: shorten(text, 24) })) };
}

function lossDimension(losses: readonly number[], baseline: number | null): Dimension {
  const known = ascending(baseline === null ? losses : [...losses, baseline]);
  const limit = USUAL * quantile(known, 0.5);
  const usual = known.filter((loss) => loss <= limit);
  const [low, high] = [usual[0]!, usual[usual.length - 1]!];
  const at = (value: unknown) => (low === high ? 0.5 : Math.min(1, ((value as number) - low) / (high - low)));
  const beyond = known.length > usual.length;
  const ends = low === high ? [low] : [low, (low + high) / 2, high];
  const ticks = ends.map((loss) => ({
    at: at(loss),
    text: `${formatNumber(loss, 4)}${beyond && loss === high ? " or more" : ""}`,
  }));
  return { name: "Validation MSE (log10 dollars²)", at, ticks };
}

function trialLine(
  { trial, rank, of }: { trial: Trial; rank: number; of: number },
  keys: readonly string[],
  axes: readonly Dimension[],
): Part {
  const values = [...keys.map((key) => trial.settings[key]), trial.val_loss];
  const hover = plotLines(
    `Trial ${trial.trial}, rank ${rank + 1}: validation MSE ${formatNumber(trial.val_loss, 4)}`,
    ...keys.map((key) => `${key} = ${shorten(settingText(trial.settings[key]), 60)}`),
  );
  const color = rank === 0 ? COLOURS.vermillion : shade(of > 2 ? (rank - 1) / (of - 2) : 0);
  return {
    type: "scatter",
    mode: "lines+markers",
    name: plotText(`trial ${trial.trial}`),
    x: axes.map((_, i) => i),
    y: axes.map(({ at }, i) => at(values[i])),
    line: { color, width: rank === 0 ? 3 : 1.5 },
    marker: { color, size: rank === 0 ? 8 : 5 },
    hovertext: axes.map(() => hover),
    hoverinfo: "text",
  };
}

/** From the palette's blue at 0 to its light grey at 1. */
function shade(share: number): string {
  const parts = (colour: string) => [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16));
  const [from, to] = [parts(COLOURS.blue), parts(COLOURS.light)];
  const mixed = from.map((part, i) => Math.round(part + share * (to[i]! - part)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function tickLabel(x: number, at: number, text: string): Part {
  return {
    ...{ x, y: at, text: plotText(text), showarrow: false, xanchor: "left", xshift: 6 },
    ...{ font: { size: 11, color: COLOURS.grey }, bgcolor: "rgba(255,255,255,0.7)" },
  };
}

/** `training.` above `learningRate (log scale)`, so that many axes stand side by side. */
function nameLines(name: string): string {
  const at = name.indexOf(".") + 1;
  return at > 0 ? plotLines(name.slice(0, at), name.slice(at)) : plotLines(...name.split(/ (?=\()/));
}

function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const text = rounded !== 0 && Math.abs(rounded) < 0.001 ? rounded.toExponential() : String(rounded);
  return text.replaceAll("-", "−");
}
