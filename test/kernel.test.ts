import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { broken } from "./kernel/broken.ts";
import { root, temporaryFolder } from "./kernel/jupyter.ts";
import { answer, expectError, ofType, printed, type Session, type Step, session } from "./kernel/session.ts";

/** One after the other; the cells of one are sent together. */
const steps = {
  thrown: { cells: [broken.thrown.cell] },
  typeError: { cells: [broken.typeError.cell] },
  unawaited: { cells: [broken.unawaited.cell] },
  counted: { cells: ["const one = 1;", "const two = 2;"] },
  declares: { cells: ['let preset = "quick";\nconst config = { data: { films: 7 }, preset: "old" };\nlet films = 0;'] },
  names: {
    cells: [
      `const { data: { films: count }, preset: old } = config;
({ data: { films } } = config);
console.log(JSON.stringify({ preset, count, old, films, again: { preset: old } }));`,
    ],
  },
  queued: { cells: ['throw new Error("first");', 'console.log("second");', 'console.log("third");'] },
  interrupted: {
    cells: [
      `const stop = (globalThis as any)[Symbol.for("movie-revenue.cell")]?.signal;
await new Promise((next) => setTimeout(next, 1));
console.log("started");
for (let i = 0; i < 100 && !stop?.aborted; i++) await new Promise((next) => setTimeout(next, 20));
if (stop?.aborted) throw new Error("stopped by its signal");`,
    ],
    interruptAt: "started",
  },
  lines: { cells: ["for (let i = 0; i < 2000; i++) console.log(i);"] },
  listens: {
    cells: [
      `process.on("SIGINT", () => {});
await new Promise((next) => setTimeout(next, 1));
process.kill(process.pid, "SIGINT");
await new Promise((next) => setTimeout(next, 100));`,
    ],
  },
  after: { cells: ["void 0;"] },
} satisfies Record<string, Step>;

/** What is the project's own, and so has no stock twin. */
const ownSteps = {
  userError: {
    cells: ['import { UserError } from "movie-revenue/errors";\nthrow new UserError("There is no run x.");'],
  },
  calls: {
    cells: ["\nfunction deep(x: any) {\n  return x.a.b;\n}", "const four = 4;\nawait 0;\ndeep({});\nvoid four;"],
  },
  library: {
    cells: ['import { describeProgress } from "movie-revenue/progress";\ndescribeProgress(null as any);'],
  },
  deaf: { cells: ['console.log("started");\nawait new Promise(() => {});'], interruptAt: "started" },
  later: { cells: ['setTimeout(() => { throw new Error("too late"); }, 1);\nvoid 0;'] },
  waits: { cells: ["await new Promise((next) => setTimeout(next, 1000));"] },
  node23: {
    cells: ['import util from "node:util";\nconsole.log((util as any).isNullOrUndefined(null), util.isArray([]));'],
  },
} satisfies Record<string, Step>;

/** Each holds for the project's kernel, and not for stock tslab. */
const checks: Record<string, (session: Session) => void> = {
  "2,000 lines of output all arrive, and the end of the cell after them": (session) => {
    const cell = answer(session, "lines");
    expect(printed(cell).trim().split("\n")).toEqual(Array.from({ length: 2000 }, (_, i) => String(i)));
    expect([cell.reply?.status, cell.idle]).toEqual(["ok", true]);
  },
  "a thrown error is an error": (session) => expectError(answer(session, "thrown"), broken.thrown.error),
  "a type error is an error": (session) => expectError(answer(session, "typeError"), broken.typeError.error),
  "an un-awaited rejection is an error": (session) => expectError(answer(session, "unawaited"), broken.unawaited.error),
  "execution counts are announced as the cell starts": (session) => {
    const counts = [0, 1].map((cell) => ofType(answer(session, "counted", cell), "execute_input")[0]?.content);
    const first = answer(session, "counted").reply?.execution_count as number;
    expect(counts).toEqual([
      { code: "const one = 1;", execution_count: first },
      { code: "const two = 2;", execution_count: first + 1 },
    ]);
  },
  "variables of earlier cells can be written as { name } and taken apart": (session) => {
    const values = '{"preset":"quick","count":7,"old":"old","films":7,"again":{"preset":"old"}}';
    expect([answer(session, "names").reply?.status, printed(answer(session, "names"))]).toEqual(["ok", `${values}\n`]);
  },
  "cells sent together with a failed one are aborted": (session) => {
    const cells = session.answers.queued!;
    expect(cells.map(({ reply }) => reply?.status)).toEqual(["error", "aborted", "aborted"]);
    expect(cells.slice(1).map(printed)).toEqual(["", ""]);
  },
  "kernel info has a status": ({ info }) => expect(info.status).toBe("ok"),
  "an interrupt reaches the cell's AbortSignal": (session) =>
    expectError(answer(session, "interrupted"), "Error: stopped by its signal"),
  "a cell that listens for SIGINT before its first await does not kill the kernel": (session) =>
    expect(answer(session, "after").reply?.status).toBe("ok"),
};

