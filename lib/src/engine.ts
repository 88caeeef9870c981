import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as util from "node:util";
import * as tf from "@tensorflow/tfjs";
import { reasonOf, UserError } from "./errors";
import { projectRoot } from "./system/files";

/** What computes, and why not something faster. */
export interface Engine {
  /** "native" is TensorFlow's C library through tfjs-node-gpu; "wasm" is the fallback, slower by far. */
  name: "native" | "wasm";
  /** Of TensorFlow for native, of TensorFlow.js for wasm. */
  version: string;
  /** Whether computation runs on a GPU. */
  gpu: boolean;
  /** Why the engine is not native; absent where it is. */
  reason?: string;
}

let loading: Promise<Engine> | undefined;

/**
 * Starts TensorFlow.js once: native where its addon loads, else wasm, with the reason.
 * `MOVIE_REVENUE_ENGINE` (native or wasm) insists on one; native then fails rather than falling back.
 */
export function loadEngine(): Promise<Engine> {
  loading ??= startEngine(process.env.MOVIE_REVENUE_ENGINE ?? "");
  return loading;
}

async function startEngine(wanted: string): Promise<Engine> {
  if (!["", "native", "wasm"].includes(wanted)) {
    throw new UserError(`MOVIE_REVENUE_ENGINE is "${wanted}": set it to native or wasm, or leave it out.`);
  }
  if (wanted === "wasm") return startWasm("MOVIE_REVENUE_ENGINE asks for wasm");
  try {
    return await startNative();
  } catch (thrown) {
    const reason = setupFailure() ?? reasonOf(thrown);
    if (wanted === "native") {
      throw new UserError(`The native engine does not load (${reason}): run \`node scripts/setup.mjs --again\`.`);
    }
    return startWasm(reason);
  }
}

async function startNative(): Promise<Engine> {
  restoreUtil();
  loadAddon();
  await tf.setBackend("tensorflow");
  const backend = tf.backend() as unknown as { binding: { TF_Version: string }; isUsingGpuDevice: boolean };
  return { name: "native", version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
}

async function startWasm(reason: string): Promise<Engine> {
  const { setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  const here = createRequire(__filename);
  setWasmPaths(`${dirname(here.resolve("@tensorflow/tfjs-backend-wasm/package.json"))}/dist/`);
  if (!(await tf.setBackend("wasm"))) throw new UserError(`Neither engine starts: native because ${reason}`);
  return { name: "wasm", version: version_wasm, gpu: false, reason };
}

/** Loads tfjs-node without TensorFlow's start-up notes and its own advertisement; TF_CPP_MIN_LOG_LEVEL=0 shows the notes. */
function loadAddon(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  tf.env().set("IS_NODE", true);
  const addons = join(dirname(require.resolve("@tensorflow/tfjs-node-gpu/package.json")), "lib/napi-v8");
  const stderr = require(join(addons, "stderr.node")) as { mute(): void; restore(): void };
  try {
    if (process.env.TF_CPP_MIN_LOG_LEVEL !== "0") stderr.mute();
    require("@tensorflow/tfjs-node-gpu");
  } finally {
    stderr.restore();
  }
}

/** tfjs-node 4.22 calls two functions of `util` that newer Nodes warn about, or have no more. */
function restoreUtil(): void {
  const old = util as unknown as Record<string, unknown>;
  const holder = (old.default ?? old) as Record<string, unknown>;
  holder.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  holder.isArray = Array.isArray;
}

/** What set-up said when it could not make the native engine. */
function setupFailure(): string | undefined {
  for (const stamp of [".venv/.setup-engine", "node_modules/.setup-addon"]) {
    const path = join(projectRoot(), stamp);
    if (!existsSync(path)) continue;
    const { failure } = JSON.parse(readFileSync(path, "utf8")) as { failure?: string };
    if (failure) return failure;
  }
  return undefined;
}
