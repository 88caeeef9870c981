import { readFile, rm, writeFile } from "node:fs/promises";
import { UserError } from "./errors";
import { writeError } from "./files";

/**
 * Does the work while a lock file with this process's number exists. Where a living process holds it, a `UserError`
 * names that one; what a killed process left is taken over.
 */
export async function withLock<T>(path: string, what: string, work: () => Promise<T>): Promise<T> {
  await takeLock(path, what);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string, what: string): Promise<void> {
  for (;;) {
    try {
      return await writeFile(path, `${process.pid}\n`, { flag: "wx" });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw writeError(path, thrown);
    }
    const holder = Number.parseInt(await readFile(path, "utf8").catch(() => ""), 10);
    if (isAlive(holder)) {
      throw new UserError(`${what} is in use by process ${holder}: wait until it has ended, or choose another --run.`);
    }
    await rm(path, { force: true });
  }
}

/** Whether a process of that number runs; one of another user does too, though it may not be signalled. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
