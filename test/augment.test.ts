import {
  blurred,
  cropped,
  DEFAULT_AUGMENTATION,
  drawVariation,
  mirrored,
  recoloured,
  vary,
} from "movie-revenue/posters/augment";
import { resize } from "movie-revenue/posters/resample";
import { describe, expect, it } from "vitest";
import { noise } from "./pictures.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const grey = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [value, value, value]));
const same = { brightness: 1, contrast: 1, saturation: 1 };
const film = (id: number, epoch = 1, seed = 1) => ({ seed, epoch, film: id });
const size = { width: 224, height: 224 };

describe("colours", () => {
  it("stay as they are at factors of 1", () => {
    const { data } = noise(8, 8);
    expect(recoloured(data, same)).toEqual(data);
  });

  it("are multiplied by brightness, and stay within a byte", () => {
    expect(recoloured(bytes(10, 100, 250), { ...same, brightness: 1.5 })).toEqual(bytes(15, 150, 255));
  });

  it("move away from the mean grey by contrast", () => {
    // the mean of 100 and 200 is 150: 150 ∓ 50 · 1.2, and halfway to it at .5
    expect(recoloured(grey(100, 200), { ...same, contrast: 1.2 })).toEqual(grey(90, 210));
    expect(recoloured(grey(100, 200), { ...same, contrast: 0.5 })).toEqual(grey(125, 175));
  });

  it("move away from their pixel's grey by saturation", () => {
    // grey is .299 · 200 + .587 · 100 + .114 · 50 = 124.2; halfway to it 162.1, 112.1, 87.1
    expect(recoloured(bytes(200, 100, 50), { ...same, saturation: 0.5 })).toEqual(bytes(162, 112, 87));
    // and as far again beyond: 124.2 + 1.5 · (75.8, −24.2, −74.2) = 237.9, 87.9, 12.9
    expect(recoloured(bytes(200, 100, 50), { ...same, saturation: 1.5 })).toEqual(bytes(238, 88, 13));
  });

  it("change by all three, one after the other", () => {
    // brightness 1.1: (110, 55, 0) and (110, 110, 110), whose greys are 65.175 and 110, on average 87.5875;
    // contrast .8: · .8 + 17.5175 = (105.5175, 61.5175, 17.5175), grey 69.6575, and 105.5175 thrice;
    // saturation 1.2 away from these greys: (112.6895, 59.8895, 7.0895) and 105.5175
    const changed = recoloured(bytes(100, 50, 0, 100, 100, 100), { brightness: 1.1, contrast: 0.8, saturation: 1.2 });
    expect(changed).toEqual(bytes(113, 60, 7, 106, 106, 106));
  });
});

describe("blur", () => {
  it("takes (1 2 1)/4 across and down, the border repeating itself", () => {
    const dot = grey(0, 0, 0, 0, 160, 0, 0, 0, 0);
    expect(blurred(dot, { width: 3, height: 3 })).toEqual(grey(10, 20, 10, 20, 40, 20, 10, 20, 10));
    // the corner counts (1 + 2)/4 of itself in both directions: 160 · 9/16
    const corner = grey(160, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(blurred(corner, { width: 3, height: 3 })).toEqual(grey(90, 30, 0, 30, 10, 0, 0, 0, 0));
  });

  it("leaves a plain picture, and keeps channels apart", () => {
    const plain = bytes(9, 200, 31, 9, 200, 31, 9, 200, 31, 9, 200, 31);
    expect(blurred(plain, { width: 2, height: 2 })).toEqual(plain);
  });
});

describe("mirror", () => {
  it("changes left and right, not top and bottom, nor the colours of a pixel", () => {
    const picture = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    expect(mirrored(picture, { width: 2, height: 2 })).toEqual(bytes(4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9));
  });
});

describe("crop", () => {
  it("takes the rectangle and enlarges it to the whole", () => {
    const picture = grey(0, 0, 0, 0, 0, 80, 160, 0, 0, 80, 160, 0);
    const enlarged = cropped(picture, { width: 4, height: 3 }, { x: 1, y: 1, width: 2, height: 2 });
    expect(enlarged).toEqual(resize({ width: 2, height: 2, data: grey(80, 160, 80, 160) }, 4, 3));
    // twice as wide by a triangle: 80, ¾ · 80 + ¼ · 160, ¼ · 80 + ¾ · 160, 160
    expect(enlarged).toEqual(grey(80, 100, 140, 160, 80, 100, 140, 160, 80, 100, 140, 160));
  });

  it("of everything is the picture itself", () => {
    const { data } = noise(4, 4);
    expect(cropped(data, { width: 4, height: 4 }, { x: 0, y: 0, width: 4, height: 4 })).toBe(data);
  });
});

describe("variations", () => {
  const drawn = Array.from({ length: 500 }, (_, id) => drawVariation(DEFAULT_AUGMENTATION, size, film(id)));

  it("keep at least 85 % of the poster, within it, and its shape", () => {
    for (const { crop } of drawn) {
      expect((crop.width * crop.height) / (224 * 224)).toBeGreaterThanOrEqual(0.85);
      expect(crop.width).toBe(crop.height);
      expect(crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= 224 && crop.y + crop.height <= 224).toBe(true);
    }
    // 224 · √.85 = 206.5, rounded up
    expect(Math.min(...drawn.map(({ crop }) => crop.width))).toBe(207);
  });

  it("have factors spread evenly over ± 20 %, a tenth blurred, none mirrored", () => {
    for (const factor of ["brightness", "contrast", "saturation"] as const) {
      const values = drawn.map((variation) => variation[factor]);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0.8);
      expect(Math.max(...values)).toBeLessThan(1.2);
      // the mean of 500 such has the deviation .4/√12/√500 = .0052
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 500 - 1)).toBeLessThan(0.02);
    }
    // 50 ± 6.7
    expect(Math.abs(drawn.filter(({ blur }) => blur).length - 50)).toBeLessThan(25);
    expect(drawn.some(({ mirror }) => mirror)).toBe(false);
  });

  it("mirror half where that is asked for, and change in nothing else by it", () => {
    const turned = Array.from({ length: 500 }, (_, id) =>
      drawVariation({ ...DEFAULT_AUGMENTATION, mirror: true }, size, film(id)),
    );
    // 250 ± 11
    expect(Math.abs(turned.filter(({ mirror }) => mirror).length - 250)).toBeLessThan(45);
    expect(turned.map((variation) => ({ ...variation, mirror: false }))).toEqual(drawn);
  });

  it("depend on seed, epoch and film alone", () => {
    const of = (...key: [number, number, number]) =>
      JSON.stringify(drawVariation(DEFAULT_AUGMENTATION, size, film(...key)));
    expect(of(7, 2, 3)).toBe(of(7, 2, 3));
    expect(new Set([of(7, 2, 3), of(8, 2, 3), of(7, 3, 3), of(7, 2, 4)]).size).toBe(4);
  });

  it("leave the poster untouched where every option is off", () => {
    const off = { crop: 1, brightness: 0, contrast: 0, saturation: 0, blur: 0, mirror: false };
    const { data } = noise(224, 224);
    expect(vary(data, size, drawVariation(off, size, film(1)))).toEqual(data);
  });

  it("do not change the bytes that the cache holds", () => {
    const { data } = noise(224, 224);
    const before = data.slice();
    vary(data, size, { ...drawVariation(DEFAULT_AUGMENTATION, size, film(1)), blur: true, mirror: true });
    expect(data).toEqual(before);
  });
});
