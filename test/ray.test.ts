import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { UsageError, UserError } from "movie-revenue/errors";
import { writeFeatures } from "movie-revenue/features";
import type { Progress } from "movie-revenue/progress";
import { checkOn } from "movie-revenue/ray/cluster";
import { writeFeaturesOnRay } from "movie-revenue/ray/features";
import { search } from "movie-revenue/search";
import { parseSpace } from "movie-revenue/training/space";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { jpeg } from "./fixtures.ts";
import { workplace, writeColouredFilms } from "./workplace.ts";

const python = process.env.MOVIE_REVENUE_RAY_PYTHON || "python3";
const hasRay = spawnSync(python, ["-c", "import ray"]).status === 0;

afterEach(() => void vi.unstubAllEnvs());

describe("--on", () => {
  it("takes a cluster's address, or the word, or nothing", () => {
    expect(["ray", "ray://10.0.0.7:10001", undefined].map(checkOn)).toEqual(["ray", "ray://10.0.0.7:10001", undefined]);
    for (const wrong of ["rays", "ray://", "ray://host", "http://host:1", "ray://a b:1"]) {
      expect(() => checkOn(wrong)).toThrow(new UsageError(`--on takes ray or ray://HOST:PORT, not "${wrong}".`));
    }
  });

  it("says how Ray is installed where it is not", async () => {
    vi.stubEnv("MOVIE_REVENUE_RAY_PYTHON", process.execPath);
    const { folder } = await workplace();
    await writeFile(join(folder, "a.jpg"), await jpeg());
    const missing = writeFeaturesOnRay(folder, join(folder, "out"), { on: "ray" });
    await expect(missing).rejects.toThrow(
      new UserError(
        `Ray is not installed for ${process.execPath}: \`pip install "ray[client]==2.60.0"\`, ` +
          "or name a Python that has it by MOVIE_REVENUE_RAY_PYTHON.",
      ),
    );
  });
});

it.skipIf(process.platform === "win32")("names the cluster that did not answer, and what Ray said", async () => {
  const { folder } = await workplace();
  // in place of a Python whose Ray waits half a minute for an address where nobody is
  const stand = join(folder, "python");
  await writeFile(stand, '#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "ConnectionError: timeout" >&2\nexit 1\n', {
    mode: 0o755,
  });
  vi.stubEnv("MOVIE_REVENUE_RAY_PYTHON", stand);
  await writeFile(join(folder, "a.jpg"), await jpeg());
  const written = writeFeaturesOnRay(folder, join(folder, "out.safetensors"), { on: "ray://10.0.0.7:10001" });
  await expect(written).rejects.toThrow(
    new UserError("The Ray cluster at ray://10.0.0.7:10001 gave up (ConnectionError: timeout): start it again."),
  );
});

describe.skipIf(!hasRay)("a cluster of three nodes (MOVIE_REVENUE_RAY_PYTHON, a Python that has Ray)", () => {
  let cluster: ChildProcess;
  let lines: AsyncIterator<string>;
  let address = "";
  let client = "";
  const answer = async () => (await lines.next()).value as string;
  const lose = async (what: "worker" | "node" | "client") => {
    cluster.stdin?.write(`${what}\n`);
    expect(await answer()).toBe(what);
  };

  beforeAll(async () => {
    const program = fileURLToPath(new URL("ray-cluster.py", import.meta.url));
    // its workers have its environment
    await workplace();
    cluster = spawn(python, [program], { stdio: ["pipe", "pipe", "inherit"] });
    lines = createInterface({ input: cluster.stdout! })[Symbol.asyncIterator]();
    [address = "", client = ""] = (await answer()).split(" ");
  });
  afterAll(async () => {
    const closed = once(cluster, "exit");
    cluster.stdin?.end();
    await closed;
  });

  it("loses a worker and a node, and gives each poster's features once, byte for byte those of one machine", async () => {
    const { folder } = await workplace();
    const images = join(folder, "images");
    await mkdir(images);
    for (let seed = 1; seed <= 70; seed++) await writeFile(join(images, `${seed}.jpg`), await jpeg({ seed }));
    await writeFile(join(images, "no picture.png"), "x");
    const [here, there] = [join(folder, "here.safetensors"), join(folder, "there.safetensors")];
    const alone = await writeFeatures(images, here);
    vi.stubEnv("RAY_ADDRESS", address);
    let losing: Promise<void> | undefined;
    const onProgress = ({ done }: Progress) => {
      // the first of five parts has ended, and each of the nodes works on another
      if (done >= 1) losing ??= lose("worker").then(() => lose("node"));
    };
    expect(await writeFeaturesOnRay(images, there, { on: "ray", onProgress })).toEqual(alone);
    await losing;
    expect(losing).toBeDefined();
    expect(await readFile(there)).toEqual(await readFile(here));
  });

  it("loses a node in a search, and trains its trials to the runs and the ranking of one machine", async () => {
    const { folder, runs } = await workplace();
    // a step of 1e30 makes the next loss infinite, so the second trial fails
    const space = parseSpace({ method: "grid", settings: { "training.learningRate": [1e-3, 1e30, 1e-2] } });
    const set = ["training.maxEpochs=2", "model.hidden=[8]", "model.dropout=[0]"];
    const plan = { space, set, data: await writeColouredFilms(join(folder, "films.parquet"), 40) };
    const alone = await search("alone", plan);
    vi.stubEnv("RAY_ADDRESS", address);
    const [spread] = await Promise.all([search("spread", plan, { on: "ray" }), lose("node")]);
    const told = ({ trials }: typeof alone) => trials.map(({ seconds: _timed, ...trial }) => trial);
    expect(told(spread)).toEqual(told(alone));
    expect(told(alone).map(({ status }) => status)).toEqual(["done", "done", "failed"]);
    for (const trial of ["001", "003"]) {
      const best = (name: string) => readFile(join(runs, `${name}-trial-${trial}`, "best.safetensors"));
      expect(await best("spread")).toEqual(await best("alone"));
    }
  });

  it("is reached by the address of its client server, though the process that this starts for us dies at birth", async () => {
    const { folder } = await workplace();
    const images = join(folder, "images");
    await mkdir(images);
    for (let seed = 1; seed <= 20; seed++) await writeFile(join(images, `${seed}.jpg`), await jpeg({ seed }));
    const [here, there] = [join(folder, "here.safetensors"), join(folder, "there.safetensors")];
    const alone = await writeFeatures(images, here);
    const [spread] = await Promise.all([writeFeaturesOnRay(images, there, { on: client }), lose("client")]);
    expect(spread).toEqual(alone);
    expect(await readFile(there)).toEqual(await readFile(here));
  });
});
