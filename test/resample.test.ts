import fc from "fast-check";
import { resize } from "movie-revenue/posters/resample";
import { sha256 } from "movie-revenue/system/files";
import { describe, expect, it } from "vitest";
import { golden } from "./golden.ts";
import { noise } from "./pictures.ts";

interface Case {
  from: [number, number];
  to: [number, number];
  sha256: string;
  first: number[];
}

describe("resize", () => {
  it.each(golden<{ cases: Case[] }>("resample.json").cases)(
    "equals Pillow, $from → $to",
    ({ from, to, ...expected }) => {
      const resized = resize(noise(...from), ...to);
      expect([...resized.slice(0, 6)]).toEqual(expected.first);
      expect(sha256(resized)).toBe(expected.sha256);
    },
  );

  it("by hand: two pixels become four", () => {
    // centres of the four lie at 0.25, 0.75, 1.25 and 1.75 of the two, whose own lie at 0.5 and 1.5; the first and last
    // window reach one pixel only, the others weigh 3/4 and 1/4: (3·0 + 100) / 4 = 25, (0 + 3·100) / 4 = 75
    const image = { width: 2, height: 1, data: Uint8Array.of(0, 0, 8, 100, 200, 8) };
    expect([...resize(image, 4, 1)]).toEqual([0, 0, 8, 25, 50, 8, 75, 150, 8, 100, 200, 8]);
  });

  it("leaves a plain picture plain, at any size", () => {
    const side = fc.integer({ min: 1, max: 90 });
    fc.assert(
      fc.property(fc.tuple(side, side, side, side), fc.nat(255), ([width, height, toWidth, toHeight], value) => {
        const data = new Uint8Array(width * height * 3).fill(value);
        const resized = resize({ width, height, data }, toWidth, toHeight);
        expect(resized).toHaveLength(toWidth * toHeight * 3);
        expect(resized.every((byte) => byte === value)).toBe(true);
      }),
    );
  });

  it("gives the same after a picture larger than the memory it keeps", () => {
    const small = noise(97, 131);
    const before = resize(small, 37, 53);
    const huge = { width: 6000, height: 4000, data: new Uint8Array(6000 * 4000 * 3).fill(201) };
    expect(resize(huge, 37, 53).every((byte) => byte === 201)).toBe(true);
    expect(resize(small, 37, 53)).toEqual(before);
  });

  it("returns pixels of its own, also where the size stays", () => {
    const image = noise(16, 16);
    const resized = resize(image, 16, 16);
    expect(resized).toEqual(image.data);
    image.data[0] = image.data[0]! ^ 255;
    resize(noise(185, 278), 224, 224);
    expect(resized[0]).toBe(image.data[0]! ^ 255);
  });
});
