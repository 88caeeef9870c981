import { quantile } from "../../evaluation/quantiles";
import { plotLines, plotText } from "../escape";
import { formatNumber } from "../format";
import { axis, COLOURS, emptyFigure, line, makeFigure, type Part } from "../theme";
import type { Figure } from "../view";
import { ascending } from "./statistics";

/** One line of `metrics.jsonl`; losses are MSE on log10 dollars, null where an epoch had none. */
export interface Epoch {
  epoch: number;
  train_loss: number | null;
  val_loss: number | null;
  lr: number;
}

/**
 * Losses by epoch against the MSE of always predicting the training mean, the best epoch marked, the learning rate below.
 * A model that was solved at once has one line with a learning rate of 0, and is shown as bars.
 */
export function lossCurves(epochs: readonly Epoch[], { baseline }: { baseline?: number } = {}): Figure {
  const title = "Loss by epoch";
  if (epochs.length === 0) return emptyFigure(title, "No epoch has been finished yet.");
  if (epochs.length === 1 && epochs[0]!.lr === 0) return solvedLosses(epochs[0]!, baseline);
  const best = bestEpoch(epochs);
  const limit = chartLimit(epochs, baseline);
  const notes = best
    ? [`Best: epoch ${best.epoch}, validation MSE ${formatNumber(best.val_loss)}${comparison(best.val_loss, baseline)}`]
    : ["No validation loss was recorded."];
  const beyond = epochs.filter((epoch) => Math.max(epoch.train_loss ?? 0, epoch.val_loss ?? 0) > limit[1]);
  if (beyond.length > 0)
    notes.push(`Above the chart: ${beyond.slice(0, 3).map(described).join("; ")}${beyond.length > 3 ? "; …" : ""}`);
  return makeFigure({
    title,
    notes,
    legend: true,
    height: 480,
    data: [
      lossLine(epochs, "train_loss", "train", COLOURS.blue),
      lossLine(epochs, "val_loss", "validation", COLOURS.orange),
      ...(baseline === undefined ? [] : [baselineLine(epochs, baseline)]),
      ...(best ? [bestMark(best)] : []),
      rateLine(epochs),
    ],
    layout: {
      xaxis: axis("Epoch", { anchor: "y2", ...epochTicks(epochs) }),
      yaxis: axis("MSE (log10 dollars²)", { domain: [0.3, 1], range: limit }),
      yaxis2: axis("Learning rate", { domain: [0, 0.2], type: "log", range: rateRange(epochs), ...rateTicks(epochs) }),
      shapes: best
        ? [
            line([best.epoch, 0], [best.epoch, 1], {
              yref: "paper",
              colour: COLOURS.light,
              dash: "dot",
              layer: "below",
            }),
          ]
        : [],
    },
  });
}

function solvedLosses({ train_loss, val_loss }: Epoch, baseline: number | undefined): Figure {
  const bars = [
    { name: "train", loss: train_loss, color: COLOURS.blue },
    { name: "validation", loss: val_loss, color: COLOURS.orange },
    { name: "training-mean baseline", loss: baseline ?? null, color: COLOURS.grey },
  ].flatMap(({ loss, ...bar }) => (loss === null ? [] : [{ ...bar, loss }]));
  return makeFigure({
    title: "Loss of a model solved at once",
    notes: [`Validation MSE ${formatNumber(val_loss)}${comparison(val_loss, baseline)}`],
    height: 150 + 40 * bars.length,
    data: bars.map(({ name, loss, color }) => ({
      type: "bar",
      orientation: "h",
      name,
      x: [loss],
      y: [name],
      width: 0.6,
      text: [formatNumber(loss)],
      textposition: "auto",
      marker: { color },
      hoverinfo: "skip",
    })),
    layout: { xaxis: axis("MSE (log10 dollars²)"), yaxis: axis("", { autorange: "reversed", showgrid: false }) },
  });
}

function bestEpoch(epochs: readonly Epoch[]): Epoch | undefined {
  const judged = epochs.filter(({ val_loss }) => val_loss !== null && Number.isFinite(val_loss));
  return judged.sort((a, b) => a.val_loss! - b.val_loss!)[0];
}

