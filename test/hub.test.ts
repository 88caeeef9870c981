import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type HubOptions, hubSource } from "movie-revenue/catalogue/hub";
import type { Source } from "movie-revenue/catalogue/source";
import { Interrupted, UserError } from "movie-revenue/errors";
import type { Progress } from "movie-revenue/progress";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { filmRecord, tempFolder, writeFilms } from "./fixtures.ts";
import { closedUrl, type FakeHub, type Fault, MAIN, startHub } from "./hub-server.ts";

/** Two small parquet files: films 1 and 2, film 3. */
let first: Uint8Array;
let second: Uint8Array;
const FIRST = "data/train-00000-of-00002.parquet";
const SECOND = "data/train-00001-of-00002.parquet";

beforeAll(async () => {
  const folder = await tempFolder();
  first = await readFile(await writeFilms(join(folder, "a.parquet"), [filmRecord(1), filmRecord(2)]));
  second = await readFile(await writeFilms(join(folder, "b.parquet"), [filmRecord(3)]));
});
// whoever runs the tests may have both set
beforeEach(() => void vi.stubEnv("HF_TOKEN", "").stubEnv("HF_ENDPOINT", ""));
afterEach(() => void vi.unstubAllEnvs());

async function idsOf(source: Source): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const { facts } of source.rows()) ids.push(facts.id);
  return ids;
}

/** Opens owner/films without sleeping; `waits` hears of each wait in milliseconds. */
async function open(
  hub: { url: string },
  options: Partial<HubOptions> & { cache: string; waits?: number[] },
): Promise<Source> {
  const { waits = [], ...rest } = options;
  return hubSource("owner/films", {
    hubUrl: hub.url,
    keepShards: true,
    delay: async (ms) => void waits.push(ms),
    ...rest,
  });
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  const thrown = await work.then(
    () => new Error("nothing was thrown"),
    (error: Error) => error,
  );
  expect(thrown).toBeInstanceOf(UserError);
  return thrown;
}

const hubWith = (state: Parameters<typeof startHub>[1] = {}) => startHub({ [FIRST]: first, [SECOND]: second }, state);
const inCache = (cache: string, path: string, commit = MAIN) => join(cache, "hub", "owner--films", commit, path);

