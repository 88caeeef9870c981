import { searchFigure } from "movie-revenue/reporting/figures/search";
import {
  describeSearch,
  describeTrial,
  rankTrials,
  searchTable,
  searchText,
} from "movie-revenue/reporting/tables/search";
import type { Trial } from "movie-revenue/training/space";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "./hostile.ts";

const done = (trial: number, val_loss: number, settings: Trial["settings"]): Trial => ({
  ...{ trial, settings, status: "done", val_loss, epoch: 2, epochs: 5, seconds: 1.5, baseline: 0.25 },
});
const failed = (trial: number, reason: string, settings: Trial["settings"]): Trial => ({
  ...{ trial, settings, status: "failed", val_loss: null, epoch: null, epochs: null, seconds: 0.2, baseline: null },
  reason,
});
const settingsOf = (rate: number, batch: number, freeze: string) => ({
  ...{ "training.learningRate": rate, "training.batchSize": batch, "training.freeze": freeze },
});
// the loss axis spans .1 to .3: .2 stands in the middle, and the baseline of .25 at .75
const trials = [
  done(1, 0.3, settingsOf(1e-5, 16, "none")),
  failed(2, "The loss is no longer a number.", settingsOf(1, 16, "none")),
  done(3, 0.1, settingsOf(1e-3, 64, "backbone")),
  done(4, 0.2, settingsOf(1e-4, 32, "none")),
];

interface Trace {
  x: number[];
  y: number[];
  name: string;
  hovertext: string[];
  line: { color: string };
}
interface Layout {
  title: { text: string; subtitle: { text: string } };
  xaxis: { title: { text: string }; ticktext: string[] };
  yaxis: { title: { text: string } };
  annotations: { x: number; y: number; text: string }[];
  shapes: { x0: number; y0: number; x1: number; y1: number }[];
}

