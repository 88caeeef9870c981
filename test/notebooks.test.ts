import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

interface Cell {
  cell_type: "code" | "markdown";
  source: string[];
  outputs?: unknown[];
  execution_count?: number | null;
  metadata: { tags?: string[] };
}

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "notebooks");
const names = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
const cellsOf = (name: string): Cell[] => JSON.parse(readFileSync(join(folder, name), "utf8")).cells;
const textOf = ({ source }: Cell) => source.join("");

describe.each(names)("notebooks/%s", (name) => {
  const cells = cellsOf(name);
  const code = cells.filter(({ cell_type }) => cell_type === "code");

  it("is committed without outputs", () => {
    expect(code.map(({ outputs, execution_count }) => [outputs, execution_count])).toEqual(code.map(() => [[], null]));
  });

  it("says first what it needs and makes, then its parameters, and ends in a conclusion", () => {
    expect(textOf(cells[0]!)).toMatch(/^# \d+ · [\s\S]*\*\*Needs\*\*[\s\S]*\*\*Makes\*\*/);
    expect(cells[1]!.metadata.tags).toEqual(["parameters"]);
    expect(textOf(cells.at(-1)!)).toMatch(/^## Conclusion\n/);
  });

  it("stays thin: it calls the library and defines nothing", () => {
    const lines = code.flatMap((cell) => textOf(cell).split("\n"));
    expect(lines.filter((line) => /\b(function|class|interface|while|switch)\b/.test(line))).toEqual([]);
    expect(Math.max(...code.map((cell) => cell.source.length))).toBeLessThanOrEqual(15);
    // wider than a cell in a window of 1,280 pixels
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(105);
  });
});

it("the pipeline runs every notebook, in order", () => {
  const pipeline = readFileSync(join(root, "scripts/pipeline.mjs"), "utf8");
  const run = [...pipeline.matchAll(/^ +"(\d\d-[\w-]+)":/gm)].map(([, name]) => `${name}.ipynb`);
  expect(run).toEqual(names.sort());
});

describe("the code of all notebooks", () => {
  // inside the project, so that imports resolve as in the kernel
  const scratch = join(root, "notebooks/.typecheck");
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("type-checks strictly against the library, more strictly than the kernel does", () => {
    mkdirSync(scratch, { recursive: true });
    for (const name of names) {
      const code = cellsOf(name).filter(({ cell_type }) => cell_type === "code");
      writeFileSync(join(scratch, `${name}.ts`), `${code.map(textOf).join("\n")}\nexport {};\n`);
    }
    const files = names.map((name) => `${name}.ts`);
    const config = { extends: "../../tsconfig.json", compilerOptions: { noEmit: true }, files };
    writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", scratch], { encoding: "utf8" });
    expect(stdout).toBe("");
  });
});
