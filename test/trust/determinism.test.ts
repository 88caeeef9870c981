import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadEngine } from "movie-revenue/engine";
import { readSafetensors } from "movie-revenue/model/safetensors";
import { sha256 } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { jpeg } from "../fixtures.ts";
import { largestDifference } from "../golden.ts";
import { commandLine, workplace } from "../workplace.ts";
import { suite } from "./suite.ts";

const tried = suite("determinism");
const { name: engine } = await loadEngine();

/** Between two engines, and so between two machines, sums are added in another order. */
const TOLERANCE = { features: 1e-4, losses: 1e-5 };

interface Made {
  /** SHA-256 of everything that a run made, by what it is. */
  hashes: Record<string, string>;
  losses: number[];
}

describe.skipIf(engine !== "native")("a run from an empty cache", () => {
  let folder = "";
  let runs = "";
  beforeAll(async () => {
    ({ folder, runs } = await workplace());
  });

  const run = async (name: string, { args = [] as string[], env = {} } = {}): Promise<Made> => {
    const own = { ...env, MOVIE_REVENUE_CACHE: join(folder, "caches", name) };
    for (const command of [["train", "--preset", "quick", ...args], ["evaluate"]]) {
      const { code, stderr } = await commandLine([...command, "--run", name], { env: own });
      expect([code, stderr.match(/error.*/i)]).toEqual([0, null]);
    }
    return made(join(runs, name), own.MOVIE_REVENUE_CACHE);
  };

  it("is equal to the byte with the same seed, nearly so with one thread, and another with another seed", async () => {
    const first = await run("first");
    expect(Object.keys(first.hashes)).toEqual(["films", "splits", "features", "best", "last", "metrics", "evaluation"]);
    await tried.all(["again"], async () => expect((await run("again")).hashes).toEqual(first.hashes));
    // on some processors oneDNN adds up a product of matrices in an order that depends on the number of threads
    const env = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1", OMP_NUM_THREADS: "1" };
    await tried.all(["with one thread"], async () => {
      const { hashes, losses } = await run("with-one-thread", { env });
      expect([hashes.films, hashes.splits]).toEqual([first.hashes.films, first.hashes.splits]);
      expect(largestDifference(losses, first.losses)).toBeLessThan(TOLERANCE.losses);
    });
    await tried.all(["another seed"], async () => {
      const { hashes } = await run("other", { args: ["--set", "split.seed=7", "--set", "training.seed=7"] });
      const { films, features: _, ...others } = first.hashes;
      expect(hashes.films).toBe(films);
      for (const [what, hash] of Object.entries(others)) expect([what, hashes[what]]).not.toEqual([what, hash]);
    });
    const manifest = JSON.parse(await readFile(join(runs, "with-one-thread/manifest.json"), "utf8"));
    expect(manifest.threads).toBe(1);
    await tried.all(["another engine"], async () => {
      const { losses } = await run("wasm", { env: { MOVIE_REVENUE_ENGINE: "wasm" } });
      expect(largestDifference(losses, first.losses)).toBeLessThan(TOLERANCE.losses);
    });
  });

  it("has features near those of another engine", async () => {
    const images = join(folder, "images");
    await mkdir(images);
    for (const seed of [1, 2, 3])
      await writeFile(join(images, `${seed}.jpg`), await jpeg({ seed, width: 60, height: 90 }));
    const featuresBy = async (name: string) => {
      const out = join(folder, `${name}.safetensors`);
      const env = { MOVIE_REVENUE_ENGINE: name, MOVIE_REVENUE_CACHE: join(folder, "caches", `features-${name}`) };
      const args = ["features", "--backbone", "efficientnet-lite0", "--images", images, "--out", out];
      expect((await commandLine(args, { env })).code).toBe(0);
      return (await readSafetensors(out)).tensors.features!;
    };
    await tried.all(["features"], async () => {
      const [native, wasm] = [await featuresBy("native"), await featuresBy("wasm")];
      expect(native.shape).toEqual([3, 1280]);
      expect(largestDifference(native.data, wasm.data)).toBeLessThan(TOLERANCE.features);
    });
  });
});

async function made(folder: string, cache: string): Promise<Made> {
  const read = (name: string) => readFile(join(folder, name));
  const json = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));
  const lines = (await readFile(join(folder, "metrics.jsonl"), "utf8")).trim().split("\n");
  const epochs = lines.map((line) => JSON.parse(line)).map(({ seconds: _, ...rest }) => rest);
  const store = join(cache, (await readdir(cache)).find((name) => name.startsWith("features-"))!);
  const segments = await Promise.all((await readdir(store)).map((name) => readFile(join(store, name))));
  return {
    hashes: {
      films: (await json("manifest.json")).data.fingerprint,
      splits: sha256(JSON.stringify((await json("calibration.json")).splits)),
      features: sha256(Buffer.concat(segments)),
      best: sha256(await read("best.safetensors")),
      last: sha256(await read("last.safetensors")),
      metrics: sha256(JSON.stringify(epochs)),
      evaluation: sha256(await read("evaluation.json")),
    },
    losses: epochs.flatMap(({ train_loss, val_loss }) => [train_loss, val_loss]),
  };
}
