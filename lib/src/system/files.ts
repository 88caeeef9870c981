import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { reasonOf, UserError } from "../errors";
import { isAlive } from "./process";

/** The project's root: the nearest folder above the package that holds `package.json` and `notebooks`. */
export function projectRoot(): string {
  for (let folder = resolve(__dirname, "../.."); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "notebooks")) && existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return process.cwd();
  }
}

/** Where posters' pixels, features and downloads are kept: `MOVIE_REVENUE_CACHE`, or the project's `data/cache`. */
export function cacheFolder(): string {
  return process.env.MOVIE_REVENUE_CACHE || join(projectRoot(), "data/cache");
}

/** Writes a file so that a reader, or a kill at any moment, meets the old content or the new, never half of it. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const parts = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  const beside = temporaryBeside(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(beside, "wx");
    try {
      for await (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (thrown) {
    // where the folder itself cannot be used, removing fails as well
    await rm(beside, { force: true }).catch(() => {});
    throw thrown instanceof UserError ? thrown : writeError(path, thrown);
  }
}

/** A name for what will become the file: `NAME.<process>-<random>.tmp`. */
export function temporaryBeside(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
}

/** Removes the temporaries that killed processes have left in a folder, of files that begin so; a living one's stay. */
export async function sweepTemporaries(folder: string, prefix = ""): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = /\.(\d+)-[0-9a-f]{12}\.tmp$/.exec(name) ?? [];
    if (pid && name.startsWith(prefix) && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

/** Makes a rename last through a loss of power: a folder is written to the disk by itself. Windows cannot, and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a failed write says to the user: the path, and what to do about a full or closed disk. */
export function writeError(path: string, thrown: unknown): UserError {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new UserError(`No disk space is left to write ${path}: free some and run the command again.`);
  }
  if (code === "EACCES" || code === "EROFS" || code === "EPERM") {
    return new UserError(`${path} may not be written: change its permissions, or choose another place.`);
  }
  if (code === "EISDIR") return new UserError(`${path} is a folder: give the name of a file.`);
  return new UserError(`${path} could not be written: ${reasonOf(thrown)}.`);
}

/** What a failed read says to the user: that the file is missing, or why it could not be read. */
export function readError(path: string, thrown: unknown): UserError {
  const missing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
  return new UserError(missing ? `There is no file ${path}.` : `${path} could not be read: ${reasonOf(thrown)}.`);
}

/** Reads a JSON file; a missing or malformed one is a `UserError` that names it. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    throw readError(path, thrown);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (thrown) {
    throw new UserError(`${path} is not valid JSON (${reasonOf(thrown)}): correct it and run again.`);
  }
}

/** Pretty JSON with a last newline, written atomically. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** SHA-256 of bytes or text, in hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
