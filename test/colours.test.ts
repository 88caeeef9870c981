import { COLOUR_FEATURES, colourFeatures } from "movie-revenue/posters/colours";
import { describe, expect, it } from "vitest";

/** The features by name of a picture painted pixel by pixel. */
function featuresOf(paint: (x: number, y: number) => readonly [number, number, number], width = 24, height = 24) {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(paint(i % width, Math.floor(i / width)), i * 3);
  const features = colourFeatures(pixels, { width, height });
  return Object.fromEntries(COLOUR_FEATURES.map((name, i) => [name, features[i]!]));
}

const histogramOf = (features: Record<string, number>) =>
  Object.fromEntries(Object.entries(features).filter(([name, value]) => name.startsWith("rgb") && value > 0));

describe("colourFeatures", () => {
  it("have as many names as numbers, each once", () => {
    expect(colourFeatures(new Uint8Array(224 * 224 * 3))).toHaveLength(COLOUR_FEATURES.length);
    expect(new Set(COLOUR_FEATURES).size).toBe(8 ** 3 + 4 * 6 * 4 + 4);
  });

  it("of a plain colour are one step, that colour in every cell, and no edges", () => {
    const features = featuresOf(() => [255, 51, 0]);
    // 255 is in step 7 of 0–7, 51 in step 1, 0 in step 0
    expect(histogramOf(features)).toEqual({ "rgb 710": 1 });
    for (const cell of ["1|1", "4|1", "2|3", "4|6"]) {
      expect([features[`red ${cell}`], features[`blue ${cell}`], features[`edges ${cell}`]]).toEqual([1, 0, 0]);
      expect(features[`green ${cell}`]).toBeCloseTo(0.2, 6);
    }
    // luma 0.299 + 0.587 · 0.2; saturation (255 − 0) / 255
    expect(features.brightness).toBeCloseTo(0.4164, 6);
    expect(features).toMatchObject({ saturation: 1, edges: 0 });
    expect(features.contrast).toBeCloseTo(0, 6);
  });

  it("know where light and dark meet", () => {
    // white above the middle row, black below: the edge is the first black row, twelfth of 24, in the fourth row of cells
    const features = featuresOf((_, y) => (y < 12 ? [255, 255, 255] : [0, 0, 0]));
    expect(features["red 1|3"]).toBe(1);
    expect(features["red 1|4"]).toBe(0);
    expect([features["edges 2|3"], features["edges 2|4"]]).toEqual([0, 0.25]);
    expect(features.edges).toBeCloseTo(1 / 24, 6);
    // half black, half white: the roots of the halves, mean ½ and deviation ½
    expect(histogramOf(features)).toEqual({
      "rgb 000": Math.fround(Math.SQRT1_2),
      "rgb 777": Math.fround(Math.SQRT1_2),
    });
    expect(features.brightness).toBeCloseTo(0.5, 6);
    expect(features.contrast).toBeCloseTo(0.5, 6);
    expect(features.saturation).toBe(0);
  });

  it("know left from right, and count an edge to the left as one above", () => {
    const features = featuresOf((x) => (x < 6 ? [0, 0, 255] : [0, 255, 0]));
    expect([features["blue 1|1"], features["blue 2|1"], features["green 4|6"]]).toEqual([1, 0, 1]);
    expect(features.edges).toBeCloseTo(1 / 24, 6);
  });

  it("hear of no edge in a gentle slope", () => {
    expect(featuresOf((x) => [x * 10, x * 10, x * 10]).edges).toBe(0);
  });

  it("take other sizes, and refuse bytes that are not that size", () => {
    expect(histogramOf(featuresOf(() => [32, 0, 0], 7, 13))).toEqual({ "rgb 100": 1 });
    expect(() => colourFeatures(new Uint8Array(5), { width: 2, height: 1 })).toThrow("5 bytes are not 2 × 1 × 3.");
  });
});