// an untrained head predicts dollars near 1, so the first loss can be hundreds of times the rest and would flatten them
function chartLimit(epochs: readonly Epoch[], baseline: number | undefined): [number, number] {
  const losses = [...epochs.flatMap(({ train_loss, val_loss }) => [train_loss, val_loss]), baseline ?? null];
  const finite = ascending(losses.filter((loss): loss is number => loss !== null && Number.isFinite(loss)));
  if (finite.length === 0) return [0, 1];
  const usual = finite.filter((loss) => loss <= 3 * quantile(finite, 0.5));
  const [low, high] = [usual[0]!, usual[usual.length - 1]!];
  const air = Math.max(0.08 * (high - low), 0.02 * high);
  return [Math.max(0, low - air), high + air];
}

function comparison(loss: number | null, baseline: number | undefined): string {
  if (baseline === undefined || loss === null) return "";
  const change = 1 - loss / baseline;
  return `, ${formatNumber(100 * Math.abs(change), 1)}% ${change >= 0 ? "below" : "above"} the training-mean baseline's`;
}

function described({ epoch, train_loss, val_loss }: Epoch): string {
  return `epoch ${epoch} (train ${formatNumber(train_loss, 2)}, validation ${formatNumber(val_loss, 2)})`;
}

function lossLine(epochs: readonly Epoch[], key: "train_loss" | "val_loss", name: string, color: string): Part {
  return {
    type: "scatter",
    mode: "lines+markers",
    name,
    x: epochs.map(({ epoch }) => epoch),
    y: epochs.map((epoch) => epoch[key]),
    line: { color, width: 2 },
    marker: { color, size: 6 },
    hovertext: epochs.map((epoch) => plotText(`Epoch ${epoch.epoch} · ${name} MSE ${formatNumber(epoch[key], 4)}`)),
    hoverinfo: "text",
  };
}

function baselineLine(epochs: readonly Epoch[], baseline: number): Part {
  const ends = [epochs[0]!.epoch - 0.5, epochs[epochs.length - 1]!.epoch + 0.5];
  const hover = plotLines(`Always predicting the training mean: validation MSE ${formatNumber(baseline, 4)}`);
  return {
    type: "scatter",
    mode: "lines",
    name: `training-mean baseline (${formatNumber(baseline)})`,
    x: ends,
    y: [baseline, baseline],
    line: { color: COLOURS.grey, dash: "dash", width: 1.5 },
    hovertext: hover,
    hoverinfo: "text",
  };
}

function bestMark({ epoch, val_loss }: Epoch): Part {
  return {
    type: "scatter",
    mode: "markers",
    name: "best epoch",
    x: [epoch],
    y: [val_loss],
    marker: { symbol: "star", size: 15, color: COLOURS.vermillion, line: { color: COLOURS.paper, width: 1 } },
    hovertext: [plotText(`Best epoch ${epoch} · validation MSE ${formatNumber(val_loss, 4)}`)],
    hoverinfo: "text",
  };
}

function rateLine(epochs: readonly Epoch[]): Part {
  return {
    type: "scatter",
    // a line needs two points
    mode: epochs.length === 1 ? "markers" : "lines",
    yaxis: "y2",
    x: epochs.map(({ epoch }) => epoch),
    y: epochs.map(({ lr }) => lr),
    line: { color: COLOURS.purple, width: 2, shape: "hv" },
    marker: { color: COLOURS.purple, size: 6 },
    hovertext: epochs.map(({ epoch, lr }) => plotText(`Epoch ${epoch} · learning rate ${formatRate(lr)}`)),
    hoverinfo: "text",
    showlegend: false,
  };
}

function epochTicks(epochs: readonly Epoch[]): Part {
  const [first, last] = [epochs[0]!.epoch, epochs[epochs.length - 1]!.epoch];
  return { range: [first - 0.5, last + 0.5], dtick: Math.max(1, Math.ceil((last - first + 1) / 15)), tickformat: "d" };
}

function rateRange(epochs: readonly Epoch[]): [number, number] {
  const logs = epochs.filter(({ lr }) => lr > 0).map(({ lr }) => Math.log10(lr));
  return logs.length > 0 ? [Math.min(...logs) - 0.3, Math.max(...logs) + 0.3] : [-5, -3];
}

// every rate has its tick while there is room, else only the ends
function rateTicks(epochs: readonly Epoch[]): Part {
  const rates = ascending([...new Set(epochs.map(({ lr }) => lr).filter((lr) => lr > 0))]);
  const tickvals = rates.length <= 3 ? rates : [rates[0]!, rates[rates.length - 1]!];
  return { tickvals, ticktext: tickvals.map((lr) => formatRate(lr)) };
}

function formatRate(rate: number): string {
  return Number(rate.toPrecision(2)).toExponential().replace("-", "−");
}
