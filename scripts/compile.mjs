import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tsc = join(dirname(fileURLToPath(import.meta.url)), "../node_modules/typescript/bin/tsc");

/** Compiles a project whenever a file of it is saved, until `stop` is called. */
export function compileInBackground(project, { remembers, stdio = ["ignore", "inherit", "inherit"] }) {
  const options = ["--watch", "--preserveWatchOutput", "--incremental", "--tsBuildInfoFile", remembers];
  // a group of its own: tsc is a launcher, and the compiler that it starts outlives it
  const compiler = spawn(process.execPath, [tsc, "-p", project, ...options], { stdio, detached: true });
  const stop = () => {
    try {
      process.kill(-compiler.pid, "SIGTERM");
    } catch (thrown) {
      if (thrown.code !== "ESRCH") throw thrown;
    }
  };
  return { compiler, stop };
}
