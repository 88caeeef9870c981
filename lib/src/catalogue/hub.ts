import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors";
import { writeJson } from "../files";
import { type ProgressListener, ProgressMeter } from "../progress";
import { printable } from "./columns";
import { type HubClient, type HubClientOptions, HubError, hubClient } from "./hub-client";
import { downloadFile, type HubFile, sizeOf } from "./hub-download";
import { parquetFilesSource } from "./parquet";
import type { Source } from "./source";

/** Where the files go, and how the hub is reached. */
export interface HubOptions extends HubClientOptions {
  /** The folder of caches; the data set goes into `<cache>/hub/<owner>--<name>/<commit>/`. */
  cache: string;
  /** A branch, tag or commit; the main branch where none is given. */
  revision?: string;
  onProgress?: ProgressListener;
}

/** The branch on which the hub keeps its own conversion of a data set to parquet. */
const CONVERTED = "refs/convert/parquet";

/**
 * The films of `owner/name` on the Hugging Face hub: its parquet files (those in `data/` where there are any, else all,
 * else the hub's own conversion), downloaded once and then read from the cache. Without a connection, a complete copy
 * in the cache is used, and a note says so.
 */
export async function hubSource(name: string, options: HubOptions): Promise<Source> {
  checkName(name);
  const { revision = "main" } = options;
  checkRevision(revision);
  const folder = join(options.cache, "hub", name.replace("/", "--"));
  const cached = await readSnapshot(folder, revision);
  if (cached?.commit === revision) return openSnapshot(name, folder, cached, []);
  try {
    const client = await hubClient(name, options);
    const snapshot = await listSnapshot(client, revision);
    await downloadSnapshot(client, snapshot, folder, options.onProgress);
    await writeJson(join(folder, snapshot.commit, "snapshot.json"), snapshot);
    await writeJson(refPath(folder, revision), { commit: snapshot.commit });
    return await openSnapshot(name, folder, snapshot, []);
  } catch (thrown) {
    if (!cached || !(thrown instanceof HubError) || !thrown.isPassing) throw thrown;
    return openSnapshot(name, folder, cached, [`${firstClause(thrown.message)}: the copy in the cache is used.`]);
  }
}

/** The parquet files of one commit. */
interface Snapshot {
  commit: string;
  files: HubFile[];
}

const commitSchema = z.string().regex(/^[0-9a-f]{40}$/);
const fileSchema = z.object({
  path: z.string(),
  size: z.int().nonnegative(),
  sha256: z.optional(z.string().regex(/^[0-9a-f]{64}$/)),
});
const refSchema = z.object({ commit: commitSchema });
const snapshotSchema = z.object({
  commit: commitSchema,
  files: z.array(fileSchema.refine(({ path }) => isSafePath(path))).min(1),
});

async function listSnapshot(client: HubClient, revision: string): Promise<Snapshot> {
  const own = await listParquet(client, revision);
  if (own.files.length > 0) return own;
  const none = `The data set ${client.name} holds no parquet files, and the hub has not converted it: choose another.`;
  if (revision !== "main") throw new UserError(none);
  const converted = await listParquet(client, CONVERTED).catch((thrown) => {
    throw thrown instanceof HubError && thrown.status === 404 ? new UserError(none) : thrown;
  });
  if (converted.files.length === 0) throw new UserError(none);
  return converted;
}

async function listParquet(client: HubClient, revision: string): Promise<Snapshot> {
  const { datasetInfo, listFiles } = await import("@huggingface/hub");
  const shared = { hubUrl: client.url, accessToken: client.token, fetch: client.fetch };
  const files: HubFile[] = [];
  const commit = await understood(client, async () => {
    const { sha } = await datasetInfo({ name: client.name, revision, additionalFields: ["sha"], ...shared });
    const repo = { type: "dataset" as const, name: client.name };
    const found = listFiles({ repo, recursive: true, revision: commitSchema.parse(sha), ...shared });
    for await (const { type, path, size, lfs } of found) {
      if (type !== "file" || !/\.parquet$/i.test(path)) continue;
      files.push(fileSchema.parse({ path, size: lfs?.size ?? size, sha256: lfs?.oid }));
    }
    return sha;
  });
  return { commit, files: chosenOf(client.name, files) };
}

