import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Cell,
  type Done,
  environment,
  root,
  runPython,
  temporaryFolder,
  writeNotebook,
} from "./kernel/jupyter.ts";

const folder = temporaryFolder();
const env = { ...environment(folder), JUPYTER_PATH: undefined };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parameters = {
  source: 'let preset = "sample"; let data = "";\nlet run = "notebook";\nlet settings: string[] = [];',
  tags: ["parameters"],
};

interface Asked {
  values?: object;
  onStderr?: (text: string, pid: number) => void;
}

/** Runs a notebook of these cells by jupyter/run.py, in the project's folder. */
function run(name: string, cells: (Cell | string)[], { values, onStderr }: Asked = {}): Promise<Done> {
  const notebook = writeNotebook(join(folder, `${name}.ipynb`), cells);
  const asked = values === undefined ? [] : ["--parameters", JSON.stringify(values)];
  const args = [join(root, "jupyter/run.py"), notebook, executed(name), "--cwd", root, ...asked];
  return runPython(args, { env, cwd: folder, onStderr });
}

const executed = (name: string) => join(folder, "executed {copies}", `${name}.ipynb`);

/** The outputs of each cell of the executed copy: text of streams, names of errors. */
function outputsOf(name: string): string[][] {
  const { cells } = JSON.parse(readFileSync(executed(name), "utf8"));
  const code = cells.filter((cell: { cell_type: string }) => cell.cell_type === "code");
  return code.map(({ outputs }: { outputs: { text?: string[]; ename?: string }[] }) =>
    outputs.map(({ text, ename }) => ename ?? text?.join("") ?? ""),
  );
}

const lastLine = ({ stderr }: Done) => stderr.trim().split("\n").at(-1);

describe("a notebook that passes", () => {
  // quotes, a line separator, and what would end a string or a template of another language
  const hostile = 'it\'s "quoted" \\ ` {{x}} \u2028 日本';
  let done: Done;
  beforeAll(async () => {
    const cells = [parameters, "console.log(JSON.stringify([preset, data, run, settings]), process.cwd());"];
    done = await run("passes", cells, { values: { preset: "quick", settings: [hostile, "b=2"] } });
  });

  it("gets its parameters, keeps the others, and runs where it is told to", () => {
    const values = JSON.stringify(["quick", "", "notebook", [hostile, "b=2"]]);
    // the cells: parameters, those given, and the one that prints
    expect(outputsOf("passes")).toEqual([[], [], [`${values} ${root}\n`]]);
  });

  it("says where it is, and ends with 0", () => {
    const lines = [1, 2, 3].map((cell) => `passes.ipynb: cell ${cell}/3\n`);
    expect(done).toEqual({ code: 0, stdout: "", stderr: lines.join("") });
  });

  it("says in its copy which notebook it was made of, by the hash that a run's manifest has", () => {
    const { metadata } = JSON.parse(readFileSync(executed("passes"), "utf8"));
    const source = readFileSync(join(folder, "passes.ipynb"));
    expect(metadata.movie_revenue).toEqual({ source_sha256: createHash("sha256").update(source).digest("hex") });
  });

  it("leaves nothing beside its copy", () =>
    expect(readdirSync(join(folder, "executed {copies}"))).toContain("passes.ipynb"));
});

describe("a notebook that fails", () => {
  it("says which cell and why in one sentence, and keeps the copy up to there", async () => {
    const broken = 'import { UserError } from "movie-revenue/errors";\nthrow new UserError("There is no\\nrun x.");';
    const done = await run("fails", ['console.log("kept");', broken, 'console.log("not run");']);
    expect([done.code, lastLine(done)]).toEqual([1, "fails.ipynb failed in cell [2]: UserError: There is no run x."]);
    expect(outputsOf("fails")).toEqual([["kept\n"], ["UserError"], []]);
  });

  it("fails for a parameter of another type", async () => {
    const done = await run("typed", [parameters], { values: { settings: "a=1" } });
    const reason = "TypeScriptError: 3:3 - Type 'string' is not assignable to type 'string[]'.";
    expect([done.code, lastLine(done)]).toEqual([1, `typed.ipynb failed in cell [2]: ${reason}`]);
  });

  it("says so when its kernel dies", async () => {
    const done = await run("dies", ["process.exit(9);"]);
    const sentence = "dies.ipynb failed in cell [1]: its kernel died; memory may have run out.";
    expect([done.code, lastLine(done)]).toEqual([1, sentence]);
  });
});

