import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFeatures } from "movie-revenue/features";
import { readSafetensors } from "movie-revenue/model/safetensors";
import { imageFiles, predict } from "movie-revenue/predict";
import type { Run } from "movie-revenue/runs/run";
import { writeJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg, png } from "./fixtures.ts";
import { handmadePrediction, handmadeRun } from "./runs.ts";
import { workplace } from "./workplace.ts";

let folder: string;
let posters: string;
/** File → dollars, computed from the features that `writeFeatures` gives. */
let expected: Map<string, number>;

beforeAll(async () => {
  ({ folder } = await workplace());
  await handmadeRun("run");
  posters = join(folder, "posters");
  await mkdir(join(posters, "folder.jpg"), { recursive: true });
  const files = {
    "a.jpg": await jpeg({ seed: 1 }),
    "B.PNG": await png({ color: [250, 240, 10] }),
    "c é.jpeg": await jpeg({ color: [10, 20, 40] }),
    "notes.txt": "no poster",
    "torn.jpg": (await jpeg({ seed: 2, width: 60, height: 90 })).subarray(0, 900),
    "text.webp": "no picture",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(posters, name), content);
  const out = join(folder, "features.safetensors");
  const { names } = await writeFeatures(posters, out);
  const { data } = (await readSafetensors(out)).tensors.features!;
  expected = new Map(names.map((name, i) => [name, handmadePrediction(data.subarray(1280 * i, 1280 * (i + 1)))]));
});

const labelled = async (labels: unknown): Promise<string> => {
  const path = join(folder, "labels.json");
  await writeJson(path, labels);
  return path;
};

describe("imageFiles", () => {
  it("are the regular files with a poster's ending, in any letter case, by name", async () => {
    expect(await imageFiles(posters)).toEqual(["B.PNG", "a.jpg", "c é.jpeg", "text.webp", "torn.jpg"]);
  });

  it("that are not there are said in one sentence", async () => {
    const empty = join(folder, "empty");
    await mkdir(empty);
    await expect(imageFiles(empty)).rejects.toThrow(
      `The folder ${empty} holds no poster: put .jpg, .jpeg, .png, .webp files into it.`,
    );
    await expect(imageFiles(join(folder, "none"))).rejects.toThrow(`There is no folder ${join(folder, "none")}.`);
    await expect(imageFiles(join(posters, "a.jpg"))).rejects.toThrow(
      `${join(posters, "a.jpg")} is a file: give the folder that holds the posters.`,
    );
  });
});

