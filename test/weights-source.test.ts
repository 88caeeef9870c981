import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Interrupted, UserError } from "movie-revenue/errors";
import { defaultWeights, resolveWeights, type WeightsOptions } from "movie-revenue/model/weights-source";
import type { Progress } from "movie-revenue/progress";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tempFolder } from "./fixtures.ts";
import { closedUrl, type HubState, MAIN, sha256, startHub } from "./hub-server.ts";

const FILE = "model.safetensors";
/** What a weights file holds does not matter here: it is moved, not read. */
const content = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) % 251);
const model = (state: Partial<HubState> = {}, files: Record<string, Uint8Array> = { [FILE]: content }) =>
  startHub({ "README.md": content.subarray(1), ...files }, { repository: "models/owner/net", ...state });

// whoever runs the tests may have both set
beforeEach(() => void vi.stubEnv("HF_TOKEN", "").stubEnv("HF_ENDPOINT", ""));
afterEach(() => void vi.unstubAllEnvs());

/** Resolves without sleeping; `waits` hears of each wait in milliseconds. */
function resolve(
  hub: { url: string },
  { waits = [], source = "hub:owner/net", ...options }: Partial<WeightsOptions> & Asked,
): Promise<string> {
  return resolveWeights(source, { cache: "", hubUrl: hub.url, delay: async (ms) => void waits.push(ms), ...options });
}
interface Asked {
  source?: string;
  waits?: number[];
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => new Error("nothing was thrown"),
    (error: Error) => error,
  );
  expect(thrown).toBeInstanceOf(UserError);
  return thrown.message;
}

const inCache = (cache: string, commit = MAIN) => join(cache, "hub", "models--owner--net", commit, FILE);
const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