/** Breaks the next download off once the first file's bytes `from` to `to` are on the disk. */
function cutAt(cache: string, from: number, to: number): Fault {
  const partial = `${inCache(cache, FIRST)}.partial`;
  const once = () =>
    vi.waitUntil(async () => (await stat(partial).catch(() => null))?.size === to, { interval: 5, timeout: 20_000 });
  return { at: "/lfs/", cutAfter: to - from, once };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe("a data set", () => {
  it("is downloaded into the cache, from data/ alone, and read", async () => {
    const other = { "README.md": second, "old/x.parquet": second, "data/notes.txt": second };
    const [hub, cache] = [await startHub({ ...other, [SECOND]: second, [FIRST]: first }), await tempFolder()];
    const source = await open(hub, { cache });
    expect([source.name, source.count, source.notes, await idsOf(source)]).toEqual([
      "hub:owner/films",
      3,
      [],
      [1n, 2n, 3n],
    ]);
    const base = `hub/owner--films`;
    expect(await filesIn(cache)).toEqual([
      `${base}/${MAIN}/${FIRST}`,
      `${base}/${MAIN}/${SECOND}`,
      `${base}/${MAIN}/snapshot.json`,
      `${base}/refs/main.json`,
    ]);
    expect(new Uint8Array(await readFile(inCache(cache, FIRST)))).toEqual(new Uint8Array(first));
    for await (const { where, row } of source.rows()) if (row === 2) expect(where).toBe(`${SECOND} row 0`);
  });

  it("is not downloaded again", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    await open(hub, { cache });
    expect(hub.cdnRequests.length).toBe(2);
    expect(await idsOf(await open(hub, { cache }))).toEqual([1n, 2n, 3n]);
    expect(hub.cdnRequests.length).toBe(2);
  });

  it("named by its commit needs no request once it is complete", async () => {
    const [hub, cache] = [await hubWith({ branches: { main: MAIN, [MAIN]: MAIN } }), await tempFolder()];
    await open(hub, { cache, revision: MAIN });
    const before = hub.hubRequests.length;
    expect(await idsOf(await open(hub, { cache, revision: MAIN }))).toEqual([1n, 2n, 3n]);
    expect(hub.hubRequests.length).toBe(before);
    await rm(inCache(cache, SECOND));
    expect(await idsOf(await open(hub, { cache, revision: MAIN }))).toEqual([1n, 2n, 3n]);
    expect(hub.cdnRequests.length).toBe(3);
  });

  it("that moved on goes into a folder of the new commit", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    await open(hub, { cache });
    const commit = "2".repeat(40);
    hub.branches.main = commit;
    hub.commits[commit] = { [SECOND]: second };
    expect(await idsOf(await open(hub, { cache }))).toEqual([3n]);
    expect(existsSync(inCache(cache, SECOND, commit))).toBe(true);
  });

  it("without parquet files is read from the hub's conversion", async () => {
    const commit = "c".repeat(40);
    const commits: Record<string, Record<string, Uint8Array>> = {
      [MAIN]: { "films.csv": second },
      [commit]: { "default/partial-train/0000.parquet": second },
    };
    const hub = await startHub({}, { branches: { main: MAIN, "refs/convert/parquet": commit }, commits });
    const source = await open(hub, { cache: await tempFolder() });
    expect(await idsOf(source)).toEqual([3n]);
    expect(source.notes).toEqual(["The hub has converted only a part of owner/films: the other rows are not read."]);
  });

  it("reports its download in megabytes", async () => {
    const heard: Progress[] = [];
    await open(await hubWith(), { cache: await tempFolder(), onProgress: (progress) => heard.push(progress) });
    expect(heard.at(-1)).toMatchObject({ task: "downloading owner/films", done: 1, total: 1, unit: "MB" });
  });
});

