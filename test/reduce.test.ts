import { decode } from "movie-revenue/posters/decode";
import { reduce } from "movie-revenue/posters/reduce";
import { sha256 } from "movie-revenue/system/files";
import { describe, expect, it } from "vitest";
import { jpeg, png } from "./fixtures.ts";

const reduced = async (bytes: Uint8Array) => reduce(bytes, await decode(bytes));

describe("reduce", () => {
  it("leaves a small poster as it is, byte for byte", async () => {
    const bytes = await jpeg({ width: 185, height: 278, color: [9, 90, 200] });
    const { bytes: kept, sha256: key, image } = await reduced(bytes);
    expect(kept).toBe(bytes);
    expect(key).toBe(sha256(bytes));
    expect([image.width, image.height]).toEqual([185, 278]);
  });

  it("leaves a picture that is hardly larger as it is too", async () => {
    const bytes = await jpeg({ width: 256, height: 379, color: [9, 90, 200] });
    expect((await reduced(bytes)).bytes).toBe(bytes);
  });

  it.each([
    // by 224/500; by 320/480, for the width would allow more; not at all
    [500, 750, 224, 336],
    [640, 480, 427, 320],
    [200, 1000, 200, 1000],
  ])("makes %i × %i as small as the views of models allow: %i × %i", async (width, height, toWidth, toHeight) => {
    const { image } = await reduced(await jpeg({ width, height, seed: 3 }));
    expect([image.width, image.height]).toEqual([toWidth, toHeight]);
  });

  it("gives a content of its own: the pixels are those of the bytes, known by their hash, the same each time", async () => {
    const bytes = await jpeg({ width: 448, height: 672, seed: 5 });
    const [one, again] = [await reduced(bytes), await reduced(bytes)];
    expect(one.sha256).toBe(sha256(one.bytes));
    expect(one.image).toEqual(await decode(one.bytes));
    expect(again.bytes).toEqual(one.bytes);
    // noise of mean 127.5 keeps its mean
    const { data } = one.image;
    expect(Math.abs(data.reduce((sum, value) => sum + value, 0) / data.length - 127.5)).toBeLessThan(2);
  });

  it("encodes a small picture anew where its bytes are many", async () => {
    const noisy = await png({ width: 180, height: 270 });
    expect(noisy.length).toBeGreaterThan(98_304);
    const { bytes, image } = await reduced(noisy);
    expect([image.width, image.height, bytes[0], bytes[1]]).toEqual([180, 270, 0xff, 0xd8]);
  });
});
