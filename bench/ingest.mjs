// Our side of ingest: a hub of 20,000 rows to films whose posters are kept, as `prepare --data hub:…` does.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeConfig } from "movie-revenue/config";
import { prepare } from "movie-revenue/prepare";
import { startHub } from "./hub.mjs";
import { main } from "./shared.mjs";

const ROWS = 20_000;

main("node bench/ingest.mjs\n\nPrepares a generated hub of 20,000 rows from an empty cache.", measure);

async function measure() {
  const folder = await mkdtemp(join(tmpdir(), "ingest-"));
  const hub = await startHub(join(folder, "hub"), ROWS);
  Object.assign(process.env, { HF_ENDPOINT: hub.url, MOVIE_REVENUE_CACHE: join(folder, "cache") });
  try {
    const sizes = await Promise.all(
      (await readdir(join(folder, "hub"))).map((name) => stat(join(folder, "hub", name))),
    );
    const megabytes = sizes.reduce((sum, { size }) => sum + size, 0) / 1e6;
    const start = performance.now();
    const { films } = await prepare(makeConfig({ data: "hub:owner/films" }));
    const rate = megabytes / ((performance.now() - start) / 1000);
    const checksum = { films: films.length, ids: films.reduce((sum, { id }) => sum + id, 0) };
    return { name: "ingest", unit: "MB/s", rate, checksum };
  } finally {
    hub.stop();
    await rm(folder, { recursive: true });
  }
}
