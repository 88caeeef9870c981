import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { appendFile, open, readdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { sha256 } from "movie-revenue/system/files";
import { openStore, type Store } from "movie-revenue/system/store";
import { KeyIndex } from "movie-revenue/system/store/key-index";
import { describe, expect, it, vi } from "vitest";
import { tempFolder } from "./fixtures.ts";

const RECORD_BYTES = 5_000;
/** Header, then key, checksum and payload of each record: lib/src/system/store/segment.ts. */
const sizeOf = (records: number): number => 12 + records * (32 + 4 + RECORD_BYTES);

const warnings: string[] = [];
const openIn = (folder: string, recordBytes = RECORD_BYTES): Promise<Store> => {
  warnings.length = 0;
  return openStore(folder, { recordBytes, kind: "numbers", onWarning: (message) => warnings.push(message) });
};
const keyOf = (n: number | string): string => sha256(String(n));
const payloadOf = (n: number): Uint8Array => new Uint8Array(RECORD_BYTES).fill(n % 251);
const segments = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).sort().map((name) => join(folder, name));

/** Starts Node with `store`, `keyOf` and `payloadOf` as here; the folder comes from the environment. */
const WRITER = `
  const { openStore } = require("movie-revenue/system/store");
  const keyOf = (n) => require("movie-revenue/system/files").sha256(String(n));
  const payloadOf = (n) => new Uint8Array(${RECORD_BYTES}).fill(n % 251);
  const opened = openStore(process.env.FOLDER, { recordBytes: ${RECORD_BYTES}, kind: "numbers" });
`;
const root = fileURLToPath(new URL("..", import.meta.url));
const inOtherProcess = (code: string): string[] => ["--input-type=commonjs", "--eval", WRITER + code];

/** A store with the records 0 to count − 1 in one segment. */
async function filled(count: number): Promise<string> {
  const folder = await tempFolder();
  const store = await openIn(folder);
  for (let n = 0; n < count; n++) await store.put(keyOf(n), payloadOf(n));
  await store.close();
  return folder;
}

