import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseCsv } from "../catalogue/csv";
import type { Evaluation } from "../evaluation/metrics";
import { readSafetensors, type Weights } from "../model/safetensors";
import { type Manifest, readManifest } from "../runs/manifest";
import { readMetrics, type TrainedRun } from "../runs/run";
import { readJson, sha256 } from "../system/files";

/** One thing that two runs have in common, or not. */
export interface Compared {
  what: string;
  before: string;
  now: string;
  /** The largest difference between the numbers, in log10 dollars or their squares; of the model, between its weights. */
  difference?: number;
  /** `another`: made under other circumstances, which explains a difference and is none itself. */
  verdict: "equal" | "within tolerance" | "differs" | "another";
}

/** What is equal, and what differs by how much, of two trained runs that should be the same. */
export async function compareRuns(
  before: TrainedRun,
  now: TrainedRun,
  { tolerance }: { tolerance: number },
): Promise<Compared[]> {
  const [old, made] = [await readManifest(before), await readManifest(now)];
  return [
    ...(old && made ? [...circumstances(old, made), ...origins(old, made)] : []),
    same("split", shortHash(before.calibration.splits), shortHash(now.calibration.splits)),
    await model(before, now),
    ...(await losses(before, now, tolerance)),
    ...(await judgement(before, now, tolerance)),
    ...(await predictions(before, now, tolerance)),
  ];
}

function circumstances(before: Manifest, now: Manifest): Compared[] {
  const engineOf = ({ engine }: Manifest) => `${engine.name} ${engine.version}${engine.gpu ? ", GPU" : ""}`;
  const parts: Record<string, (manifest: Manifest) => string> = {
    "movie-revenue": ({ version }) => version,
    commit: ({ git }) => git ?? "unknown",
    "compiled library": ({ library }) => library?.slice(0, 12) ?? "unknown",
    notebooks: ({ notebooks }) => shortHash(notebooks),
    node: ({ node }) => node,
    engine: engineOf,
    threads: ({ threads }) => String(threads ?? "unknown"),
  };
  return Object.entries(parts).map(([what, of]) => same(what, of(before), of(now), "another"));
}

function origins(before: Manifest, now: Manifest): Compared[] {
  return [
    same("films and posters", before.data.fingerprint.slice(0, 12), now.data.fingerprint.slice(0, 12)),
    same("backbone's weights", before.weights.slice(0, 12), now.weights.slice(0, 12)),
    same("seeds", JSON.stringify(before.seeds), JSON.stringify(now.seeds)),
  ];
}

/** Other weights may predict alike: they are told, and not judged by the tolerance. */
async function model(before: TrainedRun, now: TrainedRun): Promise<Compared> {
  const [old, made] = [before.file("best.safetensors"), now.file("best.safetensors")];
  const hashOf = async (path: string) => sha256(await readFile(path)).slice(0, 12);
  const row = same("best.safetensors", await hashOf(old), await hashOf(made), "another");
  if (row.verdict === "equal") return row;
  return {
    ...row,
    difference: largestDifference((await readSafetensors(old)).tensors, (await readSafetensors(made)).tensors),
  };
}

function largestDifference(before: Weights, now: Weights): number {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return maximum([...names].map((name) => apart(before[name]?.data ?? [], now[name]?.data ?? [])));
}

async function losses(before: TrainedRun, now: TrainedRun, tolerance: number): Promise<Compared[]> {
  const [old, made] = [await readMetrics(before), await readMetrics(now)];
  return (["train_loss", "val_loss"] as const).map((key) => {
    const [was, is] = [old, made].map((epochs) => epochs.map((epoch) => epoch[key])) as [number[], number[]];
    const told = (values: number[]) => `${values.at(-1)} in epoch ${values.length}`;
    return near(`${key} of every epoch`, { before: told(was), now: told(is), difference: apart(was, is) }, tolerance);
  });
}

async function judgement(before: TrainedRun, now: TrainedRun, tolerance: number): Promise<Compared[]> {
  const paths = [before.file("evaluation.json"), now.file("evaluation.json")] as const;
  if (!paths.every((path) => existsSync(path))) return [];
  const [old, made] = (await Promise.all(paths.map(readJson))) as [Evaluation, Evaluation];
  return (["mse", "mae", "r2"] as const).map((key) => {
    const [was, is] = [old.model[key], made.model[key]];
    const difference = apart([was ?? 0], [is ?? 0]);
    return near(`test ${key}`, { before: String(was), now: String(is), difference }, tolerance);
  });
}

async function predictions(before: TrainedRun, now: TrainedRun, tolerance: number): Promise<Compared[]> {
  const paths = [before.file("predictions.csv"), now.file("predictions.csv")] as const;
  if (!paths.every((path) => existsSync(path))) return [];
  const [old, made] = (await Promise.all(paths.map(predictedBy))) as [Map<string, number>, Map<string, number>];
  const ids = new Set([...old.keys(), ...made.keys()]);
  const valuesOf = (by: Map<string, number>) => [...ids].map((id) => Math.log10(by.get(id) ?? 0));
  const difference = apart(valuesOf(old), valuesOf(made));
  return [near("predictions", { before: `${old.size} films`, now: `${made.size} films`, difference }, tolerance)];
}

/** Dollars by id, of a `predictions.csv`. */
async function predictedBy(path: string): Promise<Map<string, number>> {
  const { columns, records } = parseCsv(await readFile(path, "utf8"), { separator: ",", file: path });
  const [id, predicted] = [columns.indexOf("id"), columns.indexOf("predicted")];
  return new Map(records.map(({ fields }) => [fields[id]!, Number(fields[predicted])]));
}

function same(what: string, before: string, now: string, otherwise: "another" | "differs" = "differs"): Compared {
  return { what, before, now, verdict: before === now ? "equal" : otherwise };
}

function near(what: string, values: { before: string; now: string; difference: number }, tolerance: number): Compared {
  const { difference } = values;
  // a number that is none is near nothing
  const within = difference <= tolerance ? "within tolerance" : "differs";
  return { what, ...values, verdict: difference === 0 ? "equal" : within };
}

/** The largest difference of two lists; infinite where one has what the other has not. */
function apart(before: ArrayLike<number>, now: ArrayLike<number>): number {
  if (before.length !== now.length) return Number.POSITIVE_INFINITY;
  return maximum(Array.from(before, (value, i) => (value === now[i] ? 0 : Math.abs(value - now[i]!))));
}

function maximum(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function shortHash(value: object): string {
  return sha256(JSON.stringify(value)).slice(0, 12);
}
