// A generated hub in a process of its own, so that its memory is not counted with ours.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Starts the hub with so many rows under `folder`; its address, and what ends it. */
export async function startHub(folder, rows, { faulty = false } = {}) {
  const program = join(dirname(fileURLToPath(import.meta.url)), "hub-server.mjs");
  const args = [program, folder, String(rows), ...(faulty ? ["faulty"] : [])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = await once(createInterface({ input: child.stdout }), "line");
  return { url, stop: () => child.kill() };
}
