import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environment, root, runPython } from "../kernel/jupyter.ts";
import { folderInside, plantError, readNotebook, smallParameters, writeSmallNotebooks } from "./small.ts";

// the kernel is the one that set-up registered in .venv
const folder = folderInside();
const env = { ...environment(folder), JUPYTER_PATH: undefined, MOVIE_REVENUE_CACHE: join(folder, "cache") };
const withRuns = (name: string) => ({ ...env, MOVIE_REVENUE_RUNS: join(folder, `runs-${name}`) });
const notebooks = join(folder, "notebooks");
let small: string[];
let planted: string;

beforeAll(() => {
  mkdirSync(notebooks);
  small = writeSmallNotebooks(notebooks);
  planted = plantError(small[0]!, join(notebooks, "planted.ipynb"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// the pipeline, which runs every notebook by papermill, checks the pictures of their figures too (.ci/run)
describe("papermill, from the command line and with parameters", () => {
  const papermill = (from: string, to: string, parameters: object) =>
    runPython(["-m", "papermill", from, to, "--cwd", root, "-y", JSON.stringify(parameters), "--no-progress-bar"], {
      env: withRuns("papermill"),
    });

  it("runs a notebook", async () => {
    const name = "02-log10-and-split.ipynb";
    const { code, stderr } = await papermill(join(root, "notebooks", name), join(folder, name), smallParameters(name));
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const { cells } = readNotebook(join(folder, name));
    const injected = cells.find(({ metadata }) => metadata.tags?.includes("injected-parameters"));
    expect(injected?.source.join("")).toContain('preset = "quick";');
  });

  it("fails a planted error", async () => {
    const { code, stderr } = await papermill(planted, join(folder, "planted.ipynb"), {});
    expect([code, stderr]).toEqual([1, expect.stringContaining("Error: planted")]);
  });
});

describe("nbconvert --execute", () => {
  const convert = (...paths: string[]) =>
    runPython(
      ["-m", "jupyter", "nbconvert", "--execute", "--to", "html", "--output-dir", join(folder, "html"), ...paths],
      { env: withRuns("nbconvert") },
    );

  it("runs every notebook, and the pages show their figures", async () => {
    const { code, stderr } = await convert(...small);
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const pages = small.map((path) => readFileSync(join(folder, "html", `${basename(path, ".ipynb")}.html`), "utf8"));
    // where a page has a figure without a picture, the words that stand for it are shown
    expect(pages.filter((page) => /<pre>figure: /.test(page))).toEqual([]);
    expect(pages.filter((page) => page.includes('src="data:image/svg+xml;base64,')).length).toBeGreaterThan(5);
  });

  it("fails a planted error", async () => {
    const { code, stderr } = await convert(planted);
    expect([code, stderr]).toEqual([1, expect.stringContaining("Error: planted")]);
  });
});

it("nbmake runs every notebook, and fails a planted error", async () => {
  const args = ["-m", "pytest", "--nbmake", "--nbmake-timeout=600", "-p", "no:cacheprovider", ...small, planted];
  const { code, stdout } = await runPython(args, { env: withRuns("nbmake"), cwd: notebooks });
  expect([code, stdout]).toEqual([1, expect.stringContaining(`1 failed, ${small.length} passed`)]);
  expect(stdout).toContain("planted.ipynb");
});

it("nbdiff tells the cells of two notebooks apart", async () => {
  const { code, stdout } = await runPython(["-m", "nbdime", "diff", small[0]!, planted], { env });
  expect([code, stdout]).toEqual([0, expect.stringContaining('throw new Error("planted");')]);
});
