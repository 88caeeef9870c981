import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { decode, MAX_PIXELS } from "movie-revenue/posters/decode";
import { sha256 } from "movie-revenue/system/files";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { golden } from "./golden.ts";
import { noise, waves } from "./pictures.ts";

interface Golden {
  cases: { name: string; jpeg: string; size: [number, number]; sha256: string }[];
  cmyk: string;
}

const { cases, cmyk } = golden<Golden>("decode.json");
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const raw = (data: Uint8Array | Uint16Array, width: number, channels: 1 | 2 | 3 | 4): ReturnType<typeof sharp> =>
  sharp(data, { raw: { width, height: data.length / width / channels, channels } });
const jpeg = bytesOf(cases[0]!.jpeg);

describe("decode", () => {
  it.each(cases)("equals Pillow: $name", async ({ jpeg: base64, size, sha256: expected }) => {
    const { width, height, data } = await decode(bytesOf(base64));
    expect([width, height]).toEqual(size);
    expect(sha256(data)).toBe(expected);
  });

  it("gives back the pixels of a lossless PNG and WebP", async () => {
    const { data, width, height } = noise(19, 23);
    for (const picture of [raw(data, width, 3).png(), raw(data, width, 3).webp({ lossless: true })]) {
      expect(await decode(new Uint8Array(await picture.toBuffer()))).toEqual({ width, height, data });
    }
  });

  it("reads a palette", async () => {
    const data = Uint8Array.from({ length: 60 }, (_, i) => [250, 20, 30, 10, 90, 200][i % 6]!);
    const picture = await raw(data, 10, 3).png({ palette: true, colours: 4, dither: 0 }).toBuffer();
    // colour type 3 of PNG's header: the file does hold a palette
    expect(picture[25]).toBe(3);
    expect((await decode(picture)).data).toEqual(data);
  });

  it("makes three equal channels of grey, and keeps the upper eight of sixteen bits", async () => {
    const grey = await raw(Uint8Array.of(7, 130), 2, 1).toColourspace("b-w").png().toBuffer();
    expect([...(await decode(grey)).data]).toEqual([7, 7, 7, 130, 130, 130]);
    expect([...(await decode(png16(0, [0x1234, 0xfedc]))).data]).toEqual([0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe]);
    expect([...(await decode(png16(2, [0x1234, 0x5678, 0x9abc]))).data]).toEqual([0x12, 0x56, 0x9a]);
  });

  it("shows white through what is transparent", async () => {
    // black at opacity 128/255 over white: 255 · 127/255 = 127
    const data = Uint8Array.of(200, 100, 50, 255, 0, 0, 0, 128, 9, 9, 9, 0);
    for (const picture of [raw(data, 3, 4).png(), raw(data, 3, 4).webp({ lossless: true, exact: true })]) {
      expect([...(await decode(await picture.toBuffer())).data]).toEqual([200, 100, 50, 127, 127, 127, 255, 255, 255]);
    }
  });

  it("turns the inks of CMYK into the light they leave", async () => {
    const { data, width } = await decode(bytesOf(cmyk));
    const at = (x: number, y: number): number[] => [...data.slice((y * width + x) * 3, (y * width + x) * 3 + 3)];
    const strongest = (pixel: number[]): number => pixel.indexOf(Math.max(...pixel));
    expect([at(8, 8), at(24, 8), at(8, 24)].map(strongest)).toEqual([0, 1, 2]);
    for (const value of at(24, 24)) expect(value).toBeGreaterThan(245);
  });

  it("leaves the numbers of a picture with an RGB profile as they are, as Pillow does", async () => {
    const wide = await raw(Uint8Array.of(0, 0, 0), 1, 3)
      .withIccProfile("p3")
      .png()
      .toBuffer();
    const { icc } = await sharp(wide).metadata();
    const profile = chunk("iCCP", Buffer.concat([Buffer.from("P3\0\0"), deflateSync(icc!)]));
    const tagged = pngOf(1, 1, 8, 2, Buffer.of(0, 200, 30, 90), profile);
    expect([...(await decode(tagged)).data]).toEqual([200, 30, 90]);
    // the profile is one that would change them
    expect([...(await sharp(tagged).raw().toBuffer())]).not.toEqual([200, 30, 90]);
  });

  it.each([
    ["nothing", new Uint8Array(), "is empty"],
    ["text", Buffer.from("not found"), "is not a JPEG, PNG or WebP picture"],
    ["SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), "is not a JPEG"],
    ["a JPEG's first bytes alone", jpeg.slice(0, 4), "is cut short or damaged"],
    [
      "a bomb of 3.6 thousand million pixels",
      pngOf(60_000, 60_000, 8, 2, Buffer.alloc(999)),
      "more than 50,000,000 pix",
    ],
  ])("rejects %s", async (_, bytes, reason) => {
    await expect(decode(bytes)).rejects.toThrow(reason);
    expect(MAX_PIXELS).toBe(50_000_000);
  });

  it("rejects a JPEG cut short anywhere, rather than giving it a grey rest", async () => {
    for (let length = 3; length < jpeg.length; length += 37) {
      await expect(decode(jpeg.slice(0, length)), `${length} bytes`).rejects.toThrow("is cut short or damaged");
    }
    await expect(decode(jpeg.slice(0, -2)), "without its end marker").rejects.toThrow("is cut short or damaged");
  });

  it.each(["png", "webp"] as const)("rejects a %s cut short or damaged, in one line", async (format) => {
    const { data, width } = waves(64, 64, 5, 3);
    const whole = new Uint8Array(await raw(data, width, 3).toFormat(format).toBuffer());
    for (const part of [0.2, 0.5, 0.9]) {
      const cut = decode(whole.slice(0, Math.floor(whole.length * part)));
      await expect(cut).rejects.toThrow(/^is cut short or damaged \(.+\)$/);
    }
  });

  it("survives any bytes behind a JPEG's first three", async () => {
    const noisy = fc.tuple(
      fc.integer({ min: 3, max: jpeg.length - 1 }),
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(noisy, async ([at, bytes]) => {
        const damaged = jpeg.slice();
        damaged.set(bytes.slice(0, damaged.length - at), at);
        const result = await decode(damaged).catch((error: Error) => error);
        if (result instanceof Error) expect(result.message).toMatch(/^(is cut short or damaged|has more than)/);
        else expect(result.data).toHaveLength(result.width * result.height * 3);
      }),
    );
  });
});

/** A PNG of one row of 16-bit samples: colour type 0 is grey, 2 is RGB. */
function png16(colourType: 0 | 2, samples: number[]): Buffer {
  const row = Buffer.alloc(1 + 2 * samples.length);
  for (const [i, sample] of samples.entries()) row.writeUInt16BE(sample, 1 + 2 * i);
  return pngOf(samples.length / (colourType + 1), 1, 16, colourType, row);
}

function pngOf(
  width: number,
  height: number,
  depth: number,
  colourType: number,
  rows: Buffer,
  profile: Buffer = Buffer.of(),
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = colourType;
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const image = [chunk("IHDR", header), profile, chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.of())];
  return Buffer.concat([signature, ...image]);
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, check]);
}
