import { JSDOM } from "jsdom";
import { figurePicture } from "movie-revenue/reporting/picture";
import { boxInside, boxOnPage } from "movie-revenue/reporting/picture/box";
import { Canvas } from "movie-revenue/reporting/picture/canvas";
import { linesOf, widthOf } from "movie-revenue/reporting/picture/text-box";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { everyView, HOSTILE } from "./hostile.ts";

const page = (body: string): Element => {
  const { document } = new JSDOM(`<body><svg xmlns="http://www.w3.org/2000/svg">${body}</svg>`).window;
  return document.querySelector("svg")!.firstElementChild!;
};

/** The colour of a picture's pixel. */
async function pixel(image: Buffer, left: number, top: number): Promise<number[]> {
  const one = sharp(image).removeAlpha().extract({ left, top, width: 1, height: 1 });
  return [...(await one.raw().toBuffer())];
}

describe("the size of texts", () => {
  // Helvetica's i 222, m 833, 7 556 thousandths, and an eighth more for the wider DejaVu Sans
  it("is that of Helvetica's metrics, with an eighth to spare", () => {
    expect(widthOf("im7", 20)).toBeCloseTo((1.125 * 20 * (222 + 833 + 556)) / 1000, 9);
  });

  it("hangs at the anchor, above and below the baseline, line by line", () => {
    const text = page(
      '<text x="100" y="50" style="font-size: 10px; text-anchor: middle"><tspan class="line" dy="0em" x="100" y="50">7</tspan><tspan class="line" dy="1.3em" x="100" y="50">77</tspan></text>',
    );
    const [half, top, bottom] = [(1.125 * 5.56) / 2, 50 - 9.05, 50 + 2.12];
    const lines = linesOf(text).map(({ left, right, top, bottom }) => [left, right, top, bottom]);
    expect(lines[0]!.map((end) => end.toFixed(6))).toEqual(
      [100 - half, 100 + half, top, bottom].map((end) => end.toFixed(6)),
    );
    expect(lines[1]!.map((end) => end.toFixed(6))).toEqual(
      [100 - 2 * half, 100 + 2 * half, top + 13, bottom + 13].map((end) => end.toFixed(6)),
    );
  });
});

describe("the box around an element", () => {
  it("is in its own coordinates, or moved as all above it are", () => {
    const group = page(
      '<g transform="translate(10,20)"><rect x="1" y="2" width="3" height="4" transform="scale(2)"/></g>',
    );
    expect(boxInside(group)).toMatchObject({ x: 2, y: 4, width: 6, height: 8 });
    expect(boxOnPage(group.firstElementChild!)).toMatchObject({ left: 12, top: 24, right: 18, bottom: 32 });
  });

  it("turns: a quarter about a point takes width for height", () => {
    const group = page('<g><rect x="10" y="10" width="6" height="2" transform="rotate(90 10 10)"/></g>');
    const { left, top, width, height } = boxOnPage(group);
    // (16, 12) goes to (10 − 2, 10 + 6)
    expect([left, top, width, height].map((value) => Math.round(value))).toEqual([8, 10, 2, 6]);
  });

  it("is nothing around nothing", () => {
    expect(boxInside(page("<g></g>"))).toMatchObject({ width: 0, height: 0 });
  });
});

describe("the canvas", () => {
  it("fills rectangles, also from their far end, and clips them", async () => {
    const canvas = new Canvas(4, 2);
    canvas.fillStyle = "rgb(10,20,30)";
    canvas.fillRect(4, 0, -2, 9);
    const png = Buffer.from(canvas.toDataUrl().split(",")[1]!, "base64");
    const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const row = [0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 30, 255, 10, 20, 30, 255];
    expect([...data]).toEqual([...row, ...row]);
  });
});

describe("a figure as a picture", () => {
  const bare = {
    margin: { l: 0, r: 0, t: 0, b: 0 },
    height: 100,
    xaxis: { visible: false },
    yaxis: { visible: false },
  };
  const drawn = async (figure: { data: object[]; layout: object }, width: number) =>
    sharp(Buffer.from(await figurePicture(figure, { width })))
      .png()
      .toBuffer();

  it("has the width asked for, the height of the layout, and bars where they belong", async () => {
    const bars = { type: "bar", y: [1, 3], width: 1, marker: { color: "#0072b2" } };
    const layout = { ...bare, xaxis: { visible: false, range: [-0.5, 1.5] }, yaxis: { visible: false, range: [0, 4] } };
    const picture = await drawn({ data: [bars], layout }, 200);
    const { width, height } = await sharp(picture).metadata();
    expect([width, height]).toEqual([200, 100]);
    // the first bar reaches up to 75 pixels from the top, the second to 25
    const blue = [0, 0x72, 0xb2];
    expect(await pixel(picture, 50, 90)).toEqual(blue);
    expect(await pixel(picture, 50, 60)).not.toEqual(blue);
    expect(await pixel(picture, 150, 40)).toEqual(blue);
  });

  it("holds heatmaps, with gaps and without", async () => {
    for (const [gap, zsmooth] of [
      [0, false],
      [0, "best"],
      [2, false],
    ]) {
      const colorscale = [
        [0, "#ff0000"],
        [1, "#0000ff"],
      ];
      const cells = { type: "heatmap", z: [[0, 1]], colorscale, showscale: false, zsmooth, xgap: gap, ygap: gap };
      const picture = await drawn({ data: [cells], layout: bare }, 200);
      expect([await pixel(picture, 40, 50), await pixel(picture, 160, 50)]).toEqual([
        [255, 0, 0],
        [0, 0, 255],
      ]);
    }
  });

  it("leaves the words as words, and hostile ones harmless", async () => {
    const svg = await figurePicture({ data: [{ y: [1] }], layout: { title: { text: "Loss <script>x()</script>" } } });
    expect(svg).toContain("Loss");
    expect(svg).not.toContain("<script");
  });

  it("becomes smaller in a narrow page", async () => {
    const svg = await figurePicture({ data: [{ y: [1] }], layout: { height: 300 } }, { width: 400 });
    expect(svg).toMatch(
      /^<svg [^>]*width="400" height="300" viewBox="0 0 400 300" style="max-width: 100%; height: auto">/,
    );
  });

  // HTML export writes the SVG into its page as it stands
  it.each([HOSTILE[0]!, HOSTILE[4]!, "constructor"])(
    "is a whole SVG without anything that runs, for every figure of the house: %j",
    async (text) => {
      for (const [name, view] of Object.entries(await everyView(text))) {
        if (!("data" in view)) continue;
        const { document } = new JSDOM(await figurePicture(view), { contentType: "image/svg+xml" }).window;
        const elements = [...document.querySelectorAll("*")];
        const attributes = elements.flatMap(({ attributes }) =>
          [...attributes].map(({ name, value }) => ({ name, value })),
        );
        const running = attributes.filter(({ name, value }) => /^on/i.test(name) || /^\s*javascript:/i.test(value));
        const foreign = elements.filter(({ tagName }) => /^(script|foreignObject|iframe|a)$/i.test(tagName));
        expect({ running, foreign: foreign.map(({ outerHTML }) => outerHTML) }, name).toEqual({
          running: [],
          foreign: [],
        });
      }
    },
  );

  it("says what it cannot draw, and goes on", async () => {
    const surface = figurePicture({ data: [{ type: "surface", z: [[1]] }], layout: {} });
    await expect(surface).rejects.toThrow("a trace of type surface is drawn by WebGL, which only a browser has.");
    expect(await figurePicture({ data: [{ y: [1] }], layout: {} })).toMatch(/^<svg/);
  });
});
