import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FilmRecord, filmRecord, jpeg, tempFolder, writeFilms } from "./fixtures.ts";

/** A folder with caches and runs of its own; the environment points to them from here on. */
export async function workplace(): Promise<{ folder: string; runs: string }> {
  const folder = await tempFolder();
  const runs = join(folder, "runs");
  await mkdir(runs);
  process.env.MOVIE_REVENUE_CACHE = join(folder, "cache");
  process.env.MOVIE_REVENUE_RUNS = runs;
  return { folder, runs };
}

/** Films that each have a poster of their own colour, brighter with revenue; ids from `first`. */
export async function colouredFilms(count: number, first = 1): Promise<FilmRecord[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const light = Math.round((255 * i) / count);
      const image = { bytes: await jpeg({ color: [light, (i * 37) % 256, 128] }), path: `${first + i}.jpg` };
      return filmRecord(first + i, { image, revenue: 11_000_000 + 5_000_000 * i });
    }),
  );
}

export async function writeColouredFilms(path: string, count: number, first = 1): Promise<string> {
  return writeFilms(path, await colouredFilms(count, first));
}

/** What a child process said and how it ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command line's file. */
export const bin = fileURLToPath(new URL("../lib/bin/movie-revenue.cjs", import.meta.url));

/** Runs the command line in a process of its own; `onStderr` hears what it says meanwhile, and may send it a signal. */
export function commandLine(
  args: readonly string[],
  {
    env = {},
    onStderr,
  }: { env?: NodeJS.ProcessEnv; onStderr?: (said: string, kill: (signal: NodeJS.Signals) => void) => void } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env } });
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    ended.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    ended.stderr += chunk;
    onStderr?.(ended.stderr, (signal) => child.kill(signal));
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ ...ended, code }));
  });
}
