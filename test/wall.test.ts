import type { Figure } from "movie-revenue/reporting/view";
import { type HungPoster, missesWall, posterThumbnail, posterWall } from "movie-revenue/reporting/wall";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

const picture = (background: string, width = 185, height = 278) =>
  sharp({ create: { width, height, channels: 3, background } });
const poster = async (title: string, revenue: number, bracket: HungPoster["bracket"], colour: string) => ({
  ...{ title, revenue, bracket },
  image: await picture(colour).jpeg().toBuffer(),
});
const decode = (uri: string) => sharp(Buffer.from(uri.replace(/^data:image\/jpeg;base64,/, ""), "base64"));

describe("posterThumbnail", () => {
  it("makes a small JPEG that keeps the shape", async () => {
    // 278 → 180 high: 185 · 180 / 278 = 119.8 wide
    const { format, width, height } = await decode(
      await posterThumbnail(await picture("red", 185, 278).png().toBuffer()),
    ).metadata();
    expect({ format, width, height }).toEqual({ format: "jpeg", width: 120, height: 180 });
  });

  it("enlarges nothing", async () => {
    const { width, height } = await decode(
      await posterThumbnail(await picture("red", 20, 30).png().toBuffer()),
    ).metadata();
    expect([width, height]).toEqual([20, 30]);
  });

  it("stands a turned photograph upright and puts transparency on white", async () => {
    const turned = await picture("red", 60, 40).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { width, height } = await decode(await posterThumbnail(turned)).metadata();
    expect([width, height]).toEqual([40, 60]);
    const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
    const { data } = await decode(await posterThumbnail(await clear.png().toBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it("rejects what is no picture", async () => {
    await expect(posterThumbnail(new Uint8Array([1, 2, 3]))).rejects.toThrow();
  });
});

describe("posterWall", () => {
  let figure: Figure;
  beforeAll(async () => {
    figure = await posterWall(
      [
        await poster("Low", 2e7, "low", "blue"),
        await poster("High B", 3e8, "high", "red"),
        await poster("High A", 9e8, "high", "green"),
        await poster("High C", 2e8, "high", "red"),
        { title: "Broken", revenue: 5e8, bracket: "high", image: new Uint8Array([1, 2, 3]) },
      ],
      { columns: 2 },
    );
  });

  it("hangs each bracket's dearest first, in rows as wide as asked for", () => {
    const [captions, pointers] = figure.data as { x: number[]; y: number[]; text: string[]; hovertext: string[] }[];
    expect(captions!.text).toEqual(["&#36;900M", "&#36;300M", "&#36;200M", "&#36;20M"]);
    expect(captions!.x).toEqual([0, 1, 0, 0]);
    expect(pointers!.y).toEqual([-0.06, -0.06, 0.94, 1.94]);
    expect(pointers!.hovertext[0]).toBe("High A<br>&#36;900M");
  });

  it("names the rows by bracket and its range of dollars", () => {
    const { ticktext } = (figure.layout as { yaxis: { ticktext: string[] } }).yaxis;
    expect(ticktext).toEqual(["<b>High</b><br>&#36;200M – &#36;900M", "", "<b>Low</b><br>&#36;20M – &#36;20M"]);
  });

  it("shows the right picture in the right place", async () => {
    const { images } = figure.layout as { images: { source: string; x: number; y: number }[] };
    expect(images.map(({ x, y }) => [x, Math.floor(y + 0.5)])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 2],
    ]);
    // sharp's "green" is rgb(0, 128, 0); JPEG may move it a little
    const { dominant } = await decode(images[0]!.source).stats();
    expect(dominant.g).toBeGreaterThan(dominant.r + 80);
  });

  it("names a poster that cannot be read instead of hanging a black square", () => {
    const { text } = (figure.layout as { title: { subtitle: { text: string } } }).title.subtitle;
    expect(text).toContain("4 posters; hover for the title<br>Left out, for they cannot be read: Broken (");
  });
});

it("posterWall without a readable poster says so", async () => {
  const { layout } = await posterWall([{ title: "x", revenue: 1e8, bracket: "low", image: new Uint8Array() }]);
  expect(JSON.stringify(layout)).toContain("There is no poster to show.");
});

it("missesWall hangs the worst first, and says by how much and what the film earned", async () => {
  const miss = { id: 1, factor: 25, tooHigh: false, insideInterval: false };
  const misses = [
    { ...miss, title: "Titanic $$", year: 1997, actual: 1e9, predicted: 4e7 },
    { ...miss, title: "Flop", year: null, actual: 2e7, predicted: 4e7 },
  ];
  const images = [await picture("red", 20, 30).png().toBuffer(), await picture("blue", 20, 30).png().toBuffer()];
  const figure = await missesWall(misses, images);
  const [captions, pointers] = figure.data as { text: string[]; hovertext: string[] }[];
  expect(captions!.text).toEqual(["25× too low", "2.0× too high"]);
  expect(pointers!.hovertext).toEqual([
    "Titanic &#36;&#36; (1997)<br>predicted &#36;40M<br>earned &#36;1B<br>25× too low",
    "Flop<br>predicted &#36;40M<br>earned &#36;20M<br>2.0× too high",
  ]);
  const { dominant } = await decode((figure.layout as { images: { source: string }[] }).images[1]!.source).stats();
  expect(dominant.b).toBeGreaterThan(dominant.r + 80);
});