describe("a broken download", () => {
  it("goes on where the connection was cut", async () => {
    const [hub, cache, waits] = [await hubWith(), await tempFolder(), [] as number[]];
    hub.faults.push(cutAt(cache, 0, 700), cutAt(cache, 700, 1000));
    expect(await idsOf(await open(hub, { cache, waits }))).toEqual([1n, 2n, 3n]);
    expect(hub.cdnRequests.map(({ range }) => range)).toEqual([undefined, "bytes=700-", "bytes=1000-", undefined]);
    // each attempt brought bytes, so the wait never grows
    expect(waits).toEqual([1000, 1000]);
  });

  it("goes on where an interrupted run stopped", async () => {
    const [hub, cache, stop] = [await hubWith(), await tempFolder(), new AbortController()];
    hub.faults.push(cutAt(cache, 0, 700));
    const delay = async () => stop.abort();
    const error = await errorOf(open(hub, { cache, signal: stop.signal, delay }));
    expect(error).toBeInstanceOf(Interrupted);
    expect(error.message).toBe("Interrupted. What is downloaded is kept, and the next run goes on from there.");
    expect(await filesIn(cache)).toEqual([`hub/owner--films/${MAIN}/${FIRST}.partial`]);
    expect(await idsOf(await open(hub, { cache }))).toEqual([1n, 2n, 3n]);
    expect(hub.cdnRequests.map(({ range }) => range)).toEqual([undefined, "bytes=700-", undefined]);
  });

  it("gives up after five answers without a byte", async () => {
    const [hub, cache, waits] = [await hubWith(), await tempFolder(), [] as number[]];
    for (let i = 0; i < 5; i++) hub.faults.push({ at: "/lfs/", cutAfter: 0 });
    const { message } = await errorOf(open(hub, { cache, waits }));
    expect(message).toBe(
      `The connection broke off 5 times in "${FIRST}" of owner/films: run again to go on from there.`,
    );
    expect(waits).toEqual([2000, 4000, 8000, 16000]);
  });

  it("begins again where the server ignores ranges", async () => {
    const [hub, cache] = [await hubWith({ ranges: false }), await tempFolder()];
    hub.faults.push(cutAt(cache, 0, 700));
    expect(await idsOf(await open(hub, { cache }))).toEqual([1n, 2n, 3n]);
    expect(hub.cdnRequests[1]?.range).toBe("bytes=700-");
  });

  it.each([
    ["the wrong bytes", (size: number) => Buffer.alloc(Math.floor(size / 2))],
    ["all bytes, wrong", (size: number) => Buffer.alloc(size)],
    ["too many bytes", (size: number) => Buffer.alloc(size + 1)],
  ])("begins again where the disk has %s of an earlier run", async (_, left) => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    const partial = `${inCache(cache, FIRST)}.partial`;
    await mkdir(dirname(partial), { recursive: true });
    await writeFile(partial, left(first.length));
    expect(await idsOf(await open(hub, { cache }))).toEqual([1n, 2n, 3n]);
    expect(await filesIn(cache)).not.toContain(partial.slice(cache.length + 1));
  });

  it("begins again where the server has no such range", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    const partial = `${inCache(cache, FIRST)}.partial`;
    await mkdir(dirname(partial), { recursive: true });
    await writeFile(partial, first.subarray(0, 700));
    hub.faults.push({ at: "/lfs/", status: 416 });
    expect(await idsOf(await open(hub, { cache }))).toEqual([1n, 2n, 3n]);
    expect(hub.cdnRequests.map(({ range }) => range)).toEqual(["bytes=700-", undefined, undefined]);
  });

  it("asks again where the connection is reset before an answer", async () => {
    const [hub, waits] = [await hubWith(), [] as number[]];
    hub.faults.push({ at: "/revision/", reset: true }, { at: "/lfs/", reset: true });
    expect(await idsOf(await open(hub, { cache: await tempFolder(), waits }))).toEqual([1n, 2n, 3n]);
    expect(waits).toEqual([1000, 1000]);
  });

  it("never leaves a file whose hash is wrong", async () => {
    const listed = (path: string) =>
      path === SECOND ? { lfs: { oid: "0".repeat(64), size: second.length, pointerSize: 1 } } : {};
    const [hub, cache] = [await hubWith({ listed }), await tempFolder()];
    const { message } = await errorOf(open(hub, { cache }));
    expect(message).toBe(`"${SECOND}" of owner/films came with a wrong hash: it was removed, run again.`);
    expect(await filesIn(cache)).toEqual([`hub/owner--films/${MAIN}/${FIRST}`]);
  });
});

