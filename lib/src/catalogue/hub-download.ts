import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeError } from "../system/files";
import { printable } from "./columns";
import { ATTEMPTS, type HubClient, HubError } from "./hub-client";

/** A file of a data set or model, as the hub lists it. */
export interface HubFile {
  /** Inside the data set or model; checked by the caller to stay inside a folder. */
  path: string;
  /** Bytes. */
  size: number;
  /** Of the content, in hexadecimal, where the hub knows it. */
  sha256?: string;
}

/** Where and what to download. `onBytes` hears of each new byte, also of those found on the disk. */
export interface DownloadOptions {
  /** The commit whose files these are. */
  commit: string;
  folder: string;
  onBytes: (bytes: number) => void;
}

/**
 * Downloads a file into the folder, through a `.partial` file beside it that a later run continues; the file appears
 * under its own name only when its size, and its hash where known, are right.
 */
export async function downloadFile(client: HubClient, file: HubFile, options: DownloadOptions): Promise<void> {
  const path = join(options.folder, file.path);
  if ((await sizeOf(path)) === file.size) return options.onBytes(file.size);
  const partial = `${path}.partial`;
  const remembered = await sizeOf(partial);
  await fetchToEnd(client, file, { ...options, partial });
  if (!(await isWhole(partial, file)) && remembered > 0) {
    // what an earlier run left may be at fault: once more from the beginning
    await rm(partial, { force: true });
    await fetchToEnd(client, file, { ...options, partial, onBytes: () => {} });
  }
  if (!(await isWhole(partial, file))) {
    await rm(partial, { force: true });
    const what = `${printable(file.path)} of ${client.name}`;
    throw new HubError(`${what} came with a wrong hash: it was removed, run again.`, 200);
  }
  await rename(partial, path).catch((thrown) => {
    throw writeError(path, thrown);
  });
}

type PartialOptions = DownloadOptions & { partial: string };

/** Asks for what is missing until the file has its full size; gives up after several answers without a new byte. */
async function fetchToEnd(client: HubClient, file: HubFile, options: PartialOptions): Promise<void> {
  const { partial, onBytes } = options;
  await mkdir(dirname(partial), { recursive: true }).catch((thrown) => {
    throw writeError(dirname(partial), thrown);
  });
  let have = await sizeOf(partial);
  if (have > file.size) {
    await rm(partial);
    have = 0;
  }
  onBytes(have);
  for (let fruitless = 0; have < file.size; ) {
    const before = have;
    have = await fetchMore(client, file, have, options);
    fruitless = have > before ? 0 : fruitless + 1;
    if (fruitless === ATTEMPTS) {
      const where = `${printable(file.path)} of ${client.name}`;
      throw new HubError(`The connection broke off ${ATTEMPTS} times in ${where}: run again to go on from there.`, 0);
    }
    if (have < file.size) await client.pause(fruitless);
  }
}

/** One request from byte `have` on; gives the size of the partial file after it, however it ended. */
async function fetchMore(client: HubClient, file: HubFile, have: number, options: PartialOptions): Promise<number> {
  const response = await client.fetch(
    addressOf(client, file, options.commit),
    have > 0 ? { headers: { Range: `bytes=${have}-` } } : {},
  );
  const continues = response.status === 206 && response.headers.get("Content-Range")?.startsWith(`bytes ${have}-`);
  // a server that ignores the range, or has another file, sends from the beginning
  const start = continues ? have : 0;
  if (start < have) options.onBytes(-have);
  if (response.ok && (response.status === 200 || continues)) await append(response, start, file, options);
  else {
    await response.body?.cancel();
    await rm(options.partial, { force: true });
  }
  return sizeOf(options.partial);
}

/** Where the hub has a file of a commit. */
export function addressOf(client: HubClient, file: HubFile, commit: string): string {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const repository = client.kind === "model" ? client.name : `datasets/${client.name}`;
  return `${client.url}/${repository}/resolve/${commit}/${path}`;
}

async function append(response: Response, start: number, file: HubFile, options: PartialOptions): Promise<void> {
  const output = await open(options.partial, start > 0 ? "a" : "w").catch((thrown) => {
    throw writeError(options.partial, thrown);
  });
  let written = start;
  try {
    for await (const chunk of chunksOf(response)) {
      // never more than was listed: a broken server must not fill the disk
      const wanted = chunk.subarray(0, file.size - written);
      await output.writeFile(wanted);
      written += wanted.length;
      options.onBytes(wanted.length);
      if (written === file.size) break;
    }
    await output.sync();
  } catch (thrown) {
    throw writeError(options.partial, thrown);
  } finally {
    await output.close();
  }
}

/** The body, which simply ends where the connection breaks off: what came is kept, and the rest asked for again. */
export async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (;;) {
      const next = await reader?.read().catch(() => undefined);
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

async function isWhole(path: string, { size, sha256 }: HubFile): Promise<boolean> {
  if ((await sizeOf(path)) !== size) return false;
  if (!sha256) return true;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex") === sha256;
}

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
