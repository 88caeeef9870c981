import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "movie-revenue/lock";
import { beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

let path: string;

beforeAll(async () => {
  path = join(await tempFolder(), "run.lock");
});

describe("a lock", () => {
  it("is there while the work is done, and gone after it, and after its failure", async () => {
    const held = await withLock(path, "It", () => readFile(path, "utf8"));
    expect(held).toBe(`${process.pid}\n`);
    expect(existsSync(path)).toBe(false);
    await expect(withLock(path, "It", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(existsSync(path)).toBe(false);
  });

  it("is refused while a living process holds it, and stays that one's", async () => {
    await writeFile(path, `${process.ppid}\n`);
    const refused = withLock(path, "The run", async () => "done");
    await expect(refused).rejects.toThrow(`The run is in use by process ${process.ppid}: wait until it has ended`);
    expect(await readFile(path, "utf8")).toBe(`${process.ppid}\n`);
  });

  it.each([
    ["a process that was killed", () => spawnSync(process.execPath, ["-e", ""]).pid],
    ["a kill that cut it off", () => ""],
    ["something else", () => "not a number"],
  ])("is taken over from %s", async (_, content) => {
    await writeFile(path, `${content()}`);
    expect(await withLock(path, "It", async () => "done")).toBe("done");
    expect(existsSync(path)).toBe(false);
  });
});
