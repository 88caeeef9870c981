import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { makeConfig } from "movie-revenue";
import { departuresOf } from "movie-revenue/config";
import { ablationRows, ablationTable } from "movie-revenue/reporting/tables/ablation";
import { ablate, ablatedRows, crossValidateRow } from "movie-revenue/studies/ablation";
import { ABLATION, type AblationRow, FROZEN_ROWS, MEANS } from "movie-revenue/studies/ablation/rows";
import { beforeAll, describe, expect, it } from "vitest";
import { workplace, writeColouredFilms } from "./workplace.ts";

let [folder, runs] = ["", ""];
const small = ["model.width=64", "model.height=64"];
const rows: AblationRow[] = [
  { name: "mean", preset: "sample", set: ["model.kind=kernel"] },
  { name: "… mirrored", preset: "sample", set: ["model.kind=kernel", "model.mirror=true"], beside: "mean" },
];
const options = () => ({ data: join(folder, "films.parquet"), set: small, folds: 2 });

beforeAll(async () => {
  ({ folder, runs } = await workplace());
  await writeColouredFilms(join(folder, "films.parquet"), 40);
});

describe("the rows of the table", () => {
  it("each have a name and settings of their own, and stand below the row that they are compared with", () => {
    const names = ABLATION.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const configs = ABLATION.map(({ preset, set }) => JSON.stringify(makeConfig({ preset, set })));
    expect(new Set(configs).size).toBe(configs.length);
    ABLATION.forEach(({ beside }, i) => {
      if (beside !== undefined) expect(names.slice(0, i)).toContain(beside);
    });
    for (const { name, meanOf, beside } of MEANS) {
      expect(names).not.toContain(name);
      expect(names).toEqual(expect.arrayContaining([...meanOf, beside]));
    }
  });

  it("leave out what trains a backbone unless it is asked for", () => {
    const frozen = ABLATION.filter(({ preset, set }) => makeConfig({ preset, set }).training.freeze === "backbone");
    expect(FROZEN_ROWS).toEqual(frozen);
    expect(frozen.length).toBe(ABLATION.length - 4);
  });
});

describe("ablate", () => {
  it("judges every row on the same films, beside the row that it names", async () => {
    const heard: string[] = [];
    const table = await ablate("ablation", rows, {
      ...options(),
      onRow: ({ name }, done) => heard.push(`${done} ${name}`),
    });
    expect(heard).toEqual(["1 mean", "2 … mirrored"]);
    const [mean, mirrored] = table;
    expect([mean!.n, mirrored!.n, mean!.beside]).toEqual([36, 36, undefined]);
    expect(mirrored!.beside!.row).toBe(1);
    expect(mirrored!.beside!.difference.difference).toBeCloseTo(mirrored!.mse - mean!.mse, 10);
  });

  it("judges the mean of rows without training, below the others", async () => {
    const means = [
      { name: "both", meanOf: ["mean", "… mirrored"], beside: "mean" },
      { name: "left out", meanOf: ["mean", "elsewhere"] },
    ];
    const heard: string[] = [];
    const onRow = (_: unknown, done: number, of: number) => heard.push(`${done}/${of}`);
    const table = await ablate("ablation", rows, { ...options(), means, onRow });
    expect(table.map(({ name }) => name)).toEqual(["mean", "… mirrored", "both"]);
    expect(heard).toEqual(["1/3", "2/3", "3/3"]);
    const [first, second] = await Promise.all(rows.map((row) => crossValidateRow("ablation", row, options())));
    const squares = first!.map(({ actual, predicted }, i) => {
      return (Math.log10(predicted * second![i]!.predicted) / 2 - Math.log10(actual)) ** 2;
    });
    expect(table[2]!.mse).toBeCloseTo(squares.reduce((sum, square) => sum + square) / 36, 10);
    expect(table[2]!.beside!.row).toBe(1);
  });

  it("keeps its folds by what decides their numbers, and knows which rows are done", async () => {
    const [row] = rows;
    const kept = await readdir(join(runs, "ablation"));
    await ablate("ablation", [row!], { ...options(), set: [...small, "evaluation.bootstrap=7"] });
    expect(await readdir(join(runs, "ablation"))).toEqual(kept);
    expect(ablatedRows("ablation", rows, options())).toEqual(rows);
    const byAnotherPath = relative(process.cwd(), options().data);
    expect(ablatedRows("ablation", rows, { ...options(), data: byAnotherPath })).toEqual(rows);
    for (const other of [{ folds: 3 }, { seed: 1 }, { set: [...small, "training.seed=1"] }])
      expect(ablatedRows("ablation", rows, { ...options(), ...other })).toEqual([]);
  });

  it("shows a row without another as a blank", () => {
    const ci95 = { mse: [0.1, 0.3], r2: [-0.1, 0.2] } as { mse: [number, number]; r2: [number, number] };
    const score = { n: 36, mse: 0.2, r2: 0.05, ci95 };
    const difference = { difference: -0.01, ci95: [-0.02, 0.001] as [number, number] };
    const table = [
      { name: "first", ...score },
      { name: "<second>", ...score, beside: { row: 1, difference } },
    ];
    expect(ablationRows(table)).toEqual([
      { row: "1", name: "first", mse: "0.2000", r2: "0.050 [−0.100, 0.200]", beside: "", difference: "" },
      {
        ...{ row: "2", name: "<second>", mse: "0.2000", r2: "0.050 [−0.100, 0.200]" },
        ...{ beside: "row 1", difference: "−0.0100 [−0.0200, 0.0010]" },
      },
    ]);
    expect(ablationTable(table).html).toContain("&#60;second&#62;");
    expect(ablationTable(table).html).toContain("Cross-validation of 36 films");
  });
});

it("departures are the settings that differ from the defaults, by their keys", () => {
  expect(departuresOf(makeConfig())).toEqual({});
  expect(
    departuresOf(makeConfig({ set: ["training.loss.name=huber", "model.hidden=[8]", "model.dropout=[0]"] })),
  ).toEqual({ "training.loss.name": "huber", "model.hidden": [8], "model.dropout": [0] });
});
