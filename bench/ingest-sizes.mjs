// Time and memory of `prepare --data hub:…` by size, over a bad line, killed in the middle and resumed: see --help.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { textTable } from "movie-revenue/reporting/tables";
import { startHub } from "./hub.mjs";

const help = `node bench/ingest-sizes.mjs [ROWS…] [--keep FOLDER]

Prepares generated hubs of so many rows (default 10000 100000) from empty caches, over a line with refusals, failures,
delays and cut connections: once through, and once killed when half of the posters are there, and then resumed.
Prints rows, seconds, the most memory held, and whether both ended in the same account. --keep keeps the hubs.`;

const args = process.argv.slice(2);
if (args.includes("--help")) console.log(help);
else await main();

async function main() {
  const keep = args.includes("--keep") ? args.splice(args.indexOf("--keep"), 2)[1] : undefined;
  const folder = keep ?? (await mkdtemp(join(tmpdir(), "ingest-")));
  const rows = [];
  for (const size of args.length > 0 ? args : ["10000", "100000"]) rows.push(await measure(size, folder));
  console.log(`${availableParallelism()} cores\n${textTable(rows)}`);
  if (!keep) await rm(folder, { recursive: true });
}

async function measure(size, folder) {
  await mkdir(folder, { recursive: true });
  const hub = await startHub(join(folder, `hub-${size}`), size, { faulty: true });
  try {
    const whole = await prepare(hub, join(folder, "whole"));
    const killed = await prepare(hub, join(folder, "broken"), { killAt: whole.account.aboveThreshold / 2 });
    const resumed = await prepare(hub, join(folder, "broken"));
    const peaks = [whole, killed, resumed].map(({ mebibytes }) => mebibytes);
    return {
      rows: whole.account.rows,
      films: whole.account.films,
      seconds: whole.seconds.toFixed(0),
      "seconds to the kill": killed.seconds.toFixed(0),
      "seconds resumed": resumed.seconds.toFixed(0),
      "most MiB": Math.max(...peaks),
      "same account": JSON.stringify(whole.account) === JSON.stringify(resumed.account) ? "yes" : "NO",
    };
  } finally {
    hub.stop();
    for (const cache of ["whole", "broken"]) await rm(join(folder, cache), { recursive: true, force: true });
  }
}

/** Runs the command; its account, seconds and most memory. `killAt` kills it once so many posters are noted. */
async function prepare(hub, cache, { killAt = Number.POSITIVE_INFINITY } = {}) {
  const program = join(dirname(fileURLToPath(import.meta.url)), "../lib/bin/movie-revenue.cjs");
  const json = join(cache, "account.json");
  const env = { ...process.env, HF_ENDPOINT: hub.url, HF_TOKEN: "", MOVIE_REVENUE_CACHE: cache };
  const command = [program, "prepare", "--data", "hub:owner/films", "--json", json];
  const start = performance.now();
  const child = spawn(process.execPath, command, { env, stdio: ["ignore", "ignore", "inherit"] });
  let mebibytes = 0;
  const watch = setInterval(async () => {
    mebibytes = Math.max(mebibytes, await peakOf(child.pid));
    if ((await postersNoted(cache)) >= killAt) child.kill("SIGKILL");
  }, 250);
  await once(child, "exit");
  clearInterval(watch);
  const seconds = (performance.now() - start) / 1000;
  const text = await readFile(json, "utf8").catch(() => null);
  return { seconds, mebibytes, account: text && JSON.parse(text) };
}

async function peakOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
}

async function postersNoted(cache) {
  const ledger = join(cache, "hub/owner--films", "1".repeat(40), "posters.jsonl");
  const text = await readFile(ledger, "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).length;
}
