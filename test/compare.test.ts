import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compare } from "movie-revenue/compare";
import { type Evaluation, evaluationOf, type Judged } from "movie-revenue/evaluation/metrics";
import { comparisonFigure, differencesFigure } from "movie-revenue/reporting/figures";
import { comparisonRows, differenceRows } from "movie-revenue/reporting/tables/comparison";
import { formatPredictions, judgedRun } from "movie-revenue/runs/judged";
import type { Run } from "movie-revenue/runs/run";
import { writeFileAtomic, writeJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { HOSTILE } from "./hostile.ts";
import { handmadeRun } from "./runs.ts";
import { commandLine, workplace } from "./workplace.ts";

let folder: string;
const run: Record<string, Run> = {};
const REVENUE = [1e7, 1e7, 1e8, 1e8, 1e9, 1e9];

/** The films of these ids, each predicted `miss` log10 dollars too high, with intervals of ± .5. */
const filmsOf = (ids: readonly number[], miss: number): Judged[] =>
  ids.map((id) => {
    const actual = REVENUE[id - 1]!;
    const predicted = actual * 10 ** miss;
    const [low, high] = [predicted / 10 ** 0.5, predicted * 10 ** 0.5];
    return { id, title: HOSTILE[id - 1] ?? `Film ${id}`, split: "test", actual, predicted, low, high };
  });

async function judge(name: string, judged: Judged[]): Promise<void> {
  run[name] = await handmadeRun(name);
  const reference = { trainMeanLog10: 7.5, trainMedian: 3e7, brackets: { lowMax: 2e7, mediumMax: 6e7 } };
  await writeJson(run[name].file("evaluation.json"), evaluationOf(judged, reference, { level: 0.8, samples: 50 }));
  await writeFileAtomic(run[name].file("predictions.csv"), formatPredictions(judged));
}

beforeAll(async () => {
  ({ folder } = await workplace());
  await judge("far", filmsOf([1, 2, 3, 4], 1));
  await judge("near", filmsOf([2, 3, 4, 5], 0.5));
  await judge("nearer", filmsOf([2, 3, 4, 5], 0.25));
  await judge("elsewhere", filmsOf([6], 0));
  await handmadeRun("trained");
});

describe("compare", () => {
  it("judges the films that all runs judged, pair by pair, and lists the others", async () => {
    const { n, runs, differences } = await compare(["far", "near", "nearer"]);
    expect(n).toBe(3);
    // MSE 1², .5², .25²; log10 revenue 7, 8, 8 lies .5 from the training mean of 7.5: R² is 1 − MSE / .25
    const found = runs.map(({ name, metrics }) => [name, metrics.n, metrics.mse, metrics.r2] as const);
    for (const [i, [name, mse]] of (
      [
        ["far", 1],
        ["near", 0.25],
        ["nearer", 0.0625],
      ] as const
    ).entries()) {
      expect(found[i]!.slice(0, 2)).toEqual([name, 3]);
      expect(found[i]![2]).toBeCloseTo(mse, 6);
      expect(found[i]![3]).toBeCloseTo(1 - 4 * mse, 6);
    }
    // ± .5 holds a miss of .25, and not of 1; of .5 the whole dollars decide
    expect([runs[0]!.intervals.coverage, runs[2]!.intervals.coverage]).toEqual([0, 1]);
    expect(runs[2]!.intervals.medianWidthLog10).toBeCloseTo(1, 6);
    expect(differences.map(({ first, second }) => [first, second])).toEqual([
      ["far", "near"],
      ["far", "nearer"],
      ["near", "nearer"],
    ]);
    const [first] = differences;
    // of each film the same: .75, so the interval is a point
    for (const value of [first!.mse.difference, ...first!.mse.ci95!]) expect(value).toBeCloseTo(0.75, 6);
    for (const value of [first!.r2.difference, ...first!.r2.ci95!]) expect(value).toBeCloseTo(-3, 5);
    expect(runs.map(({ leftOut }) => leftOut.map(({ id }) => id))).toEqual([[1], [5], [5]]);
  });

  it("reads titles as they were", async () => {
    const { judged } = await judgedRun("far");
    const plain = ({ id, title, actual }: Judged) => [id, title.replace(/\r\n?/g, "\n"), actual];
    expect(judged.map(plain)).toEqual(filmsOf([1, 2, 3, 4], 1).map(plain));
  });

  it.each([
    [["far", "elsewhere"], "The runs far, elsewhere judged no film in common: evaluate them on the same data."],
    [["far", "far"], 'The run "far" is named twice: name each once.'],
    [["far"], "One run cannot be compared: name another."],
    [["far", "trained"], 'The run "trained" has not been judged: do it first (movie-revenue evaluate --run trained).'],
  ])("of %j is refused", async (names, sentence) => {
    await expect(compare(names)).rejects.toThrow(sentence);
  });

  it("says which file of a run is damaged, and where", async () => {
    const path = run.elsewhere!.file("predictions.csv");
    const before = await readFile(path, "utf8");
    await writeFile(path, before.replace("1000000000", "much"));
    await expect(judgedRun("elsewhere")).rejects.toThrow(`${path} line 2 is wrong at actual: evaluate the run again.`);
    await writeFile(path, before.replace("actual", "revenue"));
    await expect(judgedRun("elsewhere")).rejects.toThrow(`${path} is damaged: evaluate the run again.`);
    await writeFile(path, before);
    const evaluation = run.elsewhere!.file("evaluation.json");
    await writeJson(evaluation, { n: 1 });
    await expect(judgedRun("elsewhere")).rejects.toThrow(`${evaluation} is damaged: evaluate the run again.`);
    await rm(evaluation);
  });
});

describe("the tables and figures", () => {
  it("name the better run only where the interval proves it", async () => {
    const comparison = await compare(["nearer", "far"]);
    const [between, ...toBaselines] = differenceRows(comparison) as Record<string, string>[];
    expect(between).toMatchObject({ first: "nearer", second: "far", films: "3", verdict: "nearer is better" });
    expect(between!.mse).toBe("−0.938 [−0.938, −0.938]");
    expect(toBaselines.map(({ second }) => second)).toEqual([
      "baseline mean",
      "baseline median",
      "baseline mean",
      "baseline median",
    ]);
    // a baseline that both runs share stands once
    const same = await compare(["near", "nearer"]);
    expect((comparisonRows(same) as Record<string, string>[]).map(({ run, who }) => `${run}: ${who}`)).toEqual([
      ...["near: model", "nearer: model"],
      ...["near, nearer: mean", "near, nearer: median"],
    ]);
  });

  it("draw every run, baseline and difference with its interval", async () => {
    const comparison = await compare(["far", "near"]);
    const [models, baselines] = comparisonFigure(comparison).data as { x: number[] }[];
    expect(models!.x.map((mse) => Math.round(mse * 1e4) / 1e4)).toEqual([0.25, 1]);
    expect(baselines!.x).toHaveLength(4);
    const [pairs] = differencesFigure(comparison).data as { x: number[]; error_x: { array: number[] } }[];
    expect(pairs!.x[0]).toBeCloseTo(0.75, 6);
    expect(pairs!.error_x.array[0]).toBeCloseTo(0, 6);
  });
});

it("the command prints, and writes JSON and a page that no title can break", async () => {
  const [json, html] = [join(folder, "c.json"), join(folder, "c.html")];
  const ended = await commandLine(["compare", "far", "near", "--json", json, "--html", html]);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/^3 films that all 2 runs judged; 95 % intervals in brackets\n/);
  expect(ended.stderr).toContain("Films of far that another run did not judge: 1");
  const written = JSON.parse(await readFile(json, "utf8"));
  expect(Object.keys(written)).toEqual(["n", "runs", "differences"]);
  expect((written.runs[0].evaluation as Evaluation).n).toBe(4);
  const page = await readFile(html, "utf8");
  for (const title of [HOSTILE[0]!, HOSTILE[4]!].filter((text) => text.includes("<")))
    expect(page).not.toContain(title);
  expect(page).toContain("Runs compared: far, near");
  const one = await commandLine(["compare", "far"]);
  expect([one.code, one.stderr.split("\n")[0]]).toEqual([2, "movie-revenue: RUN is missing."]);
});