describe("the hub's refusals are one sentence", () => {
  it.each([
    [401, {}, "The hub does not let you read owner/films (401): check the name, or set HF_TOKEN to a token that may."],
    [403, {}, "The hub forbids reading owner/films (403): accept its conditions on the hub, and set HF_TOKEN."],
    [404, {}, "The hub has no data set owner/films (404): check its owner and name."],
    [
      404,
      { "X-Error-Code": "RevisionNotFound" },
      "The hub has no such revision of owner/films (404): check the revision.",
    ],
    [418, {}, "The hub answered 418 for owner/films: run again later."],
  ])("%i %o, asked once", async (status, headers, expected) => {
    const [hub, waits] = [await hubWith({ faults: [{ at: "/revision/", status, headers }] }), [] as number[]];
    expect((await errorOf(open(hub, { cache: await tempFolder(), waits }))).message).toBe(expected);
    expect([hub.hubRequests.length, waits]).toEqual([1, []]);
  });

  it.each([
    [429, "The hub has had too many requests (429): wait a few minutes, then run again to go on from here."],
    [503, "The hub failed 5 times for owner/films (503): run again later to go on from here."],
  ])("%i, asked five times with growing waits", async (status, expected) => {
    const [hub, waits] = [await hubWith(), [] as number[]];
    for (let i = 0; i < 5; i++) hub.faults.push({ at: "/tree/", status });
    expect((await errorOf(open(hub, { cache: await tempFolder(), waits }))).message).toBe(expected);
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });

  it("and passing ones are waited out, as long as the hub asks", async () => {
    const [hub, waits] = [await hubWith(), [] as number[]];
    hub.faults.push({ at: "/revision/", status: 429, headers: { "Retry-After": "7" } });
    hub.faults.push({ at: "/tree/", status: 500 }, { at: "/resolve/", status: 502 }, { at: "/lfs/", status: 503 });
    expect(await idsOf(await open(hub, { cache: await tempFolder(), waits }))).toEqual([1n, 2n, 3n]);
    // the redirect and the content are one request: its second failure waits twice as long
    expect(waits).toEqual([7000, 1000, 1000, 2000]);
  });

  it("a web page in place of the hub's answer", async () => {
    const hub = await hubWith({ faults: [{ at: "/revision/", status: 200, body: "<html>log in</html>" }] });
    const { message } = await errorOf(open(hub, { cache: await tempFolder() }));
    expect(message).toBe(`The answers of ${hub.url} are not those of a Hugging Face hub: check HF_ENDPOINT.`);
  });

  it("no parquet files anywhere", async () => {
    const { message } = await errorOf(open(await startHub({ "a.csv": first }), { cache: await tempFolder() }));
    expect(message).toBe(
      "The data set owner/films holds no parquet files, and the hub has not converted it: choose another.",
    );
  });

  it("an address with a password, which is not shown", async () => {
    const { message } = await errorOf(open({ url: "http://me:secret@127.0.0.1" }, { cache: await tempFolder() }));
    expect(message).toBe(
      "The hub's address must not hold a user or password: take it out of HF_ENDPOINT and use HF_TOKEN.",
    );
  });

  it("an address that is none", async () => {
    const { message } = await errorOf(open({ url: "hub.example" }, { cache: await tempFolder() }));
    expect(message).toBe('The hub\'s address "hub.example" is not a web address: correct HF_ENDPOINT.');
  });
});

describe("without a connection", () => {
  it("a complete cache is used, and a note says so", async () => {
    const [hub, cache, url] = [await hubWith(), await tempFolder(), await closedUrl()];
    await open(hub, { cache });
    const source = await open({ url }, { cache });
    expect(await idsOf(source)).toEqual([1n, 2n, 3n]);
    expect(source.notes).toEqual([
      `The hub at ${url} cannot be reached (ECONNREFUSED): the copy in the cache is used.`,
    ]);
  });

  it("an incomplete cache is not", async () => {
    const [hub, cache, url, waits] = [await hubWith(), await tempFolder(), await closedUrl(), [] as number[]];
    await open(hub, { cache });
    await writeFile(inCache(cache, SECOND), second.subarray(0, 100));
    const { message } = await errorOf(open({ url }, { cache, waits }));
    expect(message).toBe(`The hub at ${url} cannot be reached (ECONNREFUSED): check the connection and HF_ENDPOINT.`);
    expect(waits).toEqual([]);
  });

  it("what the hub refuses for good is refused, cache or not", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    await open(hub, { cache });
    hub.faults.push({ at: "/revision/", status: 403 });
    expect((await errorOf(open(hub, { cache }))).message).toContain("(403)");
  });
});

