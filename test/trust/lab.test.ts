import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { everyView, HOSTILE } from "../hostile.ts";
import { root, temporaryFolder, writeNotebook } from "../kernel/jupyter.ts";
import { findChromium, openLab, runAllCells } from "../kernel/lab.ts";
import { suite } from "./suite.ts";

const tried = suite("JupyterLab");
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = join(root, ".venv/bin/python");

describe.skipIf(!existsSync(python))("npm run lab", () => {
  it("lets nobody in without its token, and listens on this machine alone", async () => {
    const options = ["--no-browser", "--allow-root", "--no-compile", `--ServerApp.root_dir=${folder}`];
    const server = spawn(process.execPath, [join(root, "scripts/lab.mjs"), ...options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [, port, token] = await new Promise<RegExpExecArray>((found) => {
      let said = "";
      server.stderr.on("data", (text) => {
        said += text;
        const address = /:(\d+)\/lab\S*\?token=(\w{40,})/.exec(said);
        if (address) found(address);
      });
    });
    const status = (host: string, query = "") =>
      fetch(`http://${host}:${port}/api/contents${query}`).then(
        (answer) => answer.status,
        () => "nobody there",
      );
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((own) => own && !own.internal && own.family === "IPv4");
    await tried.all(
      [
        ["localhost", "", 403],
        ["localhost", "?token=wrong", 403],
        ["localhost", `?token=${token}`, 200],
        ...others.map((own) => [own!.address, `?token=${token}`, "nobody there"]),
      ] as [string, string, number | string][],
      async ([host, query, expected]) => expect(await status(host, query)).toBe(expected),
    );
    server.kill("SIGTERM");
    await once(server, "exit");
  });
});

describe.skipIf(!findChromium())("in a real browser", () => {
  it("a notebook runs nothing of hostile titles, names and labels", async () => {
    const texts = HOSTILE.filter((text) => /hacked/.test(text)).slice(0, 5);
    const views = (await Promise.all(texts.map(everyView))).flatMap((all) => Object.values(all));
    const asArray = (_: string, part: unknown) => (ArrayBuffer.isView(part) ? Array.from(part as Uint8Array) : part);
    writeFileSync(join(folder, "views.json"), JSON.stringify({ texts, views }, asArray));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeNotebook(join(folder, "hostile.ipynb"), [
      'import { readFileSync } from "node:fs";\nimport { progress, show } from "movie-revenue/notebook";',
      'const { texts, views } = JSON.parse(readFileSync("views.json", "utf8"));',
      "for (const view of views) show(view);",
      "for (const text of texts) show({ columns: [text], values: [[text]], shape: [1, 1] });",
      "for (const text of texts) progress()({ task: text, done: 1, total: 2, unit: text, seconds: 1, detail: text });",
      "for (const text of texts) { console.log(text); console.error(text); }",
    ]);
    const lab = await openLab(folder);
    try {
      const page = await runAllCells(lab, "hostile.ipynb", 10);
      await page.locator(".js-plotly-plot .main-svg").first().waitFor({ timeout: 60_000 });
      const hacked = () => page.evaluate(() => (globalThis as { hacked?: unknown }).hacked);
      expect(await hacked()).toBeUndefined();
      tried.count(views.length);
      // what was shown was shown: the first title as the text that it is
      expect(await page.locator(".jp-OutputArea table td").allTextContents()).toContain(texts[0]);
      await tried.all(["pointed at"], async () => {
        for (const cell of await page.locator(".jp-OutputArea table td").all()) await cell.dispatchEvent("mouseover");
        expect(await hacked()).toBeUndefined();
        expect(
          await page
            .locator(
              ".jp-OutputArea [onerror], .jp-OutputArea [onload], .jp-OutputArea [onmouseover], .jp-OutputArea script",
            )
            .count(),
        ).toBe(0);
      });
    } finally {
      await lab.close();
    }
  });
});