describe("predict", () => {
  it("ranks by prediction, with intervals, and names what it skipped", async () => {
    const { ranked, summary, skipped, ...rest } = await predict("run", posters);
    const order = [...expected].sort((a, b) => b[1] - a[1]).map(([file]) => file);
    expect(ranked.map(({ file }) => file)).toEqual(order);
    expect(ranked.map(({ predictedRank }) => predictedRank)).toEqual([1, 2, 3]);
    for (const { file, predicted, low, high, actual, error } of ranked) {
      // the head computes in float32: seven digits of about 7.5 log10
      expect(predicted / expected.get(file)!).toBeCloseTo(1, 5);
      // ⌈(4 + 1) · .8⌉ = 4: the largest of the residuals, .4
      expect(low! / predicted).toBeCloseTo(10 ** -0.4, 10);
      expect(high! / predicted).toBeCloseTo(10 ** 0.4, 10);
      expect([actual, error]).toEqual([null, null]);
    }
    expect(ranked.find(({ file }) => file === "c é.jpeg")?.title).toBe("c é");
    expect(skipped).toEqual([
      { file: "text.webp", reason: "is not a JPEG, PNG or WebP picture" },
      { file: "torn.jpg", reason: expect.stringMatching(/^is cut short or damaged/) },
    ]);
    expect(summary).toEqual({ n: 0, spearman: null, metrics: null });
    expect(rest).toEqual({ inexact: [], unmatched: [], unlabelled: [], factless: [], intervals: "constant" });
  });

  it("has intervals as wide as a film is hard, where the run learnt that", async () => {
    const run = await handmadeRun("scaled");
    const [lowest, middle] = [...expected.values()].sort((a, b) => a - b).map(Math.log10) as [number, number, number];
    // a tree of two leaves: predictions up to the threshold are off by .1 as a rule, others by .3
    const tree = { feature: [0, -1, -1], threshold: [(lowest + middle) / 2, 0, 0], missingLeft: [0, 0, 0] };
    const trees = { names: ["prediction"], base: 0.1, gains: [1] };
    const grown = { ...trees, trees: [{ ...tree, left: [1, 0, 0], value: [0, 0, 0.2] }] };
    const scaled = { difficulty: { facts: false, least: 0.01, trees: grown }, multiples: [0.5, 1, 1.5, 2] };
    const calibration = JSON.parse(await readFile(run.file("calibration.json"), "utf8"));
    await writeJson(run.file("calibration.json"), { ...calibration, scaled });
    const { ranked } = await predict("scaled", posters);
    // ⌈(4 + 1) · .8⌉ = 4th multiple, twice the difficulty: ± .6, ± .6, ± .2
    const reach = ranked.map(({ predicted, low, high }) => [
      Math.log10(high! / predicted),
      Math.log10(predicted / low!),
    ]);
    for (const [i, expectedReach] of [0.6, 0.6, 0.2].entries())
      for (const found of reach[i]!) expect(found).toBeCloseTo(expectedReach, 9);
  });

  it("stands beside what labels say, and lists every name that was not exact", async () => {
    const [best, , worst] = [...expected].sort((a, b) => b[1] - a[1]).map(([file]) => file);
    // B is labelled under another ending; nobody knows z; c has no label
    const actual = (file: string) => ({ [best!]: 1e7, [worst!]: 9e7 })[file] ?? 5e7;
    const labels = await labelled({
      "a.jpg": { title: "The <first>", actual_revenue: actual("a.jpg") },
      "b.jpg": { title: "Second", revenue: actual("B.PNG") },
      "c é.jpeg": { actual_revenue: null },
      "zzz.jpg": { title: "Elsewhere", actual_revenue: 1 },
    });
    const { ranked, summary, inexact, unmatched, unlabelled } = await predict("run", posters, { labels });
    expect(inexact).toEqual([{ name: "b.jpg", file: "B.PNG", how: "extension" }]);
    expect(unmatched).toEqual([{ name: "zzz.jpg", reason: expect.stringContaining("zzz.jpg") }]);
    expect(unlabelled).toEqual(["text.webp", "torn.jpg"]);
    const found = new Map(ranked.map((film) => [film.file, film]));
    expect(found.get("a.jpg")).toMatchObject({ title: "The <first>", actual: actual("a.jpg") });
    expect(found.get("B.PNG")).toMatchObject({ title: "Second", actual: actual("B.PNG") });
    expect(found.get("c é.jpeg")).toMatchObject({ title: "c é", actual: null, actualRank: null, error: null });
    const { predicted, error } = found.get("a.jpg")!;
    expect(error).toBeCloseTo(predicted / actual("a.jpg") - 1, 10);
    const known = ["a.jpg", "B.PNG"].sort((a, b) => actual(b) - actual(a));
    expect(known.map((file) => found.get(file)?.actualRank)).toEqual([1, 2]);
    // two films, dearest first by one, cheapest first by the other
    expect([summary.n, summary.spearman]).toEqual([2, -1]);
    expect(summary.metrics?.n).toBe(2);
  });

  it.each([
    [{ "a.jpg": { title: 5 } }, "a.jpg.title"],
    [{ "a.jpg": { actual_revenue: "1" } }, "a.jpg.actual_revenue"],
    [{ "a.jpg": { actual_revenue: -1 } }, "a.jpg.actual_revenue"],
    [{ "a.jpg": 5 }, "a.jpg"],
    [[1, 2], "the top"],
    [null, "the top"],
  ])("refuses labels %j", async (content, where) => {
    const labels = await labelled(content);
    await expect(predict("run", posters, { labels })).rejects.toThrow(
      `${labels} is wrong at ${where}: write {"poster.jpg": {"title": "…", "actual_revenue": 1000000}}.`,
    );
  });

  it("refuses a folder where no poster can be read", async () => {
    const broken = join(folder, "broken");
    await mkdir(broken);
    await writeFile(join(broken, "x.jpg"), "no picture");
    await expect(predict("run", broken)).rejects.toThrow(
      `No poster in ${broken} can be read (x.jpg is not a JPEG, PNG or WebP picture).`,
    );
  });

  it("names a model that is cut off", async () => {
    const run: Run = await handmadeRun("cut");
    await truncate(run.file("best.safetensors"), 200);
    await expect(predict("cut", posters)).rejects.toThrow(run.file("best.safetensors"));
    await expect(predict("cut", posters)).rejects.toMatchObject({ name: "UserError" });
  });

  it("stops when it is interrupted", async () => {
    const fresh = join(folder, "fresh");
    await mkdir(fresh);
    await writeFile(join(fresh, "x.jpg"), await jpeg({ seed: 77 }));
    await expect(predict("run", fresh, { signal: AbortSignal.abort() })).rejects.toMatchObject({ exitCode: 130 });
  });
});