describe("HF_TOKEN", () => {
  const token = "hf_testTokenOnly";

  it("goes to the hub and to nobody else", async () => {
    vi.stubEnv("HF_TOKEN", `${token}\n`);
    const hub = await hubWith({ token });
    expect(await idsOf(await open(hub, { cache: await tempFolder() }))).toEqual([1n, 2n, 3n]);
    expect(new Set(hub.hubRequests.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${token}`]));
    expect(hub.cdnRequests.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it("does not follow the listing to another host", async () => {
    vi.stubEnv("HF_TOKEN", token);
    const thief = await startHub({});
    const hub = await hubWith({ nextPage: `${thief.url}/steal` });
    await errorOf(open(hub, { cache: await tempFolder() }));
    expect(thief.hubRequests).toEqual([{ url: "/steal", range: undefined, authorization: undefined }]);
  });

  it("is never shown", async () => {
    vi.stubEnv("HF_TOKEN", token);
    const hub: FakeHub = await hubWith({ token: "hf_another" });
    expect((await errorOf(open(hub, { cache: await tempFolder() }))).message).not.toContain(token);
    vi.stubEnv("HF_TOKEN", "secret words");
    const { message } = await errorOf(open(hub, { cache: await tempFolder() }));
    expect(message).toBe("HF_TOKEN does not hold a token of the hub (hf_…): correct or unset it.");
  });
});

it("HF_ENDPOINT names the hub where no address is given", async () => {
  const hub = await hubWith();
  vi.stubEnv("HF_ENDPOINT", `${hub.url}/`);
  expect((await hubSource("owner/films", { keepShards: true, cache: await tempFolder() })).count).toBe(3);
});

describe("nothing is written outside the cache", () => {
  it.each([
    "films",
    "a/b/c",
    "../films",
    "owner/..",
    "owner/.films",
    "owner/a--b",
    "owner/fi lms",
    "/films",
    "owner/",
    "owner\\x/y",
    "https://x/y",
    "o/n?x",
    "o/n%2f..",
  ])("%s is no name", async (name) => {
    const { message } = await errorOf(hubSource(name, { cache: await tempFolder(), hubUrl: "http://127.0.0.1:9" }));
    expect(message).toBe(`${JSON.stringify(name)} is no name of a data set on the hub: write owner/name.`);
  });

  it.each(["../x", "a b", "", "-x"])("%j is no revision", async (revision) => {
    const { message } = await errorOf(open({ url: "http://127.0.0.1:9" }, { cache: await tempFolder(), revision }));
    expect(message).toBe(`${JSON.stringify(revision)} is no revision of a data set: give a branch, a tag or a commit.`);
  });

  it.each([
    "../../evil.parquet",
    "/evil.parquet",
    "data/../../evil.parquet",
    "data/..\\evil.parquet",
    "data/.parquet",
    "C:/evil.parquet",
    "data//evil.parquet",
    "data/e\u0000.parquet",
  ])("%j is not downloaded", async (path) => {
    const [hub, cache] = [
      await startHub({ "data/x.parquet": first }, { listed: () => ({ path }) }),
      await tempFolder(),
    ];
    const { message } = await errorOf(open(hub, { cache }));
    expect(message).toMatch(/^owner\/films lists a file ".*", which could lie outside the cache\.$/);
    expect([hub.cdnRequests, await filesIn(cache)]).toEqual([[], []]);
  });

  it("a commit that is no hash is refused", async () => {
    const { message } = await errorOf(
      open(await hubWith({ branches: { main: "../../x" } }), { cache: await tempFolder() }),
    );
    expect(message).toContain("are not those of a Hugging Face hub");
  });
});

describe("the disk", () => {
  it.skipIf(!existsSync("/dev/full"))("that is full is named", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    const partial = `${inCache(cache, FIRST)}.partial`;
    await mkdir(dirname(partial), { recursive: true });
    // a device on which every write fails for want of space
    await symlink("/dev/full", partial);
    const { message } = await errorOf(open(hub, { cache }));
    expect(message).toBe(`No disk space is left to write ${partial}: free some and run the command again.`);
  });

  it("that has a file in the cache's place is named", async () => {
    const cache = join(await tempFolder(), "cache");
    await writeFile(cache, "");
    const { message } = await errorOf(open(await hubWith(), { cache }));
    expect(message).toMatch(/cache\/hub\/owner--films\/1+\/data could not be written: ENOTDIR/);
  });
});
