import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { loadEngine } from "movie-revenue/engine";
import { projectRoot, readJson } from "movie-revenue/system/files";
import { describe, expect, it } from "vitest";
import { disagreement, disturbance, median, type Row, rowOf } from "../bench/statistics.mjs";
import { tempFolder } from "./fixtures.ts";

const engine = await loadEngine();

describe("median", () => {
  it.each([
    [[7], 7],
    [[30, 10, 20], 20],
    // the mean of the two middle ones, 20 and 30
    [[40, 10, 30, 20], 25],
    // by value, not by digits: as text 9 would come last
    [[100, 9, 10], 10],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it("leaves the order of the runs alone", () => {
    const rates = [3, 1, 2];
    median(rates);
    expect(rates).toEqual([3, 1, 2]);
  });
});

describe("rowOf", () => {
  const runs = (rates: number[], memory: number[], others = [0, 0, 0]) =>
    rates.map((rate, i) => ({ rate, unit: "posters/s", residentMiB: memory[i]!, others: others[i]! }));
  const ours = runs([120, 100, 120], [300, 500, 400], [0.01, 0.25, 0]);
  const peer = runs([80, 20, 80], [700, 600, 650], [0, 0, 0.125]);
  const row = rowOf({ name: "decode", peerName: "Pillow" }, { ours, peer });

  it("divides our median by the peer's, so that one disturbed run does not count", () => {
    // medians 120 and 80: 120 / 80 = 1.5; means (113.3 and 60) would say 1.9
    expect(row).toMatchObject({
      name: "decode",
      ours: 120,
      peer: 80,
      peerName: "Pillow",
      ratio: 1.5,
      unit: "posters/s",
    });
    expect(rowOf({ name: "", peerName: "" }, { ours: runs([50], [1]), peer: runs([200], [1]) }).ratio).toBe(0.25);
  });

  it("has the most memory of any run of each side, and the largest load of others on either", () => {
    expect(row).toMatchObject({ residentMiB: 500, peerResidentMiB: 700, others: 0.25 });
  });

  it("keeps the extremes and every run", () => {
    expect(row.range).toEqual({ ours: [100, 120], peer: [20, 80] });
    expect(row.runs).toEqual({ ours, peer });
  });
});

describe("disagreement", () => {
  it("is none where every number is the same, or within its own tolerance", () => {
    expect(disagreement({ films: 3923 }, { films: 3923 })).toBeNull();
    expect(disagreement({ films: 3, mean: 0.25 }, { films: 3, mean: 0.2505 }, { mean: 1e-3 })).toBeNull();
  });

  it("names the number that differs, both values and what was allowed", () => {
    const why = "mean is 0.25 here and 0.5 there (allowed: 0.125)";
    expect(disagreement({ films: 3, mean: 0.25 }, { films: 3, mean: 0.5 }, { mean: 0.125 })).toBe(why);
    // a tolerance of one number does not loosen another
    expect(disagreement({ films: 3, mean: 0 }, { films: 4, mean: 0 }, { mean: 1 })).toMatch(/^films is 3 here and 4 /);
  });

  it.each([
    ["missing on our side", {}, { films: 1 }],
    ["missing on the peer's", { films: 1 }, {}],
    ["not a number", { films: Number.NaN }, { films: Number.NaN }],
  ])("refuses a number that is %s, whatever the tolerance", (_, ours, peer) => {
    expect(disagreement(ours, peer, { films: 100 })).toMatch(/^films is /);
  });
});

describe("disturbance", () => {
  // two cores for 10 s: 20,000 ms, of which 8,000 idle, so 12,000 busy; 7,000 were our own, 5,000 of 20,000 others'
  it("is the share of the cores' time that is neither idle nor our own", () => {
    expect(disturbance({ total: 1000, idle: 500 }, { total: 21_000, idle: 8500 }, 7000)).toBe(0.25);
  });

  it("is nothing, not less, where the clocks disagree by a tick", () => {
    expect(disturbance({ total: 0, idle: 0 }, { total: 100, idle: 50 }, 51)).toBe(0);
    expect(disturbance({ total: 5, idle: 5 }, { total: 5, idle: 5 }, 0)).toBe(0);
  });
});

describe("node bench/run.mjs", () => {
  const run = (...args: string[]) => {
    const env = { ...process.env, MOVIE_REVENUE_PEER_PYTHON: join(projectRoot(), "no-such-python") };
    return spawnSync(process.execPath, [join(projectRoot(), "bench/run.mjs"), ...args], { encoding: "utf8", env });
  };

  it("--help names every benchmark and option", () => {
    const { status, stdout } = run("--help");
    expect(status).toBe(0);
    const rows = ["decode", "catalogue", "features", "head", "head-averaged", "pipeline"];
    const resnets = ["resnet-features", "resnet-onnx", "resnet-step", "tensors"];
    for (const name of [...rows, ...resnets, "--data", "--pairs", "--json", "--markdown"]) {
      expect(stdout).toContain(name);
    }
  });

  it.each([
    [["decoed"], 2, 'bench: There is no benchmark "decoed". Did you mean "decode"?\n'],
    [["--pairs", "0"], 2, 'bench: --pairs takes a whole number from 1, and was given "0".\n'],
    [["--dta", "x"], 2, "bench: Unknown option '--dta'"],
    [["catalogue"], 1, "no-such-python) lacks a peer's package"],
  ])("%j is refused in one sentence", (args, code, said) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: code, stdout: "" });
    expect(stderr).toContain(said);
    expect(stderr.trim().split("\n").length).toBe(1);
  });

  it.skipIf(engine.name !== "native")("writes an array of rows, and finds no tensor left by 199 steps", async () => {
    const json = join(await tempFolder(), "rows.json");
    // no Python is asked for: both sides are programs in Node
    const { status, stdout } = run("tensors", "--pairs", "1", "--json", json);
    expect(status).toBe(0);
    expect(stdout).toContain("after 1 step");
    const rows = (await readJson(json)) as Row[];
    expect(rows).toMatchObject([{ name: "tensors", peerName: "after 1 step", ratio: 1, unit: "tensors" }]);
    const [{ ours, peer, residentMiB, peerResidentMiB, runs }] = rows as [Row];
    // 27 parameters of the backbone and 4 of the head, each with two moments and its present value; 18 running statistics
    expect([ours, peer]).toEqual([31 * 4 + 18, 31 * 4 + 18]);
    expect([residentMiB, peerResidentMiB]).toEqual([runs.ours[0]!.residentMiB, runs.peer[0]!.residentMiB]);
  });
});