describe("the project's kernel", () => {
  let own: Session;
  beforeAll(async () => {
    own = await session("tslab", { ...steps, ...ownSteps });
  });

  it.each(Object.keys(checks))("%s", (name) => checks[name]!(own));

  it("shows of an error that is for the user only its sentence", () => {
    const cell = answer(own, "userError");
    expectError(cell, "UserError: There is no run x.");
    expect(cell.reply?.traceback).toEqual(["There is no run x."]);
  });

  it("leaves its own frames out of a stack, and shows the line", () => {
    expect(answer(own, "unawaited").reply?.traceback).toEqual([
      "Error: nobody waited",
      "    at load (cell [3], line 1)",
      "    at cell [3], line 2",
      '> 1 | async function load() { throw new Error("nobody waited"); }',
      "  2 | void load();",
    ]);
  });

  it("tells the lines of cells, not of the JavaScript that they became", () => {
    const count = answer(own, "calls").reply?.execution_count as number;
    expect(answer(own, "calls", 1).reply?.traceback).toEqual([
      "TypeError: Cannot read properties of undefined (reading 'b')",
      `    at deep (cell [${count}], line 3)`,
      `    at cell [${count + 1}], line 3`,
      "  1 | ",
      "  2 | function deep(x: any) {",
      "> 3 |   return x.a.b;",
      "  4 | }",
    ]);
  });

  it("tells the lines of the library's sources", () => {
    const traceback = answer(own, "library").reply?.traceback as string[];
    const line = readFileSync(join(root, "lib/src/progress.ts"), "utf8")
      .split("\n")
      .findIndex((text) => text.startsWith("export function describeProgress"));
    expect(traceback[1]).toMatch(
      new RegExp(`^    at describeProgress \\(.*lib/src/progress\\.ts:${line + 1}:\\d+\\)$`),
    );
    expect(traceback.at(-1)).toBe("> 2 | describeProgress(null as any);");
  });

  it("shows the line of a type error", () =>
    expect(answer(own, "typeError").reply?.traceback).toEqual([
      "1:7 - Type 'string' is not assignable to type 'number'.",
      '> 1 | const dollars: number = "many";',
    ]));

  it("ends an interrupted cell that never took its signal", () =>
    expectError(answer(own, "deaf"), "Interrupted: The cell was interrupted."));

  // the error comes either just before the next cell starts, which then is not run, or while it runs
  it("fails the next cell with what an earlier one left to fail", () =>
    expectError(answer(own, "waits"), "Error: too late"));

  it("gives tfjs what Node 23 took from util", () => expect(printed(answer(own, "node23"))).toBe("true true\n"));
});

describe("stock tslab needs each repair", () => {
  let stock: Session;
  beforeAll(async () => {
    stock = await session("stock", steps, 5);
  });

  it.each(Object.keys(checks))("not so: %s", (name) => expect(() => checks[name]!(stock)).toThrow(/expected/));
});

it("does not start with another tslab than the one it repairs", () => {
  const elsewhere = temporaryFolder();
  mkdirSync(join(elsewhere, "node_modules/tslab"), { recursive: true });
  writeFileSync(join(elsewhere, "node_modules/tslab/package.json"), '{ "version": "2.0.0" }');
  for (const file of ["launcher.cjs", "positions.cjs", "reload.cjs", "tslab.cjs"])
    copyFileSync(join(root, "jupyter", file), join(elsewhere, file));
  const { status, stderr } = spawnSync(process.execPath, [join(elsewhere, "launcher.cjs"), "connection.json"]);
  rmSync(elsewhere, { recursive: true });
  expect([status, String(stderr)]).toEqual([
    1,
    "The TypeScript kernel cannot start: it repairs tslab 1.0.22, but 2.0.0 is installed. Run `node scripts/setup.mjs`.\n",
  ]);
});
