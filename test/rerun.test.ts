import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig } from "movie-revenue/config";
import { evaluate } from "movie-revenue/evaluate";
import { readSafetensors, writeSafetensors } from "movie-revenue/model/safetensors";
import { rerun } from "movie-revenue/rerun";
import { compareRuns } from "movie-revenue/rerun/compare";
import { runNamed, trainedRun, writeMetrics } from "movie-revenue/runs/run";
import { readJson, writeJson } from "movie-revenue/system/files";
import { train } from "movie-revenue/train";
import { beforeAll, describe, expect, it } from "vitest";
import { commandLine, workplace, writeColouredFilms } from "./workplace.ts";

let data: string;
const small = ["training.maxEpochs=2", "evaluation.bootstrap=20", "model.hidden=[4]", "model.dropout=[0]"];

beforeAll(async () => {
  const { folder } = await workplace();
  data = await writeColouredFilms(join(folder, "films.parquet"), 30);
  await train("first", makeConfig({ data, set: small }));
  await evaluate("first");
});

describe("rerun", () => {
  it("does a run again under another name; here nothing differs, not even the bytes of the model", async () => {
    const { run, compared, differing } = await rerun("first");
    expect([run.name, differing]).toEqual(["first-rerun", []]);
    expect(compared.map(({ what, verdict }) => [what, verdict])).toEqual(
      [
        ...["movie-revenue", "commit", "compiled library", "notebooks", "node", "engine", "threads"],
        ...["films and posters", "backbone's weights", "seeds", "split", "best.safetensors"],
        ...["train_loss of every epoch", "val_loss of every epoch", "test mse", "test mae", "test r2", "predictions"],
      ].map((what) => [what, "equal"]),
    );
  });

  it("refuses its own name, and films that are no longer the same, before it trains", async () => {
    await expect(rerun("first", { as: "first" })).rejects.toThrow('A rerun of "first" needs another name than its own');
    const before = await readFile(data);
    await writeColouredFilms(data, 31);
    await expect(rerun("first", { as: "other" })).rejects.toThrow(
      `The run "first" cannot be done again: the films of ${data} are no longer those of its manifest.`,
    );
    await expect(trainedRun("other")).rejects.toThrow('The run "other" does not exist');
    await writeFile(data, before);
  });
});

it("an ensemble is done again from its members, as long as they are the same", async () => {
  const fast = ["model.kind=kernel", "model.width=64", "model.height=64", "evaluation.bootstrap=20"];
  for (const gamma of [1, 2])
    await train(`member-${gamma}`, makeConfig({ data, set: [...fast, `model.kernel.gamma=${gamma}`] }));
  const members = 'model.members=["member-1","member-2"]';
  await train("both", makeConfig({ data, set: [...fast, "model.kind=ensemble", members] }));
  expect((await rerun("both")).differing).toEqual([]);
  await train("member-2", makeConfig({ data, set: [...fast, "model.kernel.gamma=3"] }));
  await expect(rerun("both", { as: "other" })).rejects.toThrow(
    'The run "both" cannot be done again: its members are no longer those of its manifest.',
  );
});

describe("compareRuns", () => {
  /** The rows of another run than "first" once something about it was changed. */
  const comparedAfter = async (tolerance: number) => {
    const compared = await compareRuns(await trainedRun("first"), await trainedRun("first-rerun"), { tolerance });
    return Object.fromEntries(compared.map((row) => [row.what, row]));
  };
  const file = (name: Parameters<ReturnType<typeof runNamed>["file"]>[0]) => runNamed("first-rerun").file(name);

  it("measures how far predictions are apart, in log10 dollars", async () => {
    const text = await readFile(file("predictions.csv"), "utf8");
    const [head, first, ...rest] = text.split("\r\n");
    const fields = first!.split(",");
    const predicted = Number(fields[4]);
    const doubled = [...fields.slice(0, 4), String(2 * predicted), ...fields.slice(5)].join(",");
    await writeFile(file("predictions.csv"), [head, doubled, ...rest].join("\r\n"));
    // log10(2)
    expect((await comparedAfter(0.3)).predictions).toMatchObject({ verdict: "differs" });
    const { difference, verdict } = (await comparedAfter(0.302)).predictions!;
    expect(difference).toBeCloseTo(0.30103, 5);
    expect(verdict).toBe("within tolerance");
    await writeFile(file("predictions.csv"), [head, ...rest].join("\r\n"));
    expect((await comparedAfter(1)).predictions).toMatchObject({
      difference: Number.POSITIVE_INFINITY,
      verdict: "differs",
    });
  });

  it("measures losses, and the weights of the model, which no tolerance judges", async () => {
    const lines = (await readFile(runNamed("first").file("metrics.jsonl"), "utf8")).trim().split("\n");
    const [one, two] = lines.map((line) => JSON.parse(line));
    await writeMetrics(runNamed("first-rerun"), [one, { ...two, val_loss: two.val_loss + 0.25 }]);
    const { tensors, metadata } = await readSafetensors(file("best.safetensors"));
    tensors["head.1.bias"]!.data[0]! += 0.5;
    await writeSafetensors(file("best.safetensors"), tensors, metadata);
    const rows = await comparedAfter(0.001);
    expect(rows["train_loss of every epoch"]).toMatchObject({ verdict: "equal" });
    expect(rows["val_loss of every epoch"]!.difference).toBeCloseTo(0.25, 12);
    expect(rows["val_loss of every epoch"]).toMatchObject({ verdict: "differs" });
    expect(rows["best.safetensors"]!.difference).toBeCloseTo(0.5, 6);
    expect(rows["best.safetensors"]).toMatchObject({ verdict: "another" });
    await writeMetrics(runNamed("first-rerun"), [one]);
    expect((await comparedAfter(1))["val_loss of every epoch"]).toMatchObject({ verdict: "differs" });
  });

  it("tells other circumstances apart from differences", async () => {
    const manifest = (await readJson(file("manifest.json"))) as Record<string, unknown>;
    await writeJson(file("manifest.json"), { ...manifest, node: "0.1", threads: 99, seeds: { split: 1 } });
    const rows = await comparedAfter(1);
    expect(rows.node).toMatchObject({ before: process.versions.node, now: "0.1", verdict: "another" });
    expect(rows.threads).toMatchObject({ now: "99", verdict: "another" });
    expect(rows.seeds).toMatchObject({ verdict: "differs" });
  });
});

describe("the command", () => {
  it("prints the table, and ends with 1 and one sentence where something differs", async () => {
    const { file } = runNamed("first");
    const evaluation = (await readJson(file("evaluation.json"))) as { model: { mse: number } };
    evaluation.model.mse += 0.5;
    await writeJson(file("evaluation.json"), evaluation);
    const manifest = (await readJson(file("manifest.json"))) as object;
    await writeJson(file("manifest.json"), { ...manifest, node: "0.1", threads: 99 });
    const { code, stdout, stderr } = await commandLine(["rerun", "first", "--as", "again"]);
    expect(code).toBe(1);
    expect(stderr).toContain("\nOther circumstances than then: node, threads.\n");
    expect(stderr.trim().split("\n").at(-1)).toBe(
      'movie-revenue: The rerun of "first" differs by more than 0.001 log10 dollars: test mse.',
    );
    expect(stdout).toMatch(/^test mse .* 0\.50 {2}differs$/m);
    expect(stdout).toMatch(/^predictions .* equal$/m);
  });

  it("refuses a tolerance that is no number", async () => {
    const { code, stderr } = await commandLine(["rerun", "first", "--tolerance", "much"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--tolerance must be a number from 0 on, and much is none.");
  });
});
