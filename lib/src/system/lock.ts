import { randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { UserError } from "../errors";
import { sweepTemporaries, temporaryBeside, writeError } from "./files";
import { isAlive } from "./process";

/** The locks that this process holds: its number in any other was left by an older process of the same number. */
const held = new Set<string>();

/**
 * Does the work while a lock file with this process's number exists. Where a living process holds it, a `UserError`
 * names that one; what a killed process left is taken over, by one process alone.
 */
export async function withLock<T>(path: string, what: string, work: () => Promise<T>): Promise<T> {
  const lock = newLock(path);
  const holder = await take(lock);
  if (holder === null) {
    return releasing(lock, async () => {
      await sweepTemporaries(dirname(path), basename(path));
      return work();
    });
  }
  throw new UserError(
    `${what} is in use by process ${holder}: wait until it has ended, or choose another --run. ` +
      `If no such process works on it, delete ${path}.`,
  );
}

interface Lock {
  path: string;
  /** What the file says: the number of its process, and which of that process's locks it is. */
  content: string;
}

function newLock(path: string): Lock {
  return { path, content: `${process.pid} ${randomBytes(6).toString("hex")}\n` };
}

/** Takes the lock, or gives the number of the living process that holds it. */
async function take(lock: Lock): Promise<number | null> {
  while (!(await create(lock))) {
    const content = await contentOf(lock.path);
    if (content === null) continue;
    if (isHeld(content)) return Number.parseInt(content, 10);
    await removeDead(lock.path);
  }
  return null;
}

/** Makes the lock file with its content in one step, where there is none: nobody ever reads it half written. */
async function create({ path, content }: Lock): Promise<boolean> {
  const beside = temporaryBeside(path);
  held.add(content);
  try {
    await writeFile(beside, content, { flag: "wx" });
    await link(beside, path);
    return true;
  } catch (thrown) {
    held.delete(content);
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw writeError(path, thrown);
  } finally {
    await rm(beside, { force: true });
  }
}

/**
 * Removes a lock whose holder is dead. One process at a time may, under a lock of its own: otherwise one could read the
 * dead one's number, and then remove the lock that another has taken meanwhile.
 */
async function removeDead(path: string): Promise<void> {
  const right = newLock(`${path}.takeover`);
  // whoever has the right will have used it in a moment
  if ((await take(right)) !== null) return;
  await releasing(right, async () => {
    const content = await contentOf(path);
    if (content !== null && !isHeld(content)) await rm(path, { force: true });
  });
}

async function releasing<T>({ path, content }: Lock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
    held.delete(content);
  }
}

/** What a lock file says; null where there is none any more. */
async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw writeError(path, thrown);
  }
}

function isHeld(content: string): boolean {
  const holder = Number.parseInt(content, 10);
  return holder === process.pid ? held.has(content) : isAlive(holder);
}
