import { decode } from "movie-revenue/posters/decode";
import { Random } from "movie-revenue/random";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { noise, waves } from "../pictures.ts";
import { checkSentence, suite } from "./suite.ts";

const tried = suite("images");

/** A picture's size, or the reason why it is none; pixels are as many as its size says. */
async function look(bytes: Uint8Array): Promise<string> {
  try {
    const { width, height, data } = await decode(bytes);
    expect(data).toHaveLength(width * height * 3);
    return `${width}x${height}`;
  } catch (thrown) {
    const { message } = thrown as Error;
    checkSentence(message);
    expect(message).toMatch(/^(is empty|is not a JPEG, PNG or WebP|is cut short or damaged|has more than)/);
    return message;
  }
}

const FORMATS = ["jpeg", "png", "webp"] as const;
const { data, width } = waves(48, 64, 5, 3);
const picture = () => sharp(data, { raw: { width, height: data.length / width / 3, channels: 3 } });

describe.each(FORMATS)("a damaged %s", (format) => {
  let whole = new Uint8Array();
  beforeAll(async () => {
    whole = new Uint8Array(await picture().toFormat(format).toBuffer());
    expect(await look(whole)).toBe("48x64");
  });

  it("is decoded, or refused with a reason", async () => {
    await tried.all(tried.seeds(700), async (seed) => {
      const random = new Random([seed, format.length]);
      const bytes = whole.slice(0, random.integer(3) === 0 ? 1 + random.integer(whole.length) : whole.length);
      // most damage goes into the header, which claims sizes
      const reach = random.integer(2) === 0 ? Math.min(64, bytes.length) : bytes.length;
      for (let times = 1 + random.integer(6); times > 0; times--)
        bytes[random.integer(reach)]! ^= 1 << random.integer(8);
      await look(bytes);
    });
  });

  it("is refused where it is cut, at any byte of its header and every seventh behind", async () => {
    const lengths = tried.seeds(whole.length).filter((length) => length < 64 || length % 7 === 0);
    await tried.all(lengths, async (length) => {
      const cut = whole.subarray(0, length);
      // a PNG without its last chunk still holds every pixel
      if (!/^is /.test(await look(cut))) expect(await decode(cut)).toEqual(await decode(whole));
    });
  });
});

describe("an odd picture", () => {
  it("of one pixel, of grey, with alpha, animated or turned by EXIF is decoded as a person would see it", async () => {
    const animation = noise(8, 8 * 3).data;
    const odd: [string, Promise<Buffer>, string][] = [
      ...FORMATS.map((format): [string, Promise<Buffer>, string] => [
        `1 × 1 ${format}`,
        sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } })
          .toFormat(format)
          .toBuffer(),
        "1x1",
      ]),
      ["grey", picture().greyscale().jpeg().toBuffer(), "48x64"],
      ["alpha", picture().ensureAlpha(0.5).webp().toBuffer(), "48x64"],
      ["CMYK", picture().toColourspace("cmyk").jpeg().toBuffer(), "48x64"],
      ["sixteen bits", picture().toColourspace("rgb16").png().toBuffer(), "48x64"],
      // orientations 5 to 8 lie on their side
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((orientation): [string, Promise<Buffer>, string] => [
        `orientation ${orientation}`,
        picture().withMetadata({ orientation }).jpeg().toBuffer(),
        orientation < 5 ? "48x64" : "64x48",
      ]),
      // its first frame
      [
        "animated",
        sharp(animation, { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } })
          .webp()
          .toBuffer(),
        "8x8",
      ],
    ];
    await tried.all(
      odd,
      async ([, bytes, size]) => expect(await look(await bytes)).toBe(size),
      ([name]) => name,
    );
  });

  it("of another kind is refused, whatever its name or its first bytes say", async () => {
    const svg = (inner: string): Buffer =>
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inner}</svg>`);
    const magic = Buffer.from("\xff\xd8\xff\xe0", "latin1");
    const wrong: [string, Uint8Array][] = [
      ["SVG with a link", svg('<image href="http://127.0.0.1:9/x.png"/>')],
      ["SVG with an entity", Buffer.from('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>')],
      ["SVG behind JPEG's first bytes", Buffer.concat([magic, svg("")])],
      ["SVG behind PNG's first bytes", Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), svg("")])],
      ["a zip", Buffer.from("PK\x03\x04")],
      ["PDF", Buffer.from("%PDF-1.7\n%\xff")],
      ["HTML", Buffer.from("<!doctype html><script>1</script>")],
      ["GIF", await picture().gif().toBuffer()],
      ["TIFF", await picture().tiff().toBuffer()],
      ["AVIF", await picture().avif({ effort: 0 }).toBuffer()],
      ["RIFF that is no WebP", Buffer.from("RIFF\x04\0\0\0WAVE")],
      ["nothing", Buffer.of()],
    ];
    await tried.all(
      wrong,
      async ([, bytes]) => expect(await look(bytes)).toMatch(/^is /),
      ([name]) => name,
    );
  });

  it("that is also another file shows its picture alone, or is refused", async () => {
    const wholes = await Promise.all(FORMATS.map((format) => picture().toFormat(format).toBuffer()));
    const tails = ["<script>window.hacked=1</script>", "PK\x03\x04", "%PDF-1.7", '<svg onload="hacked()"/>'];
    const polyglots = wholes.flatMap((whole) => tails.map((tail) => Buffer.concat([whole, Buffer.from(tail)])));
    await tried.all(polyglots, async (bytes) => expect(await look(bytes)).toMatch(/^(48x64$|is cut short)/));
  });

  it("of as many pixels as are allowed is decoded, and of a few more is refused", async () => {
    const flat = (side: number) =>
      sharp({ create: { width: side, height: side, channels: 3, background: "red" } })
        .jpeg({ quality: 1 })
        .toBuffer();
    // 7071² = 49,999,041
    const sizes: [number, string][] = [
      [7071, "7071x7071"],
      [7072, "has more than 50,000,000 pixels"],
    ];
    await tried.all(sizes, async ([side, expected]) => expect(await look(await flat(side))).toBe(expected));
  });

  it("that claims more pixels than are allowed is refused before it is unpacked", async () => {
    const whole = await picture().png({ compressionLevel: 9 }).toBuffer();
    const claims: [number, number][] = [
      [30_000, 30_000],
      [50_000_001, 1],
      [7072, 7072],
      [2 ** 31 - 1, 2 ** 31 - 1],
      [2 ** 31, 1],
      [0, 9],
    ];
    await tried.all(claims, async ([wide, high]) => {
      const { crc32 } = await import("node:zlib");
      const bytes = Buffer.from(whole);
      bytes.writeUInt32BE(wide, 16);
      bytes.writeUInt32BE(high, 20);
      bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
      expect(await look(bytes)).toMatch(/^(has more than 50,000,000 pixels|is cut short or damaged)/);
    });
  });
});
