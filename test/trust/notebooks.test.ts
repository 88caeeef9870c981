import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { suite } from "./suite.ts";

const tried = suite("notebooks");
const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");

it.skipIf(!existsSync(python))("damaged notebooks are read or refused by one sentence", () => {
  const notebooks = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));
  const count = tried.seeds(2000).length;
  const script = fileURLToPath(new URL("notebooks.py", import.meta.url));
  const args = [script, String(count), ...notebooks.map((name) => join(root, "notebooks", name))];
  const { stdout, stderr } = spawnSync(python, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  const { inputs, refused, failures } = JSON.parse(stdout);
  tried.count(inputs, failures.length);
  expect(failures).toEqual([]);
  // damage is not so small that nothing comes of it
  expect(refused).toBeGreaterThan(count / 5);
});
