import * as tf from "@tensorflow/tfjs";
import { loadEngine } from "movie-revenue/engine";
import { frozenBackbone, viewOf } from "movie-revenue/model/backbone";
import { lite0 } from "movie-revenue/model/lite";
import type { Frozen } from "movie-revenue/model/network";
import { type Pooling, pooledDimensions, poolFeatures } from "movie-revenue/model/pooling";
import { resnet50 } from "movie-revenue/model/resnet";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(loadEngine);

/** Maps of one channel and two places for each of ResNet's stages: (0, 2), (0, 4), (0, 6) … times the brightest pixel. */
const frozen: Frozen = {
  featureMap: (pixels) => tf.mul(tf.tensor4d([1, 3], [1, 1, 2, 1]), tf.max(pixels)),
  stageMaps: (pixels) =>
    Object.fromEntries(
      resnet50.stages.map((stage, i) => [
        stage,
        tf.mul(tf.tensor4d([0, 2 * (i + 1)], [1, 1, 2, 1]), tf.max(pixels)) as tf.Tensor4D,
      ]),
    ),
  dispose: () => {},
};
const ones = () => tf.ones<tf.Rank.R4>([1, 32, 32, 3]);
const pooled = (pooling: Pooling) => Array.from(poolFeatures(resnet50, frozen, ones(), pooling).dataSync());

describe("poolFeatures", () => {
  it("takes the mean of the last map over its places", () => expect(pooled("mean")).toEqual([2]));

  it("keeps every place of the last map for attention", () => expect(pooled("attention")).toEqual([1, 3]));

  it("takes mean and deviation of every stage after the first, the means first", () => {
    // (0, 4), (0, 6), (0, 8), (0, 10): half is the mean, and the deviation of two values half their distance
    expect(pooled("statistics")).toEqual([2, 3, 4, 5, 2, 3, 4, 5]);
  });

  it("says how many features that makes", () => {
    const of = (pooling: Pooling) => ({ pooling, width: 224, height: 320 });
    expect(pooledDimensions(resnet50, of("mean"))).toBe(2048);
    // two for each channel: 256 + 512 + 1024 + 2048 of ResNet50; 16 + 24 + 40 + 80 + 112 + 192 + 320 of Lite0
    expect(pooledDimensions(resnet50, of("statistics"))).toBe(2 * 3840);
    expect(pooledDimensions(lite0, of("statistics"))).toBe(2 * 784);
    // 7 × 10 places of 32 pixels to a side
    expect(pooledDimensions(lite0, of("attention"))).toBe(70 * 1280);
  });
});

describe("a view of several scales", () => {
  const brightest: Frozen = { ...frozen, featureMap: (pixels) => tf.max(pixels, [1, 2, 3], true) as tf.Tensor4D };
  const view = { width: 4, height: 2, scaling: "imagenet", pooling: "mean", mirror: false } as const;
  const backboneOf = (scales?: number[]) =>
    frozenBackbone(resnet50, brightest, { hash: "", view: viewOf({ ...view, scales }) });

  it("puts the features of each side by side, shrunk by the means of squares", () => {
    const pixels = tf.fill<tf.Rank.R4>([1, 2, 4, 3], 0).add(tf.tensor4d([0, 8, 1, 1, 0, 4, 3, 3], [1, 2, 4, 1]));
    // the brightest pixel is 8, the brightest mean of 2 × 2 is (8 + 4) / 4 = 3
    const seen = (scales?: number[]) => [
      ...backboneOf(scales)
        .features(pixels as tf.Tensor4D)
        .dataSync(),
    ];
    expect([seen([1, 2]), seen([2]), seen()]).toEqual([[8, 3], [3], [8]]);
    expect(backboneOf([1, 2]).dimensions).toBe(2 * 2048);
  });

  it("is named by its scales only where there are others than the poster's own", () => {
    expect(viewOf({ ...view, scales: [1] })).toEqual(view);
    expect(viewOf({ ...view, scales: [1, 2] })).toEqual({ ...view, scales: [1, 2] });
  });
});

describe("a view that mirrors", () => {
  it("averages the poster and its mirror image", () => {
    const left: Frozen = {
      ...frozen,
      // the first column alone
      featureMap: (pixels) => tf.slice(pixels, [0, 0, 0, 0], [-1, -1, 1, 1]),
    };
    const pixels = tf.tensor4d([5, 0, 0, 9, 0, 0], [1, 1, 2, 3]);
    const seen = (mirror: boolean) => {
      const view = { width: 2, height: 1, scaling: "imagenet", pooling: "mean", mirror } as const;
      return frozenBackbone(resnet50, left, { hash: "", view }).features(pixels).dataSync()[0];
    };
    expect([seen(false), seen(true)]).toEqual([5, 7]);
  });
});
