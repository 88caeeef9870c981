import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { reportPage } from "movie-revenue/reporting/page";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";
import { everyView, HOSTILE } from "./hostile.ts";

const figure = { data: [{ type: "scatter", x: [1], y: [2] }], layout: { title: { text: "t" }, height: 300 } };
/** The page without plotly's own source. */
const withoutScripts = (page: string) => page.replace(/<script>[\s\S]*?<\/script>/g, "");

describe("reportPage", () => {
  it("escapes its own texts and makes paragraphs", async () => {
    const page = await reportPage({
      title: "A <b>title</b>",
      sections: [{ heading: '"H" & I', prose: "one <i>\n\ntwo\nlines", views: [] }],
      footer: "</footer><script>",
    });
    expect(page).toContain("<title>A &#60;b&#62;title&#60;/b&#62;</title>");
    expect(page).toContain("<h2>&#34;H&#34; &#38; I</h2>\n<p>one &#60;i&#62;</p>\n<p>two lines</p>");
    expect(page).toContain("<footer><p>&#60;/footer&#62;&#60;script&#62;</p></footer>");
  });

  it("carries plotly once however many figures there are, and not at all without one", async () => {
    const count = (page: string) => page.split("plotly.js v").length - 1;
    const section = { heading: "h", views: [figure, figure, { html: "<p>x</p>" }] };
    const page = await reportPage({ title: "t", sections: [section, section] });
    expect(count(page)).toBe(1);
    expect(page.match(/<script type="application\/json">/g)).toHaveLength(4);
    const bare = await reportPage({
      title: "t",
      sections: [{ heading: "h", views: [{ png: new Uint8Array([1, 2]) }] }],
    });
    expect(bare).not.toContain("<script");
    // base64 of 01 02
    expect(bare).toContain('src="data:image/png;base64,AQI="');
  });

  it("names no address and forbids the network", async () => {
    const page = withoutScripts(await reportPage({ title: "t", sections: [{ heading: "h", views: [figure] }] }));
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/\b(src|href)="(?!data:)/);
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^;]*; [^"]*"/);
    expect(page).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
  });
});

const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

describe.skipIf(!executablePath)("reportPage in a real browser (skipped where there is no chromium)", () => {
  const requests: string[] = [];
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;
  let figures = 0;

  beforeAll(async () => {
    const sections = await Promise.all(
      HOSTILE.map(async (text) => ({ heading: text, prose: text, views: Object.values(await everyView(text)) })),
    );
    figures = sections.flatMap(({ views }) => views).filter((view) => "data" in view).length;
    const file = join(await tempFolder(), "report.html");
    await writeFile(file, await reportPage({ title: HOSTILE[0]!, sections, footer: HOSTILE[1] }));
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
    page = await browser.newPage();
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(file).href);
    await page.waitForFunction(`document.querySelectorAll(".figure .xtick, .figure .g-gtitle text").length > 0`);
  });
  afterAll(() => browser?.close());

  it("draws every figure from disk, without a request or a complaint", async () => {
    expect(await page.locator(".figure .plot-container").count()).toBe(figures);
    expect(requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("runs nothing and links nowhere that a title says", async () => {
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(
      await page.locator("a[href], a[*|href]").evaluateAll((links) => links.map((link) => link.outerHTML)),
    ).toEqual([]);
    expect(await page.locator("img, .figure svg image:not([*|href^='data:'])").count()).toBe(0);
  });

  it("shows hostile titles as they are written", async () => {
    expect(await page.title()).toBe(HOSTILE[0]);
    const ticks = await page.locator(".figure .ytick text").allTextContents();
    // titles beside an axis are cut to 34 characters
    expect(ticks).toContain("1. <img src=x onerror=window.hacked=…");
    expect(ticks.filter((tick) => tick.startsWith("1. $"))).toEqual(["1. $\\href{javascript:window.hacked=1…"]);
  });

  it("shows a hovered film in words", async () => {
    await page.evaluate(
      `Plotly.Fx.hover(document.querySelectorAll(".figure > div")[2], [{ curveNumber: 4, pointNumber: 0 }])`,
    );
    const lines = await page
      .locator(".hoverlayer .hovertext text .line, .hoverlayer .hovertext tspan.line")
      .allTextContents();
    expect(lines[0]).toBe("<img src=x onerror=window.hacked=1> · predicted $200M · actual $100M");
  });

  it("offers no upload to a cloud", async () => {
    const titles = await page
      .locator(".modebar-btn")
      .evaluateAll((buttons) => buttons.map((b) => b.getAttribute("data-title")));
    expect(titles.length).toBeGreaterThan(0);
    expect(titles.filter((title) => /share|cloud/i.test(title ?? ""))).toEqual([]);
  });
});
