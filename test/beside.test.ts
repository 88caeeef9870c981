import { backbonesOf, featuresOfAll } from "movie-revenue/model/backbones";
import { headShapeOf } from "movie-revenue/model/head-shape";
import { describe, expect, it } from "vitest";

describe("backbones beside each other", () => {
  it("have weights of their own, and are random where the first is", () => {
    const beside = ["resnet18", "resnet50"];
    expect(backbonesOf()).toEqual([{ backbone: "efficientnet-lite0", weights: "default" }]);
    expect(backbonesOf({ weights: "a.safetensors", beside })).toEqual([
      { backbone: "efficientnet-lite0", weights: "a.safetensors" },
      { backbone: "resnet18", weights: "default" },
      { backbone: "resnet50", weights: "default" },
    ]);
    expect(backbonesOf({ backbone: "resnet18", weights: "random", beside: ["resnet50"] })).toEqual([
      { backbone: "resnet18", weights: "random" },
      { backbone: "resnet50", weights: "random" },
    ]);
  });

  it("give a head the features of all", () => {
    const two = { backbone: "efficientnet-lite0", beside: ["efficientnet-lite2"] };
    // means of the last map: 1,280 of either; statistics: 2 · 784 of Lite0, and of Lite2, whose stages have
    // 16 + 24 + 48 + 88 + 120 + 208 + 352 channels, 2 · 856
    expect(featuresOfAll(two)).toBe(2560);
    expect(featuresOfAll({ ...two, pooling: "statistics" })).toBe(1568 + 1712);
    expect(headShapeOf({ ...two, pooling: "statistics", scales: [1, 2], hidden: [8] })).toEqual({
      ...{ inputs: 2 * (1568 + 1712), hidden: [8], attention: false },
    });
  });
});
