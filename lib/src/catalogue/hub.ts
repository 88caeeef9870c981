import { join } from "node:path";
import { UserError } from "../errors";
import type { ProgressListener } from "../progress";
import { printable } from "./columns";
import { type HubClient, type HubClientOptions, HubError, hubClient } from "./hub-client";
import type { HubFile } from "./hub-download";
import { hasFacts } from "./hub-facts";
import {
  checkName,
  checkRevision,
  commitSchema,
  downloadSnapshot,
  fileSchema,
  isSafePath,
  noteSnapshot,
  readSnapshot,
  type Snapshot,
  snapshotFolder,
  understood,
} from "./hub-snapshot";
import { streamSnapshot } from "./hub-stream";
import { parquetFilesSource } from "./parquet";
import type { Source } from "./source";

/** Where the files go, and how the hub is reached. */
export interface HubOptions extends HubClientOptions {
  /** The folder of caches; the data set goes into `<cache>/hub/<owner>--<name>/<commit>/`. */
  cache: string;
  /** A branch, tag or commit; the main branch where none is given. */
  revision?: string;
  /** Whether whole files are downloaded and kept; otherwise the facts are, and images are read as they are asked for. */
  keepShards?: boolean;
  onProgress?: ProgressListener;
}

/** The branch on which the hub keeps its own conversion of a data set to parquet. */
const CONVERTED = "refs/convert/parquet";

/**
 * The films of `owner/name` on the Hugging Face hub: its parquet files (those in `data/` where there are any, else all,
 * else the hub's own conversion). Without a connection, what is in the cache is used, and a note says so.
 */
export async function hubSource(name: string, options: HubOptions): Promise<Source> {
  checkName("dataset", name);
  const { revision = "main", keepShards = false, onProgress } = options;
  checkRevision("dataset", revision);
  const folder = snapshotFolder(options.cache, "dataset", name);
  const client = await hubClient(name, options);
  const open = async (snapshot: Snapshot, notes: string[]) => {
    const inCache = { folder, notes: [...notes, ...partialNotes(name, snapshot)] };
    const isWhole = (await readSnapshot(folder, snapshot.commit)) !== undefined;
    return isWhole ? openWhole(name, snapshot, inCache) : openStream(client, snapshot, { ...inCache, onProgress });
  };
  const cached = (await readSnapshot(folder, revision)) ?? (await readSnapshot(folder, revision, hasFacts));
  if (cached?.commit === revision && (!keepShards || (await readSnapshot(folder, revision)))) return open(cached, []);
  try {
    const snapshot = await listSnapshot(client, revision);
    if (keepShards) await downloadSnapshot(client, snapshot, { folder, revision, onProgress });
    const source = await open(snapshot, []);
    await noteSnapshot(snapshot, folder, revision);
    return source;
  } catch (thrown) {
    if (!cached || !(thrown instanceof HubError) || !thrown.isPassing) throw thrown;
    return open(cached, [`${firstClause(thrown.message)}: the copy in the cache is used.`]);
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

/** What is in the cache, and what is to be said of it. */
interface InCache {
  folder: string;
  notes: string[];
}

async function openWhole(name: string, { commit, files }: Snapshot, { folder, notes }: InCache): Promise<Source> {
  const paths = files.map(({ path }) => path);
  const source = await parquetFilesSource(paths, { name: `hub:${name}`, folder: join(folder, commit), notes });
  return { ...source, ledger: ledgerPath(folder, commit) };
}

async function openStream(
  client: HubClient,
  snapshot: Snapshot,
  { folder, notes, onProgress }: InCache & { onProgress?: ProgressListener },
): Promise<Source> {
  const source = await streamSnapshot(client, snapshot, { folder, name: `hub:${client.name}`, onProgress });
  return { ...source, notes, ledger: ledgerPath(folder, snapshot.commit) };
}

function ledgerPath(folder: string, commit: string): string {
  return join(folder, commit, "posters.jsonl");
}

function partialNotes(name: string, { files }: Snapshot): string[] {
  const isPartial = files.some(({ path }) => path.includes("partial-"));
  return isPartial ? [`The hub has converted only a part of ${name}: the other rows are not read.`] : [];
}

function firstClause(message: string): string {
  return message.split(": ")[0] ?? message;
}
