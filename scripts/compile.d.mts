import type { ChildProcess, StdioOptions } from "node:child_process";

/** Compiles a project whenever a file of it is saved, until `stop` is called. */
export function compileInBackground(
  project: string,
  options: { remembers: string; stdio?: StdioOptions },
): { compiler: ChildProcess; stop: () => void };
