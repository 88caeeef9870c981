import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../kernel/jupyter.ts";
import { closeNotebook, findChromium, type Lab, openLab, openNotebook, runAll, stopButton } from "../kernel/lab.ts";
import { folderInside } from "./small.ts";

// MOVIE_REVENUE_STOPWATCH=5 npm run test:notebooks -- stopwatch: what a person waits for, beside Python's kernel
const rounds = Number(process.env.MOVIE_REVENUE_STOPWATCH ?? 0);
const films = join(root, "data/sample/films.json");

/** The same notebook in both languages; `edited` is a module that one of its cells imports anew. */
interface Side {
  kernel: string;
  language: string;
  /** Reads the facts of the sample, keeps films above $10M, and draws the logarithms of their revenue. */
  figure: string[];
  /** Prints the mark that `edited` holds. */
  edit: string[];
  /** Says that it runs, and then does so for ever. */
  endless: string[];
  edited(mark: number): { path: string; text: string };
}

const source = join(root, "lib/src/stopwatch.ts");
const folder = folderInside();

const ours: Side = {
  kernel: "tslab",
  language: "typescript",
  figure: [
    'import { readFileSync } from "node:fs";\nimport { show } from "movie-revenue/notebook";',
    `const films: { revenue: number }[] = JSON.parse(readFileSync(${JSON.stringify(films)}, "utf8"));
const logs = films.map(({ revenue }) => revenue).filter((revenue) => revenue > 1e7).map(Math.log10);`,
    'show({ data: [{ type: "histogram", x: logs }], layout: { height: 400, title: { text: "Revenue" } } });',
  ],
  edit: ['import { mark } from "movie-revenue/stopwatch";\nconsole.log("mark", mark());'],
  endless: ['console.log("running");\nwhile (true) await new Promise((next) => setTimeout(next, 1));'],
  edited: (mark) => ({ path: source, text: `export const mark = (): number => ${mark};\n` }),
};

const python: Side = {
  kernel: "python3",
  language: "python",
  figure: [
    "import json, math\nimport plotly.graph_objects as go",
    `films = json.load(open(${JSON.stringify(films)}))\nlogs = [math.log10(film["revenue"]) for film in films if film["revenue"] > 1e7]`,
    'go.Figure([go.Histogram(x=logs)], {"height": 400, "title": {"text": "Revenue"}}).show()',
  ],
  edit: ['%load_ext autoreload\n%autoreload 2\nimport stopwatch_module\nprint("mark", stopwatch_module.mark())'],
  endless: ['import time\nprint("running")\nwhile True: time.sleep(.001)'],
  edited: (mark) => ({ path: join(folder, "stopwatch_module.py"), text: `def mark():\n    return ${mark}\n` }),
};

function write({ kernel, language }: Side, name: string, sources: string[]): string {
  const cells = sources.map((source, i) => {
    return { cell_type: "code", id: `cell-${i}`, metadata: {}, source, outputs: [], execution_count: null };
  });
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language } };
  const file = `${kernel}-${name}.ipynb`;
  writeFileSync(join(folder, file), JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  return file;
}

/** Milliseconds that some work takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const printed = (page: Page, text: string) => page.locator(".jp-OutputArea-output pre", { hasText: text }).first();

async function figureDrawn(page: Page): Promise<void> {
  await page.locator(".js-plotly-plot .main-svg").first().waitFor({ timeout: 60_000 });
}

const measures: Record<string, (lab: Lab, side: Side, round: number) => Promise<number>> = {
  "open JupyterLab → first figure": async (lab, side) => {
    const file = write(side, "figure", side.figure);
    let page: Page | undefined;
    const took = await timed(async () => {
      page = await openNotebook(lab, file);
      await runAll(page, 2);
      await figureDrawn(page);
    });
    await closeNotebook(page!);
    return took;
  },
  "run a notebook again": async (lab, side) => {
    const page = await openNotebook(lab, write(side, "figure", side.figure));
    await runAll(page, 2);
    const took = await timed(() => runAll(page, 2));
    await closeNotebook(page);
    return took;
  },
  "save a module → its change is seen": async (lab, side, round) => {
    const put = (mark: number) => {
      const { path, text } = side.edited(mark);
      writeFileSync(path, text);
    };
    put(10 * round);
    const page = await openNotebook(lab, write(side, "edit", side.edit));
    const seen = async (mark: number) => {
      do await runAll(page, 1).catch(() => {});
      while (!(await printed(page, `mark ${mark}`).isVisible()));
    };
    await seen(10 * round);
    const took = await timed(async () => {
      put(10 * round + 1);
      await seen(10 * round + 1);
    });
    await closeNotebook(page);
    return took;
  },
  "click stop → stopped": async (lab, side) => {
    const page = await openNotebook(lab, write(side, "endless", side.endless));
    const ended = runAll(page, 1).catch(() => {});
    await printed(page, "running").waitFor();
    const took = await timed(async () => {
      await stopButton(page).click();
      await ended;
    });
    await closeNotebook(page);
    return took;
  },
};

describe.skipIf(rounds === 0 || !findChromium())("the stopwatch (MOVIE_REVENUE_STOPWATCH names the rounds)", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab(folder, { compile: true });
  });
  afterAll(async () => {
    await lab?.close();
    for (const path of [
      source,
      ...[".js", ".js.map", ".d.ts", ".d.ts.map"].map((end) => join(root, `lib/dist/stopwatch${end}`)),
    ]) {
      rmSync(path, { force: true });
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it("measures both kernels in turns", async () => {
    const rows = ["| what a person waits for | TypeScript | Python | ratio |", "|---|---|---|---|"];
    for (const [name, measure] of Object.entries(measures)) {
      const times: Record<string, number[]> = { tslab: [], python3: [] };
      for (let round = 0; round < rounds; round++) {
        for (const side of [ours, python]) times[side.kernel]!.push(await measure(lab, side, round));
      }
      const [own, other] = [median(times.tslab!), median(times.python3!)];
      rows.push(`| ${name} | ${seconds(own)} | ${seconds(other)} | ${(own / other).toFixed(2)} |`);
    }
    console.log(rows.join("\n"));
    expect(rows).toHaveLength(2 + Object.keys(measures).length);
  });
});

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}
