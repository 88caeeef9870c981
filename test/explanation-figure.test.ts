import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  averageHeatFigure,
  type ExplainedPoster,
  explanationFigure,
  looksFigure,
} from "movie-revenue/reporting/figures/explanation";
import { reportPage } from "movie-revenue/reporting/page";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";
import { HOSTILE } from "./hostile.ts";

const explained = (title: string, facts: Partial<ExplainedPoster> = {}): ExplainedPoster => ({
  ...{ title, predicted: 5e7, agreement: 0.25, lines: [] },
  picture: { width: 4, height: 4, pixels: Uint8Array.from({ length: 48 }, (_, i) => (i % 3 === 0 ? 255 : 0)) },
  gradCam: { columns: 2, rows: 2, values: Float32Array.of(0.25, -0.5, 0, 0.125) },
  occlusion: { columns: 2, rows: 1, values: Float32Array.of(1, -2) },
  ...facts,
});

interface Drawn {
  data: { z: number[][]; x0: number; dx: number; y0: number; dy: number; coloraxis: string; hovertext: string[][] }[];
  layout: {
    images: { source: string; x: number; y: number }[];
    annotations: { text: string; x: number; y: number }[];
    coloraxis: { cmin: number; cmax: number; colorscale: [number, string][]; colorbar: { title: { text: string } } };
    coloraxis2: { cmin: number; cmax: number };
  };
}

describe("explanationFigure", () => {
  it("lays the heats over the panels beside the poster", async () => {
    const { data, layout } = (await explanationFigure([explained("A"), explained("B"), explained("C")])) as Drawn;
    expect(layout.images.map(({ x, y }) => [x, y])).toHaveLength(9);
    const [gradCam, occlusion] = data;
    expect(gradCam!.z).toEqual([
      [0.25, -0.5],
      [0, 0.125],
    ]);
    // panels are 1 wide and 1.5 high with .08 between: the second begins at 1.08, and the middle of its first cell of two is .25 on
    expect([gradCam!.x0, gradCam!.dx, gradCam!.y0, gradCam!.dy].map((n) => +n.toFixed(6))).toEqual([
      1.33, 0.5, 0.375, 0.75,
    ]);
    expect([occlusion!.x0, occlusion!.dx, occlusion!.y0, occlusion!.dy].map((n) => +n.toFixed(6))).toEqual([
      2.41, 0.5, 0.75, 1.5,
    ]);
    expect(gradCam!.hovertext[0]![1]).toBe("Grad-CAM −0.5000 log10 dollars");
    // the third poster begins the second row
    expect(data[4]!.x0).toBe(gradCam!.x0);
    expect(data[4]!.y0).toBeGreaterThan(gradCam!.y0 + 1.5);
  });

  it("gives each method one scale, the same to both sides of a clear 0", async () => {
    const strong = { occlusion: { columns: 2, rows: 1, values: Float32Array.of(4, 0) } };
    const { layout } = (await explanationFigure([explained("A"), explained("B", strong)])) as Drawn;
    // sizes 0, 1, 2, 4: numpy.quantile(…, .98) = 2 + .94 · 2
    expect(layout.coloraxis2.cmax).toBeCloseTo(3.88, 10);
    expect(layout.coloraxis2.cmin).toBe(-layout.coloraxis2.cmax);
    expect(layout.coloraxis.colorscale.map(([at]) => at)).toEqual([0, 0.5, 1]);
    expect(layout.coloraxis.colorscale[1]![1]).toMatch(/,\s*0\)$/);
    expect(layout.coloraxis.colorbar.title.text).toBe("Grad-CAM<br>log10 dollars");
  });

  it("shows the poster in colour once, and pale and grey under the heats", async () => {
    const { layout } = (await explanationFigure([explained("A")])) as Drawn;
    const means = await Promise.all(
      layout.images.map(async ({ source }) => {
        const { channels } = await sharp(
          Buffer.from(source.replace(/^data:image\/jpeg;base64,/, ""), "base64"),
        ).stats();
        return channels.map(({ mean }) => mean);
      }),
    );
    // pure red as it is; its grey is the same in all channels, and above the 105 that black becomes
    expect(means[0]![0]).toBeGreaterThan(245);
    expect(means[0]![2]).toBeLessThan(10);
    for (const grey of means.slice(1)) {
      expect(Math.max(...grey) - Math.min(...grey)).toBeLessThan(2);
      expect(grey[0]).toBeGreaterThan(105);
    }
  });

  it("says the agreement, or leaves out what is unknown, and draws nothing of no posters", async () => {
    const texts = async (agreement: number | null) =>
      ((await explanationFigure([explained("A", { agreement })])) as Drawn).layout.annotations.map(({ text }) => text);
    expect(await texts(-0.5)).toEqual(["<b>A</b><br>&#36;50M", "Grad-CAM", "occlusion · ρ −0.50"]);
    expect((await texts(null))[2]).toBe("occlusion");
    expect((await explanationFigure([])).data).toEqual([]);
  });
});

describe("figures of many posters", () => {
  it("dot the places that are sure", () => {
    const cells = [
      { mean: 0.02, ci95: [0.01, 0.03] as [number, number] },
      { mean: -0.01, ci95: [-0.03, 0.01] as [number, number] },
      { mean: 0.001, ci95: null },
      { mean: -0.02, ci95: [-0.03, -0.01] as [number, number] },
    ];
    const { data } = averageHeatFigure({ n: 30, columns: 2, rows: 2, cells }) as {
      data: { z: number[][]; zmin: number; zmax: number; x: number[]; y: number[] }[];
    };
    expect(data[0]).toMatchObject({
      z: [
        [0.02, -0.01],
        [0.001, -0.02],
      ],
      zmin: -0.02,
      zmax: 0.02,
    });
    expect([data[1]!.x, data[1]!.y]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("rank looks, without those in which no poster differs", () => {
    const { data, layout } = looksFigure([
      { look: "<b>edges", correlation: 0.5, ci95: [0.2, 0.7] },
      { look: "flat", correlation: null, ci95: null },
    ]) as { data: { x: number[] }[]; layout: { yaxis: { ticktext: string[] } } };
    expect(data[0]!.x).toEqual([0.5]);
    expect(layout.yaxis.ticktext).toEqual(["&#60;b&#62;edges"]);
    expect(looksFigure([]).data).toEqual([]);
  });
});

const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

describe.skipIf(!executablePath)("in a real browser (skipped where there is no chromium)", () => {
  it("draws hostile titles as they are written, without a complaint", async () => {
    const views = [await explanationFigure(HOSTILE.map((title) => explained(title)))];
    const file = join(await tempFolder(), "page.html");
    await writeFile(file, await reportPage({ title: "t", sections: [{ heading: "h", views }] }));
    const browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
    });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(pathToFileURL(file).href);
      await page.waitForFunction(`document.querySelectorAll(".figure .annotation-text").length > 0`);
      const texts = await page.locator(".figure .annotation-text").allTextContents();
      // titles are cut to 30 characters, and the dollars stand on a line of their own
      expect(texts[0]).toBe("<img src=x onerror=window.hac…$50M");
      expect(await page.evaluate("window.hacked")).toBeUndefined();
      expect(await page.locator(".figure .heatmaplayer image").count()).toBe(2 * HOSTILE.length);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