describe("openStore", () => {
  it("finds what was put, now and when opened again", async () => {
    const folder = join(await tempFolder(), "made", "by the store");
    const store = await openIn(folder);
    await Promise.all([1, 2, 3].map((n) => store.put(keyOf(n), payloadOf(n))));
    expect([store.has(keyOf(2)), store.has(keyOf(4))]).toEqual([true, false]);
    expect(await store.get(keyOf(2))).toEqual(payloadOf(2));
    expect(await store.get(keyOf(4))).toBeNull();
    await store.close();
    const again = await openIn(folder);
    for (const n of [1, 2, 3]) expect(await again.get(keyOf(n))).toEqual(payloadOf(n));
    await again.close();
    // reading begins no segment
    expect(await segments(folder)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it("keeps one record for a key, the first", async () => {
    const folder = await filled(1);
    const store = await openIn(folder);
    await store.put(keyOf(0), payloadOf(9));
    await Promise.all([store.put(keyOf(7), payloadOf(7)), store.put(keyOf(7), payloadOf(8))]);
    expect(await store.get(keyOf(0))).toEqual(payloadOf(0));
    expect(await store.get(keyOf(7))).toEqual(payloadOf(7));
    await store.close();
    const sizes = await Promise.all((await segments(folder)).map(async (path) => (await stat(path)).size));
    expect(sizes).toEqual([sizeOf(1), sizeOf(1)]);
  });

  it("keeps payloads of any size where none is given, and finds each again", async () => {
    const folder = await tempFolder();
    const payloads = [0, 1, 700, 3].map((bytes, n) => new Uint8Array(bytes).fill(n + 1));
    const store = await openStore(folder, { kind: "numbers" });
    for (const [n, payload] of payloads.entries()) await store.put(keyOf(n), payload);
    await store.close();
    const [segment] = (await segments(folder)) as [string];
    // header, then key, checksum, size and payload of each
    expect((await stat(segment)).size).toBe(12 + 4 * 40 + 704);
    await truncate(segment, 12 + 4 * 40 + 703);
    const again = await openStore(folder, { kind: "numbers" });
    for (const n of [0, 1, 2]) expect(await again.get(keyOf(n))).toEqual(payloads[n]);
    // the last was cut
    expect(again.has(keyOf(3))).toBe(false);
    await again.put(keyOf(3), payloads[3]!);
    expect(await again.get(keyOf(3))).toEqual(payloads[3]);
    await again.close();
  });

  it("finds each of ten thousand keys, however many begin alike", async () => {
    const index = new KeyIndex();
    const key = (n: number) => {
      const bytes = new Uint8Array(32).fill(7);
      bytes.set([n & 255, n >> 8], 20);
      return bytes;
    };
    // two thousand of them share their first four bytes: all in one run of slots
    const keys = [...Array(2000).keys()]
      .map(key)
      .concat([...Array(8000).keys()].map((n) => Buffer.from(keyOf(n), "hex")));
    keys.forEach((bytes, n) => void index.set(bytes, { segment: n % 3, at: 2 ** 40 + n, bytes: n }));
    index.delete(keys[5]!);
    keys.forEach((bytes, n) => {
      expect(index.get(bytes)).toEqual(n === 5 ? undefined : { segment: n % 3, at: 2 ** 40 + n, bytes: n });
    });
    index.set(keys[5]!, { segment: 1, at: 5, bytes: 6 });
    expect(index.get(keys[5]!)).toEqual({ segment: 1, at: 5, bytes: 6 });
    expect(index.get(new Uint8Array(32))).toBeUndefined();
  });

  it("refuses keys and payloads that are not the store's", async () => {
    const store = await openIn(await tempFolder());
    await expect(store.put(keyOf(1), new Uint8Array(3))).rejects.toThrow("3 bytes are not 5000");
    await expect(store.put("../../etc", payloadOf(1))).rejects.toThrow('"../../etc" is not a SHA-256');
    await store.close();
  });

  it("leaves files of another size or format alone, and says so", async () => {
    const folder = await filled(2);
    await writeFile(join(folder, "0-notes.bin"), "not a segment at all");
    await writeFile(join(folder, "1-begun.bin"), "");
    const other = await openIn(folder, 16);
    expect(warnings).toHaveLength(2);
    expect(warnings.every((message) => message.endsWith("holds no numbers of this version: it is left alone."))).toBe(
      true,
    );
    expect(other.has(keyOf(0))).toBe(false);
    await other.put(keyOf(0), new Uint8Array(16));
    await other.close();
    const store = await openIn(folder);
    expect(await store.get(keyOf(0))).toEqual(payloadOf(0));
    await store.close();
  });

  it("says in one sentence where a file stands in the way", async () => {
    const folder = join(await tempFolder(), "taken");
    await writeFile(folder, "");
    await expect(openIn(folder)).rejects.toMatchObject({ name: "UserError", message: expect.stringContaining(folder) });
  });
});

describe("damage", () => {
  it("of the last record's end costs that record alone", async () => {
    const folder = await filled(3);
    const [segment] = (await segments(folder)) as [string];
    await truncate(segment, sizeOf(3) - 1);
    const store = await openIn(folder);
    expect([0, 1, 2].map((n) => store.has(keyOf(n)))).toEqual([true, true, false]);
    await store.close();
  });

  it("inside a record makes it absent, is said once, and is mended by the next put", async () => {
    const folder = await filled(3);
    const file = await open((await segments(folder))[0]!, "r+");
    // a byte of the payload of the first, and of the checksum of the second
    await file.write(Buffer.of(250), 0, 1, 12 + 32 + 4 + 100);
    await file.write(Buffer.of(1, 2, 3, 4), 0, 4, sizeOf(1) + 32);
    await file.close();
    const store = await openIn(folder);
    expect([await store.get(keyOf(0)), await store.get(keyOf(1))]).toEqual([null, null]);
    expect(await store.get(keyOf(2))).toEqual(payloadOf(2));
    expect(store.has(keyOf(0))).toBe(false);
    expect(warnings).toEqual([`Some numbers kept in ${folder} are damaged: they are made anew.`]);
    await store.put(keyOf(0), payloadOf(0));
    await store.close();
    const again = await openIn(folder);
    expect(await again.get(keyOf(0))).toEqual(payloadOf(0));
    await again.close();
  });

  it("is mended for good, however fast: later segments sort after earlier ones within a millisecond too", async () => {
    const now = vi.spyOn(Date, "now").mockReturnValue(1_700_000_000_000);
    const folder = await filled(0);
    for (let n = 0; n < 20; n++) {
      const store = await openIn(folder);
      await store.put(keyOf(n), payloadOf(n));
      await store.close();
    }
    now.mockRestore();
    // a segment's first key begins after its header of 12 bytes
    const keys = (await segments(folder)).map((path) => readFileSync(path).subarray(12, 44).toString("hex"));
    expect(keys).toEqual(Array.from({ length: 20 }, (_, n) => keyOf(n)));
  });

  it("by bytes appended by someone else changes nothing", async () => {
    const folder = await filled(2);
    await appendFile((await segments(folder))[0]!, Buffer.alloc(RECORD_BYTES * 2, 7));
    const store = await openIn(folder);
    for (const n of [0, 1]) expect(await store.get(keyOf(n))).toEqual(payloadOf(n));
    await store.close();
  });
});

describe("other processes", () => {
  it("write at the same time without harm", async () => {
    const folder = await tempFolder();
    const write = `opened.then(async (store) => {
      for (let n = 0; n < 40; n++) await store.put(keyOf(process.env.WHO + n), payloadOf(n));
      await store.put(keyOf("shared"), payloadOf(5));
      await store.close();
    });`;
    const writers = ["a", "b", "c"].map((WHO) =>
      spawn(process.execPath, inOtherProcess(write), { cwd: root, env: { ...process.env, FOLDER: folder, WHO } }),
    );
    const codes = await Promise.all(writers.map(async (writer) => (await once(writer, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0]);
    const store = await openIn(folder);
    for (const who of ["a", "b", "c"]) {
      for (let n = 0; n < 40; n++) expect(await store.get(keyOf(who + n))).toEqual(payloadOf(n));
    }
    expect(await store.get(keyOf("shared"))).toEqual(payloadOf(5));
    await store.close();
    expect(await segments(folder)).toHaveLength(3);
  });

  it("killed midway lose no record that was put", async () => {
    const folder = await tempFolder();
    const write = `opened.then(async (store) => {
      for (let n = 0; ; n++) { await store.put(keyOf(n), payloadOf(n)); process.stdout.write(n + "\\n"); }
    });`;
    const env = { ...process.env, FOLDER: folder };
    const writer = spawn(process.execPath, inOtherProcess(write), { cwd: root, env });
    const exited = once(writer, "exit");
    let last = -1;
    for await (const line of createInterface({ input: writer.stdout })) {
      last = Number(line);
      if (last === 60) writer.kill("SIGKILL");
    }
    expect(last).toBeGreaterThanOrEqual(60);
    expect(await exited).toEqual([null, "SIGKILL"]);
    const store = await openIn(folder);
    for (let n = 0; n <= last; n++) expect(await store.get(keyOf(n)), `record ${n}`).toEqual(payloadOf(n));
    await store.close();
    expect(warnings).toEqual([]);
  });
});

describe("a full disk", () => {
  /** Puts until it fails, tries another key, and prints the error and what can be read after it. */
  const fill = `opened.then(async (store) => {
    let n = 0, error;
    for (; !error && n < 200; n++) await store.put(keyOf(n), payloadOf(n)).catch((thrown) => { error = thrown; });
    const whole = await store.get(keyOf(0));
    await store.close();
    console.log(JSON.stringify({ kept: n - 1, name: error?.name, message: error?.message, whole: whole?.length }));
  });`;

  // a tmpfs of 64 KiB in a mount namespace of its own, which ends with the process
  const mountTiny = `mount -t tmpfs -o size=64k tiny "$FOLDER" && exec "$0" "$@"`;
  const canMount = spawnSync("unshare", ["-m", "sh", "-c", mountTiny, "true"], {
    env: { ...process.env, FOLDER: "/mnt" },
  });

  it.skipIf(canMount.status !== 0)("is one sentence that names the cache and what to do", async () => {
    const folder = await tempFolder();
    const { stdout, stderr } = spawnSync(
      "unshare",
      ["-m", "sh", "-c", mountTiny, process.execPath, ...inOtherProcess(fill)],
      { cwd: root, encoding: "utf8", env: { ...process.env, FOLDER: folder } },
    );
    expect(stderr).toBe("");
    // 64 KiB hold 13 records of 5,036 bytes, less what is left of the last page
    const { kept, ...report } = JSON.parse(stdout);
    expect(kept).toBeGreaterThanOrEqual(11);
    expect(kept).toBeLessThanOrEqual(13);
    expect(report).toEqual({
      name: "UserError",
      message: `No disk space is left for the cache in ${folder}: free some, or choose another place with MOVIE_REVENUE_CACHE.`,
      whole: RECORD_BYTES,
    });
  });

  it.skipIf(process.platform === "win32")("or a limit on file sizes leaves what is kept whole", async () => {
    const folder = await tempFolder();
    // 64 blocks of 512 bytes: six records and part of a seventh
    const { stdout } = spawnSync(
      "sh",
      ["-c", 'ulimit -f 64 && exec "$0" "$@"', process.execPath, ...inOtherProcess(fill)],
      {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, FOLDER: folder },
      },
    );
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ kept: 6, name: "UserError", whole: RECORD_BYTES });
    expect(report.message).toMatch(/could not be written: EFBIG/);
    const store = await openIn(folder);
    for (let n = 0; n < 6; n++) expect(await store.get(keyOf(n))).toEqual(payloadOf(n));
    expect(store.has(keyOf(6))).toBe(false);
    await store.close();
  });
});
