import { makeConfig } from "movie-revenue/config";
import type { Evaluation } from "movie-revenue/evaluation/metrics";
import { baselineDifferences } from "movie-revenue/reporting/tables/differences";
import { besideOriginal } from "movie-revenue/reporting/tables/original";
import { recipeTable } from "movie-revenue/reporting/tables/recipe";
import { describe, expect, it } from "vitest";

/** The texts of a table's cells, row by row. */
const rowsOf = ({ html }: { html: string }) =>
  (html.match(/<tr>.*?<\/tr>/g) ?? []).map((row) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, text]) => text!.replace(/&#(\d+);/g, decoded)),
  );
const decoded = (_: string, code: string) => String.fromCharCode(Number(code));
const recipeOf = (...args: Parameters<typeof makeConfig>) =>
  Object.fromEntries(rowsOf(recipeTable(makeConfig(...args))).slice(1));

describe("recipeTable", () => {
  it("tells the original recipe, as its project tells it", () => {
    expect(recipeOf({ preset: "paper" })).toEqual({
      Films: "revenue above $10M",
      Target: "log10 of revenue in dollars",
      Poster: "224 × 224 pixels, imagenet scaling",
      // torchvision's resnet50 has 25,557,032, of which its classifier 2,048 · 1,000 + 1,000
      Backbone: "resnet50, 23,508,032 parameters, trained on ImageNet",
      Features: "2,048, mean of the maps",
      "What learns": "every layer",
      Head: "2048 → 1024 → 512 → 1024 → 1; ReLU between; dropout 0.2, 0.1, 0.2",
      Loss: "mean squared error",
      Optimizer: "AdamW",
      "Learning rate": "0.0002; × 0.5 after more than 2 epochs without a better validation loss",
      "Weight decay": "0.0001",
      Batch: "32 films",
      Stops: "after 7 epochs without a better validation loss, 30 epochs at most",
      "What is kept": "the weights themselves",
    });
  });

  it("tells what else was asked for", () => {
    const set = ["training.clip=1", "training.freeze=until:layer3", "training.schedule.name=cosine"];
    expect(recipeOf({ preset: "paper,1M-modern", set: [...set, "model.weights=random"] })).toMatchObject({
      Films: "revenue above $1M, budget above $100K, since 2000",
      Backbone: "resnet50, 23,508,032 parameters, random weights",
      "What learns": "the head, and the backbone from layer3 on",
      "Learning rate": "0.0002; cosine down to 0 after 0 epochs of warm-up",
      Further: "clip 1",
    });
  });

  it("tells every network that looks at the poster", () => {
    const set = ['model.beside=["resnet18"]', "model.width=64", "model.height=64"];
    const backbones =
      "resnet50, 23,508,032 parameters, trained on ImageNet; resnet18, 11,176,512 parameters, trained on ImageNet";
    expect(recipeOf({ set: [...set, "model.backbone=resnet50"] })).toMatchObject({
      // torchvision's resnet18 has 11,689,512, of which its classifier 512 · 1,000 + 1,000
      Backbones: backbones,
      Features: "2,560, mean of the maps",
      Head: "2560 → 1024 → 512 → 1024 → 1; ReLU between; dropout 0.2, 0.1, 0.2",
    });
  });

  it.each([
    [
      "posters",
      "kernel ridge regression on the poster's features, gamma 0.8, noise 0.5; and on what is written on it, weight 0.35",
      "teacher 0.65",
    ],
    ["fused", "kernels of the poster's features and of the film's facts", undefined],
  ])("tells nothing of epochs for %s", (preset, learns, further) => {
    const recipe = recipeOf({ preset });
    expect(recipe).toMatchObject({ "What learns": learns, How: "solved at once, without epochs" });
    expect(recipe.Further).toBe(further);
    expect(recipe).not.toHaveProperty("Optimizer");
  });
});

const metrics = (mse: number) => ({
  ...{ mse, within25: 0.2, within50: 0.4, medianSplit: { accuracy: 0.6 } },
  ci95: { mse: [mse - 0.1, mse + 0.1], within25: null, within50: null, accuracy: [0.5, 0.7] },
});
const evaluation = {
  n: 10,
  model: metrics(0.2),
  baselines: { mean: metrics(0.25), metadata: metrics(0.15), year: metrics(0.2) },
  differences: {
    mean: { mse: -0.05, ci95: [-0.08, -0.01] },
    metadata: { mse: 0.05, ci95: [0.01, 0.09] },
    year: { mse: 0, ci95: null },
  },
} as unknown as Evaluation;

describe("besideOriginal", () => {
  it("puts the published numbers beside the run's and the mean's", () => {
    const small = (text: string) => `<br><small style="opacity:.7">${text}</small>`;
    expect(rowsOf(besideOriginal(evaluation))).toEqual([
      ["", "The original, 618 films", "This run, 10 films", "Training mean"],
      ["MSE (log10 dollars²)", "0.2399", `0.2000${small("0.1000 to 0.3000")}`, `0.2500${small("0.1500 to 0.3500")}`],
      ["Within 25% of actual dollars", "17.8%", "20.0%", "20.0%"],
      ["Within 50% of actual dollars", "35.6%", "40.0%", "40.0%"],
      ["Accuracy of the median split", "57.8%", `60.0%${small("50.0% to 70.0%")}`, `60.0%${small("50.0% to 70.0%")}`],
    ]);
  });
});

describe("baselineDifferences", () => {
  it("judges each baseline by its interval, the strongest first, and names those left out", () => {
    expect(rowsOf(baselineDifferences(evaluation, { colours: "no <poster>" }))).toEqual([
      ["Baseline", "Its MSE", "Model less baseline", "95% interval", ""],
      ["metadata", "0.1500", "0.0500", "0.0100 to 0.0900", "the baseline is better"],
      ["year", "0.2000", "0.0000", "–", "undecided"],
      ["mean", "0.2500", "−0.0500", "−0.0800 to −0.0100", "the model is better"],
      ["colours", "–", "–", "–", "left out: no <poster>"],
    ]);
  });
});
