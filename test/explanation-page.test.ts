import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExplainedFolder } from "movie-revenue/explain";
import { describeChecks, explanationJson, explanationPage } from "movie-revenue/pages/explanation";
import { explanationRows } from "movie-revenue/reporting/tables";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg } from "./fixtures.ts";
import { HOSTILE } from "./hostile.ts";
import { handmadeRun } from "./runs.ts";
import { commandLine, workplace } from "./workplace.ts";

let folder: string;
const heat = (columns: number, rows: number, values: number[]) => ({
  columns,
  rows,
  values: Float32Array.from(values),
});

const explained = (title: string): ExplainedFolder => ({
  explanations: [
    {
      ...{ file: title, title, predicted: 2e7, agreement: 0.5 },
      gradCam: heat(2, 2, [0, 0.25, -0.5, 0]),
      // a grid of 3 × 3 names every place
      occlusion: heat(3, 3, [0, 0, 0.25, 0, 0, 0, 0, -0.5, 0]),
      picture: { width: 2, height: 3, pixels: new Uint8Array(18).fill(200) },
      lines: [
        { line: "a film by", log10: 0 },
        { line: title, log10: 0.125 },
        { line: "TWO", log10: -0.25 },
        { line: "starring", log10: 0.0625 },
      ],
    },
  ],
  average: {
    place: { n: 1, columns: 1, rows: 1, cells: [{ mean: 0.1, ci95: null }] },
    looks: [{ look: "contrast", correlation: null, ci95: null }],
  },
  agreement: { own: 0.5, chance: null },
  sanity: { gradCam: 0.125, occlusion: -0.25 },
  skipped: [{ file: title, reason: "is not a JPEG, PNG or WebP picture" }],
  ...{ inexact: [], unmatched: [], unlabelled: [] },
});

beforeAll(async () => {
  ({ folder } = await workplace());
  await handmadeRun("run");
  await mkdir(join(folder, "posters"));
  for (const seed of [1, 2]) await writeFile(join(folder, `posters/${seed}.jpg`), await jpeg({ seed }));
  await writeFile(join(folder, "posters/torn.jpg"), "no picture");
});

describe("what is said of explanations", () => {
  it("names the places that count most", () => {
    expect(explanationRows(explained("A").explanations)).toEqual([
      {
        ...{ title: "A", predicted: 2e7, raises: "top right (0.250)", lowers: "bottom (−0.500)", agreement: "0.50" },
        reads: "TWO (−0.250), A (0.125), starring (0.063)",
      },
    ]);
  });

  it("says what the checks found, and that a number is unknown", () => {
    const [agreement, sanity] = describeChecks(explained("A"));
    expect(agreement).toContain("is 0.50 on average; between two different posters it is –");
    expect(sanity).toContain("0.13 (Grad-CAM) and −0.25 (occlusion)");
  });

  it("keeps the maps as JSON without the picture", () => {
    expect(JSON.parse(JSON.stringify(explanationJson(explained("A").explanations[0]!)))).toEqual({
      ...{ file: "A", title: "A", predicted: 2e7, agreement: 0.5 },
      gradCam: { columns: 2, rows: 2, values: [0, 0.25, -0.5, 0] },
      occlusion: { columns: 3, rows: 3, values: [0, 0, 0.25, 0, 0, 0, 0, -0.5, 0] },
      lines: [
        { line: "a film by", log10: 0 },
        { line: "A", log10: 0.125 },
        { line: "TWO", log10: -0.25 },
        { line: "starring", log10: 0.0625 },
      ],
    });
  });

  it.each(HOSTILE.filter((text) => text.includes("<")))("shows %j as text", async (title) => {
    const page = await explanationPage(title, explained(title));
    // the scripts of the page itself are known by their hashes, and hold no title
    const own = page.replace(/<script>.*?<\/script>/gs, "");
    expect(own).not.toContain(title);
    expect(own).toContain("Left out");
  });
});

it("the command explains as many posters as it is asked to, and lists what it cannot read", async () => {
  const [json, html] = [join(folder, "e.json"), join(folder, "e.html")];
  const args = ["explain", "--run", "run", join(folder, "posters"), "--limit", "1", "--json", json, "--html", html];
  const { code, stdout, stderr } = await commandLine(args);
  expect(code).toBe(0);
  expect(stderr).toMatch(/Posters that cannot be read: 1\n/);
  expect(stdout).toMatch(/^Film +Predicted/);
  const written = JSON.parse(await readFile(json, "utf8"));
  expect(Object.keys(written)).toEqual(
    expect.arrayContaining(["run", "posters", "average", "agreement", "sanity", "skipped"]),
  );
  expect(written.posters.map(({ file }: { file: string }) => file)).toEqual(["1.jpg"]);
  expect(written.posters[0].occlusion.values).toHaveLength(48);
  expect(await readFile(html, "utf8")).toContain("What run sees");
  const wrong = await commandLine(["explain", "--run", "run", join(folder, "posters"), "--limit", "0"]);
  expect([wrong.code, wrong.stderr.split("\n")[0]]).toEqual([
    ...[2, 'movie-revenue: --limit takes a whole number from 1, not "0".'],
  ]);
});
