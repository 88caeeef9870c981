import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import fs, { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withLock } from "movie-revenue/system/lock";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { tempFolder } from "./fixtures.ts";

let path: string;

beforeAll(async () => {
  path = join(await tempFolder(), "run.lock");
});

describe("a lock", () => {
  it("is there while the work is done, and gone after it, and after its failure", async () => {
    const held = await withLock(path, "It", () => readFile(path, "utf8"));
    expect(held).toMatch(new RegExp(`^${process.pid} [0-9a-f]{12}\n$`));
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
    ["an older process that had this one's number", () => `${process.pid} 0123456789ab\n`],
  ])("is taken over from %s", async (_, content) => {
    await writeFile(path, `${content()}`);
    expect(await withLock(path, "It", async () => "done")).toBe("done");
    expect(existsSync(path)).toBe(false);
  });

  it("is taken over although the process that was doing so was killed as well", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    for (const file of [path, `${path}.takeover`, `${path}.takeover.takeover`]) await writeFile(file, `${dead}\n`);
    await writeFile(`${path}.takeover.${dead}-0123456789ab.tmp`, `${dead}\n`);
    expect(await withLock(path, "It", async () => "done")).toBe("done");
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it("left by a dead process goes to one of many that want it at once, and never to two", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    for (let round = 0; round < 20; round++) {
      await writeFile(path, `${dead}\n`);
      let answered = 0;
      // whoever has it keeps it until all others have had their answer
      const hold = () =>
        withLock(path, "It", async () => {
          answered++;
          while (answered < 8) await new Promise(setImmediate);
        }).catch(({ message }: Error) => {
          answered++;
          return message;
        });
      const ends = await Promise.all(Array.from({ length: 8 }, hold));
      expect(ends.filter((end) => end === undefined)).toHaveLength(1);
      expect(ends.filter((end) => end?.startsWith("It is in use by process"))).toHaveLength(7);
    }
  });

  it("left by a dead process is not removed by one that was slow, once another has taken it", async () => {
    await writeFile(path, `${spawnSync(process.execPath, ["-e", ""]).pid}\n`);
    let [holders, most] = [0, 0];
    const lookAround = async (until: () => boolean) => {
      for (let times = 0; times < 300 && !until(); times++) await fs.stat(path).catch(() => {});
    };
    const { rm } = fs;
    const slow = vi.spyOn(fs, "rm").mockImplementation(async (file, options) => {
      if (file === path) {
        slow.mockRestore();
        await lookAround(() => holders > 0);
      }
      return rm(file, options);
    });
    const hold = () =>
      withLock(path, "It", async () => {
        most = Math.max(most, ++holders);
        await lookAround(() => false);
        holders--;
      }).catch(() => {});
    await Promise.all([hold(), hold()]);
    expect(most).toBe(1);
  });
});
