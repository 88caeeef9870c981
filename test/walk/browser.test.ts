import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  closeNotebook,
  findChromium,
  type Lab,
  openLab,
  openNotebook,
  runAll,
  runAllCells,
  screenshot,
  stopButton,
  useTheme,
} from "../kernel/lab.ts";
import { folderInside, names, writeSmallNotebooks } from "./small.ts";

const chromium = findChromium();
const figures = (page: Page): Locator => page.locator(".jp-OutputArea-output .js-plotly-plot");

/** The share of a picture's pixels that differ from its corner: 0 where nothing was drawn. */
async function drawnShare(png: Buffer): Promise<number> {
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  return data.filter((grey) => Math.abs(grey - data[0]!) > 16).length / (info.width * info.height);
}

/** Makes the window as tall as the notebook, so that all of it is drawn: first too tall, for Lab guesses at cells unseen. */
async function unfold(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 12_000 });
  // at its end, where the run has left it
  await page.locator(".jp-WindowedPanel-outer").evaluate((panel) => panel.scrollTo(0, 0));
  const end = await page.locator(".jp-Cell").last().boundingBox();
  await page.setViewportSize({ width: 1280, height: Math.ceil(end!.y + end!.height + 80) });
}

describe.skipIf(!chromium)(
  `every notebook in JupyterLab${chromium ? "" : " (no chromium in PATH, nor named by CHROMIUM)"}`,
  () => {
    const folder = folderInside();
    let lab: Lab;

    beforeAll(async () => {
      process.env.MOVIE_REVENUE_CACHE = join(folder, "cache");
      process.env.MOVIE_REVENUE_RUNS = join(folder, "runs");
      writeSmallNotebooks(folder);
      lab = await openLab(folder);
    });
    afterAll(async () => {
      await lab?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(names)("%s runs without an error, and its figures are drawn, in light and in dark", async (name) => {
      const page = await runAllCells(lab, name, 10);
      await unfold(page);
      for (const theme of ["JupyterLab Light", "JupyterLab Dark"] as const) {
        await useTheme(page, theme);
        for (const figure of await figures(page).all()) {
          await figure.locator(".main-svg").first().waitFor();
          expect(await drawnShare(await figure.screenshot())).toBeGreaterThan(0.005);
        }
        await screenshot(page, `${basename(name, ".ipynb")}-${theme.split(" ")[1]!.toLowerCase()}`);
      }
      await closeNotebook(page);
    });

    it("the stop button ends a training with its checkpoint kept, and what was seen outlives a reload", async () => {
      const path = join(folder, "04-train.ipynb");
      const long = readFileSync(path, "utf8").replace(
        "let settings: string[] = [];",
        'let settings: string[] = [\\"training.maxEpochs=5000\\", \\"training.earlyStopping=5000\\"];',
      );
      writeFileSync(join(folder, "long.ipynb"), long.replace('let run = \\"notebook\\"', 'let run = \\"long\\"'));
      const page = await openNotebook(lab, "long.ipynb");
      const ended = runAll(page, 5);
      const curves = page.locator(".jp-OutputArea-output img[src^='data:image/svg+xml']");
      await Promise.race([curves.waitFor({ timeout: 240_000 }), ended]);
      await curves.scrollIntoViewIfNeeded();
      await screenshot(page, "live-curves");
      const stopped = expect(ended).rejects.toThrow(/Interrupted/);
      await stopButton(page).click();
      await stopped;
      expect(existsSync(join(folder, "runs/long/last.safetensors"))).toBe(true);

      await page.keyboard.press("Control+s");
      await page.waitForFunction(() => !document.title.startsWith("*"));
      await page.reload();
      await page.locator(".jp-OutputArea-output pre", { hasText: "Interrupted" }).waitFor({ timeout: 60_000 });
      expect(await curves.isVisible()).toBe(true);
      await screenshot(page, "reloaded");
      await page.close();
    });
  },
);
