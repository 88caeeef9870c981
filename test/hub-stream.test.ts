import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hubSource } from "movie-revenue/catalogue/hub";
import type { RawPoster, Source } from "movie-revenue/catalogue/source";
import { makeConfig } from "movie-revenue/config";
import { Interrupted, UserError } from "movie-revenue/errors";
import { postersOf } from "movie-revenue/gallery";
import { prepare, summarise } from "movie-revenue/prepare";
import type { Progress } from "movie-revenue/progress";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { filmRecord, jpeg, tempFolder, writeFilms } from "./fixtures.ts";
import { closedUrl, type FakeHub, MAIN, startHub } from "./hub-server.ts";

/** Two shards of 2 row groups of 3 films; of the second group of the first shard none earned enough. */
const SHARDS = ["data/train-0.parquet", "data/train-1.parquet"] as const;
const [GROUPS, ROWS] = [2, 3];
let folder: string;
const files: Record<string, Uint8Array> = {};

beforeAll(async () => {
  folder = await tempFolder();
  for (const [shard, path] of SHARDS.entries()) {
    const films = Array.from({ length: GROUPS * ROWS }, async (_, i) => {
      const id = 1 + shard * GROUPS * ROWS + i;
      // some 18 KB of noise each: larger than what lies between is read for the sake of one request
      const image = { bytes: await jpeg({ width: 150, height: 220, seed: id }), path: null };
      return filmRecord(id, { image, revenue: shard === 0 && i >= ROWS ? 5 : 2e7 + id });
    });
    const file = await writeFilms(join(folder, path.slice(5)), await Promise.all(films), { rowGroupSize: ROWS });
    files[path] = new Uint8Array(await readFile(file));
  }
});
beforeEach(() => void vi.stubEnv("HF_TOKEN", "").stubEnv("HF_ENDPOINT", ""));
afterEach(() => void vi.unstubAllEnvs());

const hubWith = (state: Parameters<typeof startHub>[1] = {}) => startHub(files, state);

/** What `prepare` says of a source; the cache is a folder of the caller's. */
async function prepared(source: string, cache: string, hub?: { url: string }, options: object = {}) {
  vi.stubEnv("MOVIE_REVENUE_CACHE", cache).stubEnv("HF_ENDPOINT", hub?.url ?? "");
  return prepare(makeConfig({ data: source, set: ["split.test=0.2", "split.validation=0.2"] }), options);
}

/** Opens owner/films without sleeping; `waits` hears of each wait in milliseconds. */
const open = (hub: { url: string }, cache: string, waits: number[] = []): Promise<Source> =>
  hubSource("owner/films", { hubUrl: hub.url, cache, delay: async (ms) => void waits.push(ms) });

async function readPosters(source: Source, rows: number[]): Promise<RawPoster[]> {
  const posters: RawPoster[] = [];
  for await (const poster of source.posters(rows)) posters.push(poster);
  return posters;
}

async function idsOf(source: Source): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const { facts } of source.rows()) ids.push(facts.id);
  return ids;
}

/** Ranges longer than what is asked for at the end of a file: the images of a group, of 66 KB each. */
const imageRequests = ({ cdnRequests }: FakeHub) =>
  cdnRequests.filter(({ range = "" }) => {
    const [from = 0, to = 0] = range.replace("bytes=", "").split("-").map(Number);
    return to - from > 65_536;
  }).length;

const messageOf = async (work: Promise<unknown>) => {
  const thrown = await work.then(
    () => "nothing was thrown",
    (error: Error) => error,
  );
  expect(thrown).toBeInstanceOf(UserError);
  return (thrown as Error).message;
};