describe("searchFigure", () => {
  const { data, layout } = searchFigure({ trials, baseline: 0.25 });
  const lines = data as Trace[];
  const { title, xaxis, yaxis, annotations, shapes } = layout as Layout;

  it("draws each trial that ended through its settings to its loss", () => {
    const at = Object.fromEntries(lines.map(({ name, y }) => [name, y.map((value) => Number(value.toFixed(12)))]));
    expect(at).toEqual({
      // the rate spans two decades, so it stands by its logarithm; the batch, 16 to 64, by itself: (32 − 16) / 48 = 1/3
      "trial 1": [0, 0, 1, 1],
      "trial 3": [1, 1, 0, 0],
      "trial 4": [0.5, Number((1 / 3).toFixed(12)), 1, 0.5],
    });
    expect(lines.map(({ x }) => x)).toEqual(Array(3).fill([0, 1, 2, 3]));
  });

  it("marks the best, drawn above the others, and the baseline", () => {
    expect(lines.map(({ name }) => name)).toEqual(["trial 1", "trial 4", "trial 3"]);
    expect(lines.map(({ line }) => line.color)).toEqual(["#c9ced6", "#0072b2", "#D55E00"]);
    const mark = shapes[shapes.length - 1]!;
    expect([mark.y0, mark.y1]).toEqual([expect.closeTo(0.75, 12), expect.closeTo(0.75, 12)]);
    expect((mark.x0 + mark.x1) / 2).toBe(3);
    expect(annotations.find(({ text }) => text === "mean baseline")).toMatchObject({
      x: 3,
      y: expect.closeTo(0.75, 12),
    });
  });

  it("names axes with their units, and the values on each", () => {
    expect(title.text).toBe("Trials by their settings and validation loss");
    expect(title.subtitle.text).toContain("Not drawn: 1 trial that failed.");
    expect([xaxis.title.text, yaxis.title.text]).toEqual([
      "Setting, and what came out",
      "Value, on a scale for each setting",
    ]);
    expect(xaxis.ticktext).toEqual([
      "training.<br>learningRate (log scale)",
      "training.<br>batchSize",
      "training.<br>freeze",
      "Validation MSE<br>(log10 dollars²)",
    ]);
    const texts = (axis: number) => annotations.filter(({ x }) => x === axis).map(({ text }) => text);
    expect([0, 1, 2].map(texts)).toEqual([
      ["1e−5", "1e−4", "0.001"],
      ["16", "32", "64"],
      ["backbone", "none"],
    ]);
    expect(texts(3)).toEqual(["0.1000", "0.2000", "0.3000", "mean baseline"]);
  });

  it("tells a hovered trial in words", () => {
    expect(lines[2]!.hovertext[0]).toBe(
      "Trial 3, rank 1: validation MSE 0.1000<br>training.learningRate = 0.001<br>training.batchSize = 64<br>training.freeze = backbone",
    );
  });

  it("holds a loss that ran away at the top edge", () => {
    const away = searchFigure({ trials: [...trials, done(5, 900, settingsOf(1e-2, 16, "none"))], baseline: 0.25 });
    // of .1, .2, .25, .3, 900 the median is .25; what is above .75 stands at the top
    const heights = Object.fromEntries((away.data as Trace[]).map(({ name, y }) => [name, y[3]]));
    expect(heights["trial 5"]).toBe(1);
    expect(heights["trial 4"]).toBeCloseTo(0.5, 12);
    expect((away.layout as Layout).annotations.map(({ text }) => text)).toContain("0.3000 or more");
  });

  it("draws a single trial, and says where none ended", () => {
    const [only] = searchFigure({ trials: [trials[0]!], baseline: null }).data as Trace[];
    expect(only!.y).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(searchFigure({ trials: [trials[1]!], baseline: null }).data).toEqual([]);
  });

  it.each(HOSTILE)("shows %j as it is written", (text) => {
    const hostile = [done(1, 0.2, { [`a.${text}`]: text }), failed(2, text, { [`a.${text}`]: text })];
    const figure = JSON.stringify(searchFigure({ trials: hostile, baseline: 0.25 }));
    const table = searchTable({ trials: hostile }).html;
    for (const shown of [
      figure.replaceAll("<br>", ""),
      table.replace(/<\/?(div|table|caption|thead|tbody|tr|th|td)\b[^<>]*>/g, ""),
    ]) {
      expect(shown).not.toMatch(/[<>]/);
    }
    expect(figure.replaceAll("Validation MSE", "")).not.toMatch(/\$(?!\{)/);
  });
});

describe("the ranked table", () => {
  it("has the lowest loss first, failed trials last, and the share of the baseline's loss", () => {
    const ranked = rankTrials(trials);
    expect(ranked.map(({ trial }) => trial)).toEqual([3, 4, 1, 2]);
    const rows = searchText({ trials: ranked }).split("\n").slice(2);
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      // .1 / .25 − 1 = −60 %, .2 / .25 − 1 = −20 %, .3 / .25 − 1 = +20 %
      ["1", "3", "0.1000", "0.2500", "−60.0%", "2 of 5", "1.5", "0.001", "64", "backbone"],
      ["2", "4", "0.2000", "0.2500", "−20.0%", "2 of 5", "1.5", "0.0001", "32", "none"],
      ["3", "1", "0.3000", "0.2500", "+20.0%", "2 of 5", "1.5", "0.00001", "16", "none"],
      ["–", "2", "–", "–", "–", "–", "0.2", "1", "16", "none", "The loss is no longer a number."],
    ]);
  });

  it("ranks equal losses by their trial", () => {
    const equal = [done(2, 0.2, {}), failed(4, "", {}), done(1, 0.2, {}), failed(3, "", {})];
    expect(rankTrials(equal).map(({ trial }) => trial)).toEqual([1, 2, 3, 4]);
  });
});

describe("in words", () => {
  const result = { trials: rankTrials(trials), baseline: 0.25, validationFilms: 40 };

  it("the best trial stands beside the baseline, with its command and a warning", () => {
    const best = { bestRun: "search-trial-003", command: "movie-revenue train --run search-best" };
    const [found, command, beware] = describeSearch({ ...result, ...best, shortenedBy: ["training.maxEpochs=2"] });
    expect(found).toBe(
      "The best of 3 trials (1 more failed) is trial 3: validation MSE 0.1000 in epoch 2 of 5, where always saying the " +
        "training mean has 0.2500 (−60.0%). Its run is search-trial-003.",
    );
    expect(command).toBe(
      "To train its settings in full, without training.maxEpochs=2: movie-revenue train --run search-best",
    );
    expect(beware).toMatch(/^Beware: the lowest loss of 3 trials is optimistic, .* the same 40 films .*test films/);
  });

  it("a trial that ended tells its rate and the time left", () => {
    const standing = { done: 3, total: 20, best: trials[2]!, secondsEach: 12.4, secondsLeft: 17 * 12.4 };
    // 17 · 12.4 s = 210.8 s = 3.5 min
    expect(describeTrial(trials[3]!, standing)).toBe(
      "trial 4 (3 of 20) · validation 0.2000 in epoch 2 of 5 · 1.5 s · training.learningRate=0.0001 " +
        "training.batchSize=32 training.freeze=none · best 0.1000 (trial 3) · 12 s a trial, 4 min left",
    );
    expect(describeTrial(trials[1]!, { ...standing, done: 20, best: undefined })).toBe(
      "trial 2 (20 of 20) · failed: The loss is no longer a number. · 0.2 s · " +
        "training.learningRate=1 training.batchSize=16 training.freeze=none",
    );
  });
});
