import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config";
import { loadEngine } from "../engine";
import { UserError } from "../errors";
import type { PrepareSummary } from "../prepare";
import { projectRoot, readJson, sha256 } from "../system/files";
import type { Run } from "./run";

/** The folder of the compiled library. */
const COMPILED = join(__dirname, "..");

/** What a run was made with, beside its numbers. */
export interface Manifest {
  version: string;
  node: string;
  engine: { name: string; version: string; gpu: boolean; reason?: string };
  /** Commit of the checkout, with "-dirty" where files differ from it; null outside git. */
  git: string | null;
  /** SHA-256 over the compiled library: what the commit does not tell where files differ from it. */
  library?: string;
  /** Threads that one operation may use. */
  threads?: number;
  /** SHA-256 of each notebook as it lies in the checkout. */
  notebooks: Record<string, string>;
  data: PrepareSummary;
  seeds: { split: number; training: number; evaluation: number };
  /** SHA-256 of the backbone's weights. */
  weights: string;
  startedAt: string;
  /** Seconds by stage. */
  timings: Record<string, number>;
  /** Why training ended. */
  ended?: string;
}

const manifestSchema = z.looseObject({
  data: z.looseObject({ fingerprint: z.string(), source: z.string(), invalid: z.array(z.unknown()) }),
  engine: z.looseObject({ name: z.string() }),
  weights: z.string(),
});

/** The manifest of a run, or null where there is none yet; a damaged one is a `UserError`. */
export async function readManifest(run: Run): Promise<Manifest | null> {
  const path = run.file("manifest.json");
  if (!existsSync(path)) return null;
  const parsed = manifestSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new UserError(`${path} is damaged: train the run again under another name.`);
  return parsed.data as unknown as Manifest;
}

/** The manifest of a run that begins now. */
export async function newManifest(
  config: Config,
  { data, weights }: Pick<Manifest, "data" | "weights">,
): Promise<Manifest> {
  const { version } = (await readJson(join(COMPILED, "../package.json"))) as { version: string };
  return {
    version,
    node: process.versions.node,
    engine: await loadEngine(),
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism(),
    git: gitCommit(),
    library: await libraryHash(),
    notebooks: await notebookHashes(),
    data,
    seeds: { split: config.split.seed, training: config.training.seed, evaluation: config.evaluation.seed },
    weights,
    startedAt: new Date().toISOString(),
    timings: {},
  };
}

function gitCommit(): string | null {
  try {
    const arguments_ = ["describe", "--always", "--dirty", "--abbrev=40"];
    return execFileSync("git", arguments_, { cwd: projectRoot(), encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return null;
  }
}

async function libraryHash(): Promise<string> {
  const files = (await readdir(COMPILED, { recursive: true })).filter((name) => name.endsWith(".js")).sort();
  const hashes = await Promise.all(files.map(async (name) => [name, sha256(await readFile(join(COMPILED, name)))]));
  return sha256(JSON.stringify(hashes));
}

async function notebookHashes(): Promise<Record<string, string>> {
  const folder = join(projectRoot(), "notebooks");
  if (!existsSync(folder)) return {};
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ipynb")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, sha256(await readFile(join(folder, name)))])),
  );
}
