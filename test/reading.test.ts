import { readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { decode, type Image } from "movie-revenue/posters/decode";
import { openPixels, type PixelCache } from "movie-revenue/posters/pixels";
import type { Progress } from "movie-revenue/progress";
import { openReader, type Reader, readerFiles } from "movie-revenue/reading/reader";
import { writingOn } from "movie-revenue/reading/writing";
import { sha256 } from "movie-revenue/system/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";
import { golden, goldenPath } from "./golden.ts";

interface ReadLine {
  text: string;
  sure: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What RapidOCR reads, whose boxes turn with their lines and are a little wider. */
const { lines } = golden<{ lines: ReadLine[] }>("reading.json");
const WRITTEN = lines.map(({ text }) => text).join("\n");

let poster: Image;
let reader: Reader;
beforeAll(async () => {
  poster = await decode(await readFile(goldenPath("reading.png")));
  reader = await openReader(await readerFiles());
});
afterAll(() => reader.close());

describe("a poster", () => {
  it("is read as by RapidOCR: the same lines, where they are", async () => {
    const read = await reader.read(poster);
    expect(read.map(({ text }) => text)).toEqual(lines.map(({ text }) => text));
    for (const [i, { sure, x, y, width, height }] of read.entries()) {
      const expected = lines[i]!;
      expect(sure).toBeGreaterThan(0.9);
      const edges = [x, y, x + width, y + height];
      const theirs = [expected.x, expected.y, expected.x + expected.width, expected.y + expected.height];
      edges.forEach((edge, side) => {
        expect(Math.abs(edge - theirs[side]!)).toBeLessThanOrEqual(6);
      });
    }
  });

  it("without lettering says nothing", async () => {
    expect(await reader.read({ width: 224, height: 320, data: new Uint8Array(224 * 320 * 3).fill(90) })).toEqual([]);
  });
});

describe("writing on posters in the cache", () => {
  let cache: string;
  let pixels: PixelCache;
  const blank = sha256("blank");
  const lettered = sha256("lettered");
  beforeAll(async () => {
    cache = await tempFolder();
    pixels = await openPixels(cache, { width: 224, height: 320 });
    await pixels.keep(lettered, { hash: 1n, pixels: poster.data });
    await pixels.keep(blank, { hash: 2n, pixels: new Uint8Array(poster.data.length) });
  });
  afterAll(() => pixels.close());

  it("is read once for each poster, and then kept", async () => {
    const heard: Progress[] = [];
    const options = { cache, onProgress: (progress: Progress) => heard.push(progress) };
    expect(await writingOn([blank, lettered, blank], pixels, options)).toEqual(["", WRITTEN, ""]);
    expect(heard.at(-1)).toMatchObject({ task: "reading what is written on posters", done: 2, total: 2 });
    heard.length = 0;
    expect(await writingOn([lettered, blank], pixels, options)).toEqual([WRITTEN, ""]);
    expect(heard).toEqual([]);
  });

  it("is read anew where what was kept is damaged", async () => {
    const [segment] = await readdir(join(cache, "writing-v1"));
    await truncate(join(cache, "writing-v1", segment!), 60);
    expect(await writingOn([lettered], pixels, { cache })).toEqual([WRITTEN]);
  });

  it("asks for a poster that the cache has lost, and stops when it is interrupted", async () => {
    await expect(writingOn([sha256("lost")], pixels, { cache })).rejects.toThrow("no longer holds poster");
    const options = { cache: await tempFolder(), signal: AbortSignal.abort() };
    await expect(writingOn([lettered], pixels, options)).rejects.toThrow("Interrupted. What was read so far is kept.");
  });
});
