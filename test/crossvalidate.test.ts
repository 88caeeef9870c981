import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig, prepare } from "movie-revenue";
import { crossValidate } from "movie-revenue/studies/crossvalidate";
import { beforeAll, expect, it } from "vitest";
import { workplace, writeColouredFilms } from "./workplace.ts";

let folder: string;
const config = () =>
  makeConfig({ data: join(folder, "films.parquet"), set: ["model.width=64", "model.height=64", "model.kind=kernel"] });

beforeAll(async () => {
  ({ folder } = await workplace());
  await writeColouredFilms(join(folder, "films.parquet"), 40);
});

it("holds each film of training and validation out once, and no test film ever", async () => {
  const films = await crossValidate(join(folder, "cv"), config(), { folds: 4 });
  const { splits } = await prepare(config());
  const known = [...splits.train, ...splits.validation].map(({ id }) => id);
  expect(films.map(({ id }) => id).sort((a, b) => a - b)).toEqual(known.sort((a, b) => a - b));
  // 36 films in four folds: each model's mean is that of the other 27
  const learnt = films.filter(({ fold }) => fold !== 0).map(({ actual }) => Math.log10(actual));
  expect(films.find(({ fold }) => fold === 0)?.trainMeanLog10).toBeCloseTo(
    learnt.reduce((sum, value) => sum + value, 0) / 27,
    5,
  );
});

it("goes on where it was interrupted, and ends with the same numbers", async () => {
  const path = (fold: number) => join(folder, "cv", `fold-${fold}.json`);
  const before = await readFile(path(2), "utf8");
  const untouched = (await stat(path(1))).mtimeMs;
  await rm(path(2));
  await writeFile(join(folder, "cv", "fold-2"), "left half-way");
  await crossValidate(join(folder, "cv"), config(), { folds: 4 });
  expect(await readFile(path(2), "utf8")).toBe(before);
  expect((await stat(path(1))).mtimeMs).toBe(untouched);
});

it("is made by one process at a time", async () => {
  const made = Array.from({ length: 2 }, () => crossValidate(join(folder, "twice"), config(), { folds: 4 }));
  const [first, second] = await Promise.allSettled(made);
  expect([first?.status, second?.status].sort()).toEqual(["fulfilled", "rejected"]);
  const { reason } = [first, second].find((end) => end?.status === "rejected") as PromiseRejectedResult;
  expect(reason.message).toMatch(/^The cross-validation in .*twice is in use by process \d+: wait until it has ended/);
});

it("refuses films too few for the folds", async () => {
  await expect(crossValidate(join(folder, "other"), config(), { folds: 10 })).rejects.toThrow("too few for 10 folds");
});