describe("a streamed data set", () => {
  it("is prepared as the same files on this disk are, and keeps no file of the hub", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    const { source: _hub, notes: _none, ...streamed } = await prepared("hub:owner/films", cache, hub);
    const { source: _local, notes: _nothing, ...local } = await prepared(folder, await tempFolder());
    expect(streamed).toEqual(local);
    expect([streamed.rows, streamed.films.length]).toEqual([12, 9]);
    await expect(readFile(join(cache, "hub/owner--films", MAIN, SHARDS[0]))).rejects.toThrow("ENOENT");
  });

  it("downloads the images of those row groups alone that hold a wanted film, and nothing twice", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    const first = await prepared("hub:owner/films", cache, hub);
    expect(imageRequests(hub)).toBe(3);
    const before = hub.cdnRequests.length;
    expect(summarise(await prepared("hub:owner/films", cache, hub))).toEqual(summarise(first));
    expect(hub.cdnRequests.length).toBe(before);
    const offline = await prepared("hub:owner/films", cache, { url: await closedUrl() });
    expect(offline.fingerprint).toBe(first.fingerprint);
    expect(offline.notes[0]).toMatch(/^The hub at .* cannot be reached.*: the copy in the cache is used\.$/);
  });

  it("looks again at the posters kept, not at the hub, for another size of picture", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    await prepared("hub:owner/films", cache, hub);
    const before = hub.cdnRequests.length;
    const tall = ["split.test=0.2", "split.validation=0.2", "model.height=320"];
    const seen = await prepare(makeConfig({ data: "hub:owner/films", set: tall }));
    const local = await prepare(makeConfig({ data: folder, set: tall }));
    expect(seen.films).toEqual(local.films);
    expect(hub.cdnRequests.length).toBe(before);
  });

  it("shows the posters that are kept, and downloads none again", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    const { films } = await prepared("hub:owner/films", cache, hub);
    const before = hub.hubRequests.length;
    const shown: unknown[] = [];
    for await (const { film, image } of postersOf(makeConfig({ data: "hub:owner/films" }), films.slice(0, 4))) {
      expect(image).toEqual(await jpeg({ width: 150, height: 220, seed: film.id }));
      shown.push(film.id);
    }
    expect(shown).toEqual([1, 2, 3, 7]);
    expect(hub.hubRequests.length).toBe(before);
  });

  it("goes on after an interruption without what was finished, to the same result", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    const controller = new AbortController();
    const onProgress = ({ task, done }: Progress) => {
      if (task === "downloading owner/films" && done >= 7) controller.abort();
    };
    // each step is told, not one every 200 ms
    const clock = vi.spyOn(performance, "now");
    let now = 0;
    clock.mockImplementation(() => (now += 1000));
    const broken = prepared("hub:owner/films", cache, hub, { onProgress, signal: controller.signal });
    await expect(broken).rejects.toThrow(Interrupted);
    clock.mockRestore();
    const before = imageRequests(hub);
    const resumed = await prepared("hub:owner/films", cache, hub);
    // of three groups one is finished at least
    expect(imageRequests(hub) - before).toBeLessThan(3);
    const fresh = await prepared("hub:owner/films", await tempFolder(), await hubWith());
    expect(resumed).toEqual(fresh);
  });

  it("reports posters and bytes", async () => {
    const heard: Progress[] = [];
    const hub = await hubWith();
    await prepared("hub:owner/films", await tempFolder(), hub, { onProgress: (told: Progress) => heard.push(told) });
    const last = heard.filter(({ task }) => task === "downloading owner/films").at(-1);
    expect(last).toMatchObject({ done: 9, total: 9, unit: "posters", detail: expect.stringMatching(/^0\.\d MB$/) });
  });

  it("is refused where a model looks closer than posters are kept", async () => {
    vi.stubEnv("MOVIE_REVENUE_CACHE", await tempFolder()).stubEnv("HF_ENDPOINT", (await hubWith()).url);
    const config = makeConfig({ data: "hub:owner/films", set: ["model.width=256"] });
    expect(await messageOf(prepare(config))).toBe(
      "hub:owner/films: its posters are kept for models of 224 × 320 at most, and model.width × model.height is " +
        "256 × 224: download the set and give its folder as --data.",
    );
  });
});