describe("weights of the hub", () => {
  it("are one file, downloaded into the cache beside nothing else", async () => {
    const [hub, cache, heard] = [await model(), await tempFolder(), [] as Progress[]];
    const path = await resolve(hub, { cache, onProgress: (progress) => heard.push(progress) });
    expect(path).toBe(inCache(cache));
    expect(sha256(await readFile(path))).toBe(sha256(content));
    expect(await filesIn(cache)).toEqual(["main.json", FILE, "snapshot.json"]);
    expect(hub.cdnRequests).toHaveLength(1);
    expect(heard.at(-1)).toMatchObject({ task: "downloading owner/net", done: 1, total: 1, unit: "MB" });
  });

  it("are not asked for again, though the branch has moved on", async () => {
    const [hub, cache] = [await model(), await tempFolder()];
    await resolve(hub, { cache });
    const before = hub.hubRequests.length;
    hub.branches.main = "2".repeat(40);
    expect(await resolve(hub, { cache })).toBe(inCache(cache));
    expect(await resolve({ url: await closedUrl() }, { cache })).toBe(inCache(cache));
    expect(hub.hubRequests).toHaveLength(before);
  });

  it("may be those of a revision", async () => {
    const commit = "2".repeat(40);
    const other = content.toReversed();
    const hub = await model({
      branches: { main: MAIN, v2: commit, [commit]: commit },
      commits: { [MAIN]: { [FILE]: content }, [commit]: { [FILE]: other } },
    });
    const cache = await tempFolder();
    for (const source of ["hub:owner/net@v2", `hub:owner/net@${commit}`]) {
      const path = await resolve(hub, { cache, source });
      expect([path, sha256(await readFile(path))]).toEqual([inCache(cache, commit), sha256(other)]);
    }
    expect(hub.cdnRequests).toHaveLength(1);
  });

  it("go on where an interrupted run stopped", async () => {
    const [hub, cache, stop] = [await model(), await tempFolder(), new AbortController()];
    const partial = `${inCache(cache)}.partial`;
    const once = () => vi.waitUntil(() => existsSync(partial) && readSize(partial, 1000), { interval: 5 });
    hub.faults.push({ at: "/lfs/", cutAfter: 1000, once });
    const stopped = resolve(hub, { cache, signal: stop.signal, delay: async () => stop.abort() });
    await expect(stopped).rejects.toThrow(Interrupted);
    expect(await filesIn(cache)).toEqual([`${FILE}.partial`]);
    expect(sha256(await readFile(await resolve(hub, { cache })))).toBe(sha256(content));
    expect(hub.cdnRequests.map(({ range }) => range)).toEqual([undefined, "bytes=1000-"]);
  });

  it("come with the user's token, which the server of the contents does not see", async () => {
    const token = "hf_mine";
    vi.stubEnv("HF_TOKEN", token);
    const hub = await model({ token });
    await resolve(hub, { cache: await tempFolder() });
    expect(hub.hubRequests.every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
    expect(hub.cdnRequests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("are found at HF_ENDPOINT where no address is given", async () => {
    const [hub, cache] = [await model(), await tempFolder()];
    vi.stubEnv("HF_ENDPOINT", hub.url);
    expect(await resolveWeights("hub:owner/net", { cache })).toBe(inCache(cache));
  });
});

const readSize = async (path: string, size: number) => (await readFile(path)).length === size;
const OTHERWISE = "or give the weights as a file (--weights FILE).";

describe("what the hub refuses or breaks is one sentence that says what to do, and leaves nothing half-written", () => {
  it.each([
    [401, `The hub does not let you read owner/net (401): check the name, or set HF_TOKEN to a token that may`],
    [403, `The hub forbids reading owner/net (403): accept its conditions on the hub, and set HF_TOKEN`],
    [404, `The hub has no model owner/net (404): check its owner and name`],
  ])("%i", async (status, expected) => {
    const [hub, cache] = [await model({ faults: [{ at: "/revision/", status }] }), await tempFolder()];
    expect(await messageOf(resolve(hub, { cache }))).toBe(`${expected}, ${OTHERWISE}`);
    expect(await filesIn(cache)).toEqual([]);
  });

  it("a connection that breaks off without a byte, five times", async () => {
    const [hub, cache, waits] = [await model(), await tempFolder(), [] as number[]];
    for (let i = 0; i < 5; i++) hub.faults.push({ at: "/lfs/", cutAfter: 0 });
    expect(await messageOf(resolve(hub, { cache, waits }))).toBe(
      `The connection broke off 5 times in "${FILE}" of owner/net: run again to go on from there, ${OTHERWISE}`,
    );
    expect(waits).toEqual([2000, 4000, 8000, 16000]);
    expect(await filesIn(cache)).toEqual([`${FILE}.partial`]);
  });

  it("other bytes than the hub's hash tells", async () => {
    const listed = () => ({ lfs: { oid: "0".repeat(64), size: content.length, pointerSize: 1 } });
    const [hub, cache] = [await model({ listed }), await tempFolder()];
    expect(await messageOf(resolve(hub, { cache }))).toBe(
      `"${FILE}" of owner/net came with a wrong hash: it was removed, run again, ${OTHERWISE}`,
    );
    expect(await filesIn(cache)).toEqual([]);
  });

  it("bytes that an earlier run left and that are wrong are not built upon", async () => {
    const [hub, cache] = [await model(), await tempFolder()];
    await mkdir(dirname(inCache(cache)), { recursive: true });
    await writeFile(`${inCache(cache)}.partial`, new Uint8Array(500));
    expect(sha256(await readFile(await resolve(hub, { cache })))).toBe(sha256(content));
    expect(await filesIn(cache)).toEqual(["main.json", FILE, "snapshot.json"]);
  });

  it("nobody at the address", async () => {
    const [url, cache] = [await closedUrl(), await tempFolder()];
    expect(await messageOf(resolve({ url }, { cache }))).toBe(
      `The hub at ${url} cannot be reached (ECONNREFUSED): check the connection and HF_ENDPOINT, ${OTHERWISE}`,
    );
  });

  it("a model without the file, without its hash, or with too large a file", async () => {
    const cache = await tempFolder();
    expect(await messageOf(resolve(await model({}, {}), { cache }))).toBe(
      `The model owner/net holds no ${FILE}: choose another, ${OTHERWISE}`,
    );
    expect(await messageOf(resolve(await model({ listed: () => ({ lfs: undefined }) }), { cache }))).toBe(
      `The hub tells no hash of ${FILE} of owner/net: choose another, ${OTHERWISE}`,
    );
    const listed = () => ({ lfs: { oid: sha256(content), size: 5e9, pointerSize: 134 } });
    const hub = await model({ listed });
    expect(await messageOf(resolve(hub, { cache }))).toBe(
      `The model owner/net holds 5000 MB, more than the 1000 MB that are taken: choose another, ${OTHERWISE}`,
    );
    expect([hub.cdnRequests, await filesIn(cache)]).toEqual([[], []]);
  });

  it("a web page in place of an answer", async () => {
    const hub = await model({ faults: [{ at: "/paths-info/", status: 200, body: "<html>log in</html>" }] });
    expect(await messageOf(resolve(hub, { cache: await tempFolder() }))).toBe(
      `The answers of ${hub.url} are not those of a Hugging Face hub: check HF_ENDPOINT.`,
    );
  });

  it.each([
    ["hub:", '"" is no name of a model on the hub: write owner/name.'],
    ["hub:../../etc", '"../../etc" is no name of a model on the hub: write owner/name.'],
    ["hub:o/n@../x", '"../x" is no revision of a model: give a branch, a tag or a commit.'],
    ["hub:o/n@", '"" is no revision of a model: give a branch, a tag or a commit.'],
  ])("%s", async (source, expected) => {
    expect(await messageOf(resolve({ url: "http://127.0.0.1:9" }, { cache: "", source }))).toBe(expected);
  });
});

describe("weights on the disk", () => {
  it("are the file that is given, and must be there", async () => {
    const path = join(await tempFolder(), "mine.safetensors");
    expect(await messageOf(resolveWeights(path, { cache: "" }))).toBe(`There is no file ${path}.`);
    await writeFile(path, content);
    expect(await resolveWeights(path, { cache: "" })).toBe(path);
  });

  it("are set-up's by default, and the hub's for a backbone that set-up has no weights of", async () => {
    const lite0 = defaultWeights("efficientnet-lite0");
    expect(await resolveWeights("default", { cache: "" })).toBe(lite0);
    const [hub, cache] = [await model({ repository: "models/timm/resnet50.tv_in1k" }), await tempFolder()];
    expect(await resolve(hub, { source: "default", backbone: "resnet50", cache })).toBe(
      join(cache, "hub", "models--timm--resnet50.tv_in1k", MAIN, FILE),
    );
    expect(await messageOf(resolveWeights("default", { cache: "", backbone: "none" }))).toMatch(
      /none\.safetensors are missing: run `node scripts\/setup\.mjs`\.$/,
    );
  });
});
