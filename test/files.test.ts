import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "movie-revenue/errors";
import {
  projectRoot,
  readJson,
  sha256,
  sweepTemporaries,
  temporaryBeside,
  writeError,
  writeFileAtomic,
  writeJson,
} from "movie-revenue/system/files";
import { describe, expect, it } from "vitest";
import { withFault } from "./faults.ts";
import { tempFolder } from "./fixtures.ts";

const failure = (code: string) => Object.assign(new Error(`${code}: said by the system`), { code });

describe("projectRoot", () => {
  it("is the folder above the package", () => {
    expect(`${projectRoot()}/`).toBe(fileURLToPath(new URL("../", import.meta.url)));
  });
});

describe("writeFileAtomic", () => {
  it("makes folders, replaces, and leaves nothing beside", async () => {
    const folder = join(await tempFolder(), "a", "b");
    const path = join(folder, "x.txt");
    await writeFileAtomic(path, "old, and longer");
    await writeFileAtomic(path, Uint8Array.of(110, 101, 119));
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["x.txt"]);
  });

  it("says in one sentence what stands in the way, and leaves nothing beside", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "file"), "kept");
    await mkdir(join(folder, "folder"));
    await expect(writeFileAtomic(join(folder, "folder"), "x")).rejects.toMatchObject({
      name: "UserError",
      message: `${join(folder, "folder")} is a folder: give the name of a file.`,
    });
    await expect(writeFileAtomic(join(folder, "file", "below.txt"), "x")).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringMatching(/below\.txt could not be written: E[A-Z]+: .*\.$/),
    });
    expect((await readdir(folder)).sort()).toEqual(["file", "folder"]);
    expect(await readFile(join(folder, "file"), "utf8")).toBe("kept");
  });

  it("is whole or absent whichever of its file calls fails, and says so", async () => {
    const folder = await tempFolder();
    const path = join(folder, "x.txt");
    await writeFileAtomic(path, "old");
    const calls = await withFault(null, () => writeFileAtomic(path, "old"));
    // the content is on the disk before the name is, and the name before the call returns
    const beside = ["mkdir", "open", "writeFile", "sync", "close", "rename"];
    expect(calls).toEqual([...beside, ...(process.platform === "win32" ? [] : ["open", "sync", "close"])]);
    for (const call of calls.keys()) {
      await writeFileAtomic(path, "old");
      const failed = withFault({ call, code: "EIO", bytes: 1 }, () => writeFileAtomic(path, "new"));
      await expect(failed).rejects.toThrow(new UserError(`${path} could not be written: EIO: said by the system.`));
      expect(await readFile(path, "utf8")).toBe(call < beside.length ? "old" : "new");
      expect(await readdir(folder)).toEqual(["x.txt"]);
    }
  });

  it("written by many at once, holds one of them whole", async () => {
    const path = join(await tempFolder(), "shared");
    const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(200_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(await readFile(path, "utf8"));
  });
});

describe("sweepTemporaries", () => {
  it("removes what dead processes left, and nothing else", async () => {
    const folder = await tempFolder();
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const left = ["last.safetensors", "a b.json"].map((name) => `${name}.${dead}-0123456789ab.tmp`);
    const others = [
      temporaryBeside("last.safetensors"),
      `x.${process.ppid}-0123456789ab.tmp`,
      `last.safetensors.${dead}.tmp`,
      `x.${dead}-0123456789ab.tmp.json`,
      "best.safetensors",
    ];
    for (const name of [...left, ...others]) await writeFile(join(folder, name), "");
    await sweepTemporaries(folder, "last");
    expect((await readdir(folder)).sort()).toEqual([left[1]!, ...others].sort());
    await sweepTemporaries(folder);
    expect((await readdir(folder)).sort()).toEqual(others.sort());
    await sweepTemporaries(join(folder, "none"));
  });
});

describe("writeError", () => {
  it.each([
    ["ENOSPC", "No disk space is left to write x: free some and run the command again."],
    ["EDQUOT", "No disk space is left to write x: free some and run the command again."],
    ["EACCES", "x may not be written: change its permissions, or choose another place."],
    ["EROFS", "x may not be written: change its permissions, or choose another place."],
    ["EISDIR", "x is a folder: give the name of a file."],
    ["EIO", "x could not be written: EIO: said by the system."],
  ])("%s → %s", (code, message) => expect(writeError("x", failure(code)).message).toBe(message));
});

describe("JSON files", () => {
  it("come back as they were written, with a last newline", async () => {
    const path = join(await tempFolder(), "x.json");
    await writeJson(path, { a: [1, "ü"], b: null });
    expect(await readFile(path, "utf8")).toBe('{\n  "a": [\n    1,\n    "ü"\n  ],\n  "b": null\n}\n');
    expect(await readJson(path)).toEqual({ a: [1, "ü"], b: null });
  });

  it("may begin with a byte order mark, as Windows writes them", async () => {
    const path = join(await tempFolder(), "x.json");
    await writeFile(path, '\uFEFF{"a": 1}');
    expect(await readJson(path)).toEqual({ a: 1 });
  });

  it("that are missing, malformed or no file are named", async () => {
    const folder = await tempFolder();
    const broken = join(folder, "broken.json");
    await writeFile(broken, '{"a": ');
    await expect(readJson(join(folder, "none.json"))).rejects.toThrow(`There is no file ${join(folder, "none.json")}.`);
    await expect(readJson(broken)).rejects.toThrow(
      `${broken} is not valid JSON (Unexpected end of JSON input): correct it and run again.`,
    );
    await expect(readJson(folder)).rejects.toMatchObject({ name: "UserError" });
    expect(existsSync(broken)).toBe(true);
  });
});

describe("sha256", () => {
  // FIPS 180-2, appendix B.1
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  it("is of bytes, or of text as UTF-8", () => {
    expect(sha256("abc")).toBe(abc);
    expect(sha256(Uint8Array.of(97, 98, 99))).toBe(abc);
  });
});
