import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { root, temporaryFolder } from "./kernel/jupyter.ts";

const require = createRequire(import.meta.url);
const { reloadLibrary } = require(join(root, "jupyter/reload.cjs"));
const folder = join(temporaryFolder(), "dist");
const [index, part] = [join(folder, "index.js"), join(folder, "part.js")];
const loadedAt = Date.UTC(2026, 0, 1);
const cell = 'import { version } from "movie-revenue";';

/** Writes a file as if it were compiled so many seconds after the library was loaded. */
function compile(path: string, source: string, seconds: number): void {
  writeFileSync(path, source);
  utimesSync(path, loadedAt / 1000, loadedAt / 1000 + seconds);
}

beforeEach(() => {
  mkdirSync(folder, { recursive: true });
  compile(index, 'module.exports = require("./part");', -1);
  compile(part, "module.exports = 1;", -1);
  for (const file of [index, part]) delete require.cache[file];
  expect(require(index)).toBe(1);
});
afterAll(() => rmSync(join(folder, ".."), { recursive: true }));

it("loads the library anew where any file of it changed", () => {
  compile(part, "module.exports = 2;", 1);
  expect(reloadLibrary(cell, loadedAt, folder)).toBe(true);
  expect(require(index)).toBe(2);
});

it("leaves it alone where nothing changed, or where the cell does not import it", () => {
  expect(reloadLibrary(cell, loadedAt, folder)).toBe(false);
  compile(part, "module.exports = 2;", 1);
  expect(reloadLibrary('import { join } from "node:path";', loadedAt, folder)).toBe(false);
  expect(require(index)).toBe(1);
});

it("knows the library's subpaths", () => {
  compile(part, "module.exports = 2;", 1);
  expect(reloadLibrary("import { show } from 'movie-revenue/notebook';", loadedAt, folder)).toBe(true);
});
