import { decode } from "movie-revenue/posters/decode";
import { hamming, perceptualHash, SAME_PICTURE } from "movie-revenue/posters/hash";
import { resize } from "movie-revenue/posters/resample";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { golden } from "./golden.ts";
import { noise, waves } from "./pictures.ts";

interface Golden {
  cases: { waves: [number, number, number, number]; bits: string }[];
  noise: string;
}

const bits = (hash: bigint): string => hash.toString(2).padStart(64, "0");

describe("perceptualHash", () => {
  const { cases, noise: ofNoise } = golden<Golden>("hash.json");

  it.each(cases)(
    "equals the definition, bit by bit, for waves $waves",
    ({ waves: [width, height, a, b], bits: expected }) => {
      expect(bits(perceptualHash(waves(width, height, a, b).data, width, height))).toBe(expected);
    },
  );

  it("equals the definition for noise", () => {
    expect(bits(perceptualHash(noise(224, 224).data))).toBe(ofNoise);
  });

  it("is zero for a plain picture, whatever its colour", () => {
    for (const value of [0, 77, 255]) expect(perceptualHash(new Uint8Array(224 * 224 * 3).fill(value))).toBe(0n);
  });

  it("hears of nothing but light and dark", () => {
    // half the light everywhere halves every coefficient, the median too
    const bright = waves(224, 224, 5, 3).data.map((byte) => byte & 254);
    expect(perceptualHash(bright.map((byte) => byte / 2))).toBe(perceptualHash(bright));
  });

  it("stays within the same picture's distance when a poster is encoded again, smaller or larger", async () => {
    const { data, width, height } = waves(185, 278, 3, 2);
    const original = perceptualHash(resize({ data, width, height }, 224, 224));
    const poster = sharp(data, { raw: { width, height, channels: 3 } });
    for (const again of [
      poster.clone().jpeg({ quality: 40 }),
      poster.clone().resize(150),
      poster.clone().resize(500),
    ]) {
      const image = await decode(await again.jpeg().toBuffer());
      expect(hamming(perceptualHash(resize(image, 224, 224)), original)).toBeLessThanOrEqual(SAME_PICTURE);
    }
    expect(hamming(perceptualHash(waves(224, 224, 12, 0).data), original)).toBeGreaterThan(SAME_PICTURE);
  });

  it("refuses a size that does not fall into 32 cells", () => {
    expect(() => perceptualHash(noise(30, 64).data, 30, 64)).toThrow("30 × 64 is not a multiple of 32");
  });
});
