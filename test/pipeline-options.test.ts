import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PRESETS } from "movie-revenue/config";
import { beforeAll, describe, expect, it } from "vitest";
import { handmadeRun } from "./runs.ts";
import { workplace, writeColouredFilms } from "./workplace.ts";

const program = fileURLToPath(new URL("../scripts/pipeline.mjs", import.meta.url));
let folder: string;

beforeAll(async () => {
  ({ folder } = await workplace());
  await writeColouredFilms(join(folder, "films.parquet"), 2);
  await writeFile(join(folder, "text.parquet"), "this is no parquet file");
  await mkdir(join(folder, "empty"));
  await handmadeRun("trained");
});

const pipeline = (...args: string[]) => {
  const said = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder },
  });
  return { code: said.status, stdout: said.stdout, stderr: said.stderr };
};

describe("npm run pipeline", () => {
  it("--help names every option", () => {
    const { code, stdout, stderr } = pipeline("--help");
    expect([code, stderr]).toEqual([0, ""]);
    for (const option of ["preset", "data", "run", "set", "resume", "posters", "labels"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}--${option}\\b`, "m"));
    }
    for (const preset of Object.keys(PRESETS)) expect(stdout).toMatch(new RegExp(`\\b${preset}\\b`));
  });

  it.each([
    [["--dta", "x"], 'There is no option "--dta": did you mean "--data"?'],
    [["--data"], "--data needs a value."],
    [["sample"], '"sample" is one argument too many.'],
    [["--preset", "smaple"], 'There is no preset "smaple": did you mean "sample"?'],
    [["--set", "training.maxEpoch=1"], 'There is no setting "training.maxEpoch": did you mean "training.maxEpochs"?'],
    [["--run", "../x"], '"../x" cannot name a run: use letters, digits, dots, dashes and underscores.'],
  ])("%j ends with 2, one sentence, and where to look", (args, sentence) => {
    const hint = "`npm run pipeline -- --help` shows the options.";
    expect(pipeline(...args)).toEqual({ code: 2, stdout: "", stderr: `pipeline: ${sentence}\n${hint}\n` });
  });

  it.each([
    [["--data", "none"], '"DIR/none" does not exist: --data takes '],
    [["--data", "text.parquet"], "DIR/text.parquet is not a parquet file: "],
    [["--data", "films.parquet", "--posters", "empty"], "The folder DIR/empty holds no poster: "],
    [["--data", "films.parquet", "--labels", "none.json"], "There is no file DIR/none.json."],
  ])("%j ends with 1 before any notebook, and leaves an earlier run alone", async (args, sentence) => {
    const before = await readdir(join(folder, "runs"), { recursive: true });
    const { code, stdout, stderr } = pipeline("--run", "trained", ...args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr.startsWith(`pipeline: ${sentence.replace("DIR", folder)}`)).toBe(true);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await readdir(join(folder, "runs"), { recursive: true })).toEqual(before);
  });
});
