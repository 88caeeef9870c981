import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../kernel/jupyter.ts";
import { findChromium, type Lab, openLab, openNotebook, runAll } from "../kernel/lab.ts";
import { folderInside, readNotebook } from "./small.ts";

// MOVIE_REVENUE_PICTURE=docs/notebook.png npm run test:notebooks -- picture: the one in README, of rendered posters
const picture = process.env.MOVIE_REVENUE_PICTURE;

describe.skipIf(!picture || !findChromium())("README's picture (MOVIE_REVENUE_PICTURE names the file)", () => {
  const folder = folderInside();
  let lab: Lab;
  beforeAll(async () => {
    cpSync(join(root, "notebooks"), folder, { recursive: true });
    lab = await openLab(folder);
  });
  afterAll(async () => {
    await lab?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows notebook 03 with its wall of posters, and is small", async () => {
    const path = join(folder, "03-posters-to-tensors.ipynb");
    const { cells, ...rest } = readNotebook(path);
    const wall = cells.findIndex(({ source }) => source.join("").includes("wallOfFilms(config"));
    const shown = cells.slice(0, wall + 1);
    writeFileSync(path, JSON.stringify({ ...rest, cells: shown }));
    const page = await openNotebook(lab, "03-posters-to-tensors.ipynb");
    await runAll(page, 10);
    await page.setViewportSize({ width: 1280, height: 900 });
    const posters = page.locator(".js-plotly-plot image");
    await posters.nth(59).waitFor();
    await page.getByRole("heading", { name: "A wall of posters" }).evaluate((heading) => heading.scrollIntoView());
    const png = await sharp(await page.screenshot())
      .resize({ width: 1000 })
      .png({ palette: true, effort: 10 })
      .toBuffer();
    expect(png.length).toBeLessThan(200_000);
    writeFileSync(resolve(root, picture!), png);
  });
});