describe("what cannot be run", () => {
  it("a parameter that the notebook does not declare", async () => {
    const done = await run("mistyped", [parameters], { values: { presett: "quick" } });
    const declared = 'its cell tagged "parameters" declares preset, data, run, settings.';
    expect(done).toEqual({ code: 1, stdout: "", stderr: `mistyped.ipynb has no parameter "presett": ${declared}\n` });
    expect(existsSync(executed("mistyped"))).toBe(false);
  });

  it.each([
    ["missing.ipynb", [], "could not be read: No such file or directory."],
    ["jupyter.txt", [], "is not a Jupyter notebook."],
    ["good.ipynb", ["--parameters", "[1]"], "--parameters must be a JSON object, and [1] is none."],
    ["good.ipynb", ["--cwd", "/no/such/folder"], "There is no folder /no/such/folder to run good.ipynb in."],
  ])("%s %j", async (file, options, reason) => {
    writeNotebook(join(folder, "good.ipynb"), ["1;"]);
    rmSync(join(folder, "jupyter.txt"), { force: true });
    if (file === "jupyter.txt") writeFileSync(join(folder, file), "no notebook");
    const args = [join(root, "jupyter/run.py"), join(folder, file), join(folder, "out.ipynb"), ...options];
    const done = await runPython(args, { env });
    expect([done.code, done.stderr]).toEqual([1, expect.stringContaining(reason)]);
    expect(done.stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("Ctrl-C", () => {
  const waiting = (text: string) => `import { signal } from "movie-revenue/notebook";
import { throwIfInterrupted } from "movie-revenue/errors";
const stop = signal();
${text}
while (true) { await new Promise((next) => setTimeout(next, 5)); throwIfInterrupted(stop, "The checkpoint is kept."); }`;

  it("interrupts the cell, keeps the copy and ends with 130", async () => {
    const interrupt = (text: string, pid: number) => text.includes("cell 2/3") && process.kill(pid, "SIGINT");
    const done = await run("interrupted", ['console.log("kept");', waiting(""), "1;"], { onStderr: interrupt });
    const reason = `interrupted.ipynb was interrupted in cell [2]: Interrupted. The checkpoint is kept; what was executed is in`;
    expect([done.code, lastLine(done)]).toEqual([130, `${reason} ${executed("interrupted")}.`]);
    expect(outputsOf("interrupted")).toEqual([["kept\n"], ["Interrupted"], []]);
  });

  it("between two cells stops at the next", async () => {
    const interrupt = (text: string, pid: number) => text.includes("cell 1/2") && process.kill(pid, "SIGINT");
    const done = await run("early", ["1;", "console.log(2);"], { onStderr: interrupt });
    expect([done.code, outputsOf("early").at(-1)]).toEqual([130, []]);
  });

  it("a killed runner takes its kernel with it", async () => {
    const file = join(folder, "pid");
    const write = `require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid));`;
    let runner = 0;
    const onStderr = (_: string, pid: number) => {
      runner = pid;
    };
    const running = run("killed", [waiting(write)], { onStderr });
    await vi.waitFor(() => expect(readFileSync(file, "utf8")).not.toBe(""), 60_000);
    process.kill(runner, "SIGKILL");
    expect((await running).code).toBeNull();
    const kernel = Number(readFileSync(file, "utf8"));
    await vi.waitFor(() => expect(() => process.kill(kernel, 0)).toThrow("ESRCH"), 30_000);
  });
});