function chosenOf(name: string, files: readonly HubFile[]): HubFile[] {
  const unsafe = files.find(({ path }) => !isSafePath(path));
  if (unsafe) throw new UserError(`${name} lists a file ${printable(unsafe.path)}, which could lie outside the cache.`);
  const data = files.filter(({ path }) => path.startsWith("data/"));
  return [...(data.length > 0 ? data : files)].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Turns whatever else goes wrong in reading the hub's answers, as HTML in place of JSON, into one sentence. */
async function understood<T>(client: HubClient, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    throw new UserError(`The answers of ${client.url} are not those of a Hugging Face hub: check HF_ENDPOINT.`);
  }
}

async function downloadSnapshot(
  client: HubClient,
  { commit, files }: Snapshot,
  folder: string,
  listener: ProgressListener | undefined,
): Promise<void> {
  const megabytes = (bytes: number) => Math.ceil(bytes / 1e6);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const meter = new ProgressMeter(`downloading ${client.name}`, "MB", listener, megabytes(total));
  let bytes = 0;
  const onBytes = (more: number) => {
    meter.advance(megabytes(bytes + more) - megabytes(bytes));
    bytes += more;
  };
  for (const file of files) await downloadFile(client, file, { commit, folder: join(folder, commit), onBytes });
}

function openSnapshot(name: string, folder: string, { commit, files }: Snapshot, notes: string[]): Promise<Source> {
  const partial = files.some(({ path }) => path.includes("partial-"));
  const also = partial ? [`The hub has converted only a part of ${name}: the other rows are not read.`] : [];
  const paths = files.map(({ path }) => path);
  return parquetFilesSource(paths, { name: `hub:${name}`, folder: join(folder, commit), notes: [...notes, ...also] });
}

/** What is in the cache for a revision, if all of it is there. */
async function readSnapshot(folder: string, revision: string): Promise<Snapshot | undefined> {
  const isCommit = commitSchema.safeParse(revision).success;
  const ref = isCommit ? { commit: revision } : refSchema.safeParse(await readIfThere(refPath(folder, revision))).data;
  if (!ref) return undefined;
  const { data } = snapshotSchema.safeParse(await readIfThere(join(folder, ref.commit, "snapshot.json")));
  if (data?.commit !== ref.commit) return undefined;
  for (const { path, size } of data.files)
    if ((await sizeOf(join(folder, ref.commit, path))) !== size) return undefined;
  return data;
}

function refPath(folder: string, revision: string): string {
  return join(folder, "refs", `${encodeURIComponent(revision)}.json`);
}

async function readIfThere(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

function checkName(name: string): void {
  const part = /^\w(?:[\w.-]{0,94}\w)?$/;
  const parts = name.split("/");
  if (parts.length === 2 && parts.every((word) => part.test(word) && !/--|\.\./.test(word))) return;
  throw new UserError(`${printable(name)} is no name of a data set on the hub: write owner/name.`);
}

function checkRevision(revision: string): void {
  if (/^[\w][\w./-]{0,99}$/.test(revision) && !revision.includes("..")) return;
  throw new UserError(`${printable(revision)} is no revision of a data set: give a branch, a tag or a commit.`);
}

/** True where joining the path to a folder stays inside the folder, on any system, and needs no escape in a message. */
function isSafePath(path: string): boolean {
  const parts = path.split("/");
  return path.length <= 500 && parts.every((part) => /^[^\\:*?"<>|\p{C}]+$/u.test(part) && !/^\.|\.$/.test(part));
}

function firstClause(message: string): string {
  return message.split(": ")[0] ?? message;
}
