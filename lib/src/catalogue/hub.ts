import { join } from "node:path";
import { UserError } from "../errors";
import type { ProgressListener } from "../progress";
import { printable } from "./columns";
import { type HubClient, type HubClientOptions, HubError, hubClient } from "./hub-client";
import type { HubFile } from "./hub-download";
import {
  checkName,
  checkRevision,
  commitSchema,
  downloadSnapshot,
  fileSchema,
  isSafePath,
  readSnapshot,
  type Snapshot,
  snapshotFolder,
  understood,
} from "./hub-snapshot";
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
  checkName("dataset", name);
  const { revision = "main" } = options;
  checkRevision("dataset", revision);
  const folder = snapshotFolder(options.cache, "dataset", name);
  const cached = await readSnapshot(folder, revision);
  if (cached?.commit === revision) return openSnapshot(name, folder, cached, []);
  try {
    const client = await hubClient(name, options);
    const snapshot = await listSnapshot(client, revision);
    await downloadSnapshot(client, snapshot, { folder, revision, onProgress: options.onProgress });
    return await openSnapshot(name, folder, snapshot, []);
  } catch (thrown) {
    if (!cached || !(thrown instanceof HubError) || !thrown.isPassing) throw thrown;
    return openSnapshot(name, folder, cached, [`${firstClause(thrown.message)}: the copy in the cache is used.`]);
  }
}

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

function openSnapshot(name: string, folder: string, { commit, files }: Snapshot, notes: string[]): Promise<Source> {
  const partial = files.some(({ path }) => path.includes("partial-"));
  const also = partial ? [`The hub has converted only a part of ${name}: the other rows are not read.`] : [];
  const paths = files.map(({ path }) => path);
  return parquetFilesSource(paths, { name: `hub:${name}`, folder: join(folder, commit), notes: [...notes, ...also] });
}

function firstClause(message: string): string {
  return message.split(": ")[0] ?? message;
}