describe("a bad line", () => {
  it("of refusals, failures and cut connections gives every row and poster once", async () => {
    const faults = [
      { at: "/lfs/", status: 429, headers: { "Retry-After": "7" } },
      { at: "/lfs/", status: 503 },
      { at: "/lfs/", reset: true },
      ...[0, 3, 900].map((cutAfter) => ({ at: "/lfs/", cutAfter })),
    ];
    const [hub, waits] = [await hubWith({ faults }), [] as number[]];
    const source = await open(hub, await tempFolder(), waits);
    hub.faults.push(...[5, 20_000].map((cutAfter) => ({ at: "/lfs/", cutAfter })), { at: "/lfs/", status: 500 });
    expect(await idsOf(source)).toEqual(Array.from({ length: 12 }, (_, i) => BigInt(i + 1)));
    const posters = await readPosters(source, [0, 4, 11]);
    expect(posters.map(({ row }) => row)).toEqual([0, 4, 11]);
    for (const { row, bytes } of posters) {
      expect(bytes).toEqual(await jpeg({ width: 150, height: 220, seed: row + 1 }));
    }
    expect(waits).toContain(7000);
    expect(hub.faults).toEqual([]);
  });

  it("that always breaks off ends in a sentence", async () => {
    const faults = Array.from({ length: 60 }, () => ({ at: "/lfs/", cutAfter: 0 }));
    expect(await messageOf(open(await hubWith({ faults }), await tempFolder()))).toMatch(
      /^The connection broke off 5 times in "data\/train-0\.parquet" of owner\/films: run again to go on from there\.$/,
    );
  });
});

describe("a shard that changed", () => {
  const CHANGED =
    '"data/train-0.parquet" of owner/films has changed since it was begun: delete its folder in the cache (hub/) and run again.';

  it("between two requests is noticed by its ETag", async () => {
    const hub = await hubWith();
    const source = await open(hub, await tempFolder());
    hub.etag = '"another"';
    expect(await messageOf(readPosters(source, [0]))).toBe(CHANGED);
  });

  it("between two runs is noticed by its ETag, and by the hash that the hub lists", async () => {
    const [hub, cache] = [await hubWith(), await tempFolder()];
    await open(hub, cache);
    hub.etag = '"another"';
    expect(await messageOf(readPosters(await open(hub, cache), [0]))).toBe(CHANGED);
    hub.listed = (path) => ({ lfs: { oid: "0".repeat(64), size: files[path]!.length, pointerSize: 134 } });
    expect(await messageOf(open(hub, cache))).toBe(CHANGED);
  });
});

it.skipIf(!existsSync("/dev/full"))("a full disk ends in a sentence; with space, facts are whole", async () => {
  const [hub, cache] = [await hubWith(), await tempFolder()];
  const begun = join(cache, "hub/owner--films", MAIN, "facts", `${SHARDS[1]}.bin.partial`);
  await mkdir(dirname(begun), { recursive: true });
  await symlink("/dev/full", begun);
  expect(await messageOf(prepared("hub:owner/films", cache, hub))).toBe(
    `No disk space is left to write ${begun}: free some and run the command again.`,
  );
  await rm(begun);
  const { fingerprint } = await prepared("hub:owner/films", cache, hub);
  expect(fingerprint).toBe((await prepared(folder, await tempFolder())).fingerprint);
});

it("a server that sends whole files only is named, with the way round", async () => {
  expect(await messageOf(open(await hubWith({ ranges: false }), await tempFolder()))).toBe(
    "owner/films: the server sends whole files only, not parts of them: set data.keepShards=true to download all.",
  );
});

it("a gated set without a token ends in a sentence", async () => {
  const hub = await hubWith({ token: "hf_secret" });
  expect(await messageOf(open(hub, await tempFolder()))).toMatch(/^The hub does not let you read owner\/films \(401\)/);
});
