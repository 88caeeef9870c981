import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { loadEngine } from "./engine";
import { reasonOf } from "./errors";
import { defaultWeights } from "./model/backbone";
import { LITES } from "./model/lite-weights";
import { readSafetensors } from "./model/safetensors";
import { cacheFolder } from "./prepare";
import { openReader, readerFiles } from "./reading/reader";
import { runsFolder } from "./runs/run";
import { projectRoot } from "./system/files";

export interface Finding {
  what: string;
  ok: boolean;
  /** What is there. */
  state: string;
  /** What to do about it; absent where nothing is to be done. */
  advice?: string;
}

/** Looks at everything the project stands on: Node, engine, kernel, weights, data, runs. */
export async function examine(): Promise<Finding[]> {
  return [node(), await engine(), kernel(), await weights(), cache(), runs()];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = (major === 20 && minor >= 19) || (major > 20 && major < 25);
  return { what: "node", ok, state: process.versions.node, advice: ok ? undefined : "install Node 20.19 to 24" };
}

async function engine(): Promise<Finding> {
  try {
    const { name, version, gpu, reason } = await loadEngine();
    if (name === "native")
      return { what: "engine", ok: true, state: `native, TensorFlow ${version}, ${gpu ? "GPU" : "CPU"}` };
    const wanted = process.env.MOVIE_REVENUE_ENGINE === "wasm";
    const advice = wanted
      ? "leave MOVIE_REVENUE_ENGINE out, unless wasm is what you want"
      : "install a C++ compiler (Debian: g++) and run `node scripts/setup.mjs --again`";
    return { what: "engine", ok: false, state: `wasm, TensorFlow.js ${version}: ${reason}`, advice };
  } catch (thrown) {
    return { what: "engine", ok: false, state: reasonOf(thrown), advice: "run `node scripts/setup.mjs --again`" };
  }
}

function kernel(): Finding {
  const parts = {
    tslab: "node_modules/tslab",
    kernelspec: "jupyter/kernels/tslab/kernel.json",
    JupyterLab: ".venv/bin/jupyter-lab",
  };
  const missing = Object.entries(parts).filter(([, path]) => !existsSync(join(projectRoot(), path)));
  if (missing.length === 0) return { what: "kernel", ok: true, state: Object.keys(parts).join(", ") };
  const state = `missing: ${missing.map(([name]) => name).join(", ")}`;
  return { what: "kernel", ok: false, state, advice: "run `node scripts/setup.mjs`" };
}

async function weights(): Promise<Finding> {
  try {
    const states = await Promise.all(LITES.map((lite) => weightsState(`efficientnet-${lite}`)));
    return { what: "weights", ok: true, state: [...states, await readerState()].join("; ") };
  } catch (thrown) {
    return { what: "weights", ok: false, state: reasonOf(thrown), advice: "run `node scripts/setup.mjs`" };
  }
}

async function weightsState(backbone: string): Promise<string> {
  const { tensors, metadata } = await readSafetensors(defaultWeights(backbone));
  return `${backbone}, ${Object.keys(tensors).length} tensors (${metadata.source ?? "source unknown"})`;
}

async function readerState(): Promise<string> {
  const reader = await openReader(await readerFiles());
  await reader.close();
  return "pp-ocrv6, detector and recogniser (PyPI rapidocr)";
}

function cache(): Finding {
  const folder = cacheFolder();
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    return {
      what: "cache",
      ok: false,
      state: `${shown(folder)} is a file`,
      advice: "name a folder in MOVIE_REVENUE_CACHE",
    };
  }
  const state = existsSync(folder)
    ? `${shown(folder)}, ${(sizeOf(folder) / 1e9).toFixed(2)} GB (may be deleted at any time)`
    : `${shown(folder)}, empty`;
  return { what: "cache", ok: true, state };
}

function runs(): Finding {
  const folder = runsFolder();
  const names = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  const trained = names.filter(({ name }) => existsSync(join(folder, name, "calibration.json")));
  const state = `${trained.length} trained in ${shown(folder)}${trained.length ? `: ${trained.map(({ name }) => name).join(", ")}` : ""}`;
  return { what: "runs", ok: true, state };
}

function shown(folder: string): string {
  const path = relative(projectRoot(), folder);
  return path.startsWith("..") ? folder : path;
}

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
