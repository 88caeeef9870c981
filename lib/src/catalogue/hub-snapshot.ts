import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors";
import { type ProgressListener, ProgressMeter } from "../progress";
import { writeJson } from "../system/files";
import { printable } from "./columns";
import { type HubClient, KIND_WORDS, type RepoKind } from "./hub-client";
import { downloadFile, type HubFile, sizeOf } from "./hub-download";

/** The files of one commit that are wanted. */
export interface Snapshot {
  commit: string;
  files: HubFile[];
}

/** A commit of the hub. */
export const commitSchema = z.string().regex(/^[0-9a-f]{40}$/);
/** A file as the hub lists it; `isSafePath` is still to be asked. */
export const fileSchema = z.object({
  path: z.string(),
  size: z.int().nonnegative(),
  sha256: z.optional(z.string().regex(/^[0-9a-f]{64}$/)),
});
const refSchema = z.object({ commit: commitSchema });
const snapshotSchema = z.object({
  commit: commitSchema,
  files: z.array(fileSchema.refine(({ path }) => isSafePath(path))).min(1),
});

/** Turns whatever else goes wrong in reading the hub's answers, as HTML in place of JSON, into one sentence. */
export async function understood<T>(client: HubClient, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    throw new UserError(`The answers of ${client.url} are not those of a Hugging Face hub: check HF_ENDPOINT.`);
  }
}

/** The folder under the cache that keeps the commits of a data set, or of a model, apart from all others. */
export function snapshotFolder(cache: string, kind: RepoKind, name: string): string {
  // no owner's name holds "--"
  return join(cache, "hub", `${kind === "model" ? "models--" : ""}${name.replace("/", "--")}`);
}

/** Downloads what is missing of a snapshot, and then notes that it is complete and what `revision` meant. */
export async function downloadSnapshot(
  client: HubClient,
  snapshot: Snapshot,
  { folder, revision, onProgress }: { folder: string; revision: string; onProgress?: ProgressListener },
): Promise<void> {
  const { commit, files } = snapshot;
  const megabytes = (bytes: number) => Math.ceil(bytes / 1e6);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const meter = new ProgressMeter(`downloading ${client.name}`, "MB", onProgress, megabytes(total));
  let bytes = 0;
  const onBytes = (more: number) => {
    meter.advance(megabytes(bytes + more) - megabytes(bytes));
    bytes += more;
  };
  for (const file of files) await downloadFile(client, file, { commit, folder: join(folder, commit), onBytes });
  await noteSnapshot(snapshot, folder, revision);
}

/** Notes that what is wanted of a snapshot is complete, and what `revision` meant. */
export async function noteSnapshot(snapshot: Snapshot, folder: string, revision: string): Promise<void> {
  await writeJson(join(folder, snapshot.commit, "snapshot.json"), snapshot);
  await writeJson(refPath(folder, revision), { commit: snapshot.commit });
}

/** What is in the cache for a revision, if all of it `isThere`: unless said otherwise, each file in its whole size. */
export async function readSnapshot(
  folder: string,
  revision: string,
  isThere: (file: HubFile, folder: string) => Promise<boolean> = isWhole,
): Promise<Snapshot | undefined> {
  const isCommit = commitSchema.safeParse(revision).success;
  const ref = isCommit ? { commit: revision } : refSchema.safeParse(await readIfThere(refPath(folder, revision))).data;
  if (!ref) return undefined;
  const { data } = snapshotSchema.safeParse(await readIfThere(join(folder, ref.commit, "snapshot.json")));
  if (data?.commit !== ref.commit) return undefined;
  for (const file of data.files) if (!(await isThere(file, join(folder, ref.commit)))) return undefined;
  return data;
}

async function isWhole({ path, size }: HubFile, folder: string): Promise<boolean> {
  return (await sizeOf(join(folder, path))) === size;
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

/** Refuses what is no `owner/name`; a name that could leave the cache is none. */
export function checkName(kind: RepoKind, name: string): void {
  const part = /^\w(?:[\w.-]{0,94}\w)?$/;
  const parts = name.split("/");
  if (parts.length === 2 && parts.every((word) => part.test(word) && !/--|\.\./.test(word))) return;
  throw new UserError(`${printable(name)} is no name of a ${KIND_WORDS[kind]} on the hub: write owner/name.`);
}

/** Refuses what can be no branch, tag or commit. */
export function checkRevision(kind: RepoKind, revision: string): void {
  if (/^[\w][\w./-]{0,99}$/.test(revision) && !revision.includes("..")) return;
  const what = `${printable(revision)} is no revision of a ${KIND_WORDS[kind]}`;
  throw new UserError(`${what}: give a branch, a tag or a commit.`);
}

/** True where joining the path to a folder stays inside the folder, on any system, and needs no escape in a message. */
export function isSafePath(path: string): boolean {
  const parts = path.split("/");
  return path.length <= 500 && parts.every((part) => /^[^\\:*?"<>|\p{C}]+$/u.test(part) && !/^\.|\.$/.test(part));
}
