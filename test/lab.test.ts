import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, temporaryFolder, writeNotebook } from "./kernel/jupyter.ts";
import { findChromium, type Lab, openLab, runAllCells, screenshot } from "./kernel/lab.ts";

const chromium = findChromium();

describe.skipIf(!chromium)(
  `JupyterLab in a browser${chromium ? "" : " (no chromium in PATH, nor named by CHROMIUM)"}`,
  () => {
    const folder = temporaryFolder();
    let lab: Lab;
    let page: Page;

    beforeAll(async () => {
      // a notebook finds the package as one in the project does: through a node_modules above it
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
      writeNotebook(join(folder, "shows.ipynb"), [
        'import { posterTensor } from "movie-revenue";\nimport { show, progress } from "movie-revenue/notebook";',
        `const tell = progress();
for (let done = 1; done <= 50; done++) tell({ task: "decoding posters", done, total: 50, unit: "posters", seconds: done / 10 });`,
        `show({
  data: [{ x: [1, 2, 3, 4], y: new Float32Array([0.31, 0.26, 0.24, 0.23]), name: "validation", mode: "lines+markers" }],
  layout: { title: { text: "Loss by epoch" }, height: 320, xaxis: { title: { text: "epoch" } } },
});`,
        `show({
  columns: ["title", "revenue"],
  values: [["Heat", 187436818], ["<b>Amélie</b>", 74201661], ["Ran", NaN]],
  shape: [3, 2],
});`,
      ]);
      lab = await openLab(folder);
      page = await runAllCells(lab, "shows.ipynb");
      await screenshot(page, "shows");
    });

    afterAll(async () => {
      await lab?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("completes a name of the library, and tells by Shift-Tab what it takes and gives", async () => {
      await page.locator(".jp-CodeCell .cm-content").last().click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("\nposterTe");
      await page.keyboard.press("Tab");
      await page.locator(".jp-Completer-item", { hasText: "posterTensor" }).click();
      await page.keyboard.press("Shift+Tab");
      const tooltip = page.locator(".jp-Tooltip");
      await tooltip.waitFor();
      await screenshot(page, "shift-tab");
      expect(await tooltip.textContent()).toContain("[posters, height, width, 3]");
    });

    it("draws a figure", async () => {
      await page.locator(".js-plotly-plot .main-svg").first().waitFor();
      expect(await page.locator(".js-plotly-plot .gtitle").textContent()).toBe("Loss by epoch");
    });

    it("shows a table, its text escaped", async () => {
      const cells = page.locator(".jp-OutputArea table td");
      expect(await cells.allTextContents()).toEqual(["Heat", "187,436,818", "<b>Amélie</b>", "74,201,661", "Ran", "–"]);
      expect(await page.locator(".jp-OutputArea table caption").textContent()).toBe("3 rows × 2 columns");
      expect(await cells.first().isVisible()).toBe(true);
    });

    it("sorts a table by a click on a column's name, the unknown last", async () => {
      const titles = page.locator(".jp-OutputArea table td:first-child");
      await page.getByRole("columnheader", { name: "revenue" }).click();
      expect(await titles.allTextContents()).toEqual(["<b>Amélie</b>", "Heat", "Ran"]);
      await page.getByRole("columnheader", { name: "revenue" }).click();
      expect(await titles.allTextContents()).toEqual(["Heat", "<b>Amélie</b>", "Ran"]);
      await page.getByRole("columnheader", { name: "title" }).click();
      expect(await titles.allTextContents()).toEqual(["<b>Amélie</b>", "Heat", "Ran"]);
    });

    it("keeps one line of progress", async () => {
      const lines = page.locator(".jp-OutputArea-output", { hasText: "decoding posters" });
      expect(await lines.allTextContents()).toEqual([
        expect.stringMatching(/^ decoding posters 50\/50 100% · 10 posters\/s · 0:05 · \d\.\d GB of memory$/),
      ]);
    });
  },
);

describe.skipIf(!chromium)("notebook 04 in JupyterLab", () => {
  const folder = temporaryFolder();
  let lab: Lab;

  beforeAll(async () => {
    process.env.MOVIE_REVENUE_CACHE = join(folder, "cache");
    process.env.MOVIE_REVENUE_RUNS = join(folder, "runs");
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    // as a user would type it into the parameters cell: 64 films rather than 1,450
    const notebook = readFileSync(join(root, "notebooks/04-train.ipynb"), "utf8");
    writeFileSync(join(folder, "04-train.ipynb"), notebook.replace('preset = \\"sample\\"', 'preset = \\"quick\\"'));
    lab = await openLab(folder);
  });

  afterAll(async () => {
    await lab?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("trains, and leaves the loss curves and the last examples", async () => {
    const page = await runAllCells(lab, "04-train.ipynb");
    const plot = page.locator(".js-plotly-plot").first();
    await plot.scrollIntoViewIfNeeded();
    await plot.locator(".main-svg").first().waitFor();
    expect(await plot.locator(".gtitle").textContent()).toContain("Loss by epoch");
    // train, validation and the baseline: the preset has six epochs
    expect(await plot.locator(".scatterlayer .trace").count()).toBeGreaterThanOrEqual(3);
    const examples = page.locator(".jp-OutputArea-output caption", { hasText: "Validation films after epoch" });
    expect(await examples.count()).toBe(1);
    expect(existsSync(join(folder, "runs/notebook/best.safetensors"))).toBe(true);
    await screenshot(page, "04-train");
  });
});

it("node scripts/lab.mjs --help says how to use it", () => {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "scripts/lab.mjs"), "--help"], {
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining("npm run lab -- [options of jupyter lab]")]);
});
