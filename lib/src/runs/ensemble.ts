import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Config } from "../config";
import { UserError } from "../errors";
import { readSafetensors, writeSafetensors } from "../model/safetensors";
import type { Prepared } from "../prepare";
import { sha256 } from "../system/files";
import { type TrainedRun, trainedRun } from "./run";

/** A trained run as a member of an ensemble, and the SHA-256 of its best model. */
interface Member {
  run: string;
  sha256: string;
}

const schema = z.array(z.object({ run: z.string(), sha256: z.string() })).min(2);

/**
 * The runs that an ensemble shall be the mean of. One that was trained on other films than the ensemble's, that sees
 * posters at another size, or that is an ensemble itself is a `UserError`.
 */
export async function membersFor({ model, data }: Config, { splits }: Prepared): Promise<TrainedRun[]> {
  const members = await Promise.all(model.members.map((name) => trainedRun(name)));
  for (const { name, config, calibration } of members) {
    const refuse = (why: string): never => {
      throw new UserError(`The run "${name}" cannot be a member of the ensemble: ${why}.`);
    };
    const { kind, width, height } = config.model;
    if (kind === "ensemble") refuse("it is an ensemble itself, so name its members");
    if (width !== model.width || height !== model.height) {
      refuse(`it sees posters at ${width} × ${height} pixels, so set model.width and model.height to these`);
    }
    for (const part of ["train", "validation", "test"] as const) {
      if (splits[part].map(({ id }) => id).join() === calibration.splits[part].join()) continue;
      refuse(
        `its ${part} films are not those of ${data.source} by this split, and one might have seen what another must not`,
      );
    }
  }
  return members;
}

/** Writes an ensemble: which runs, as they are now, have which share in the mean. */
export async function saveEnsemble(path: string, runs: readonly TrainedRun[]): Promise<void> {
  const members = await Promise.all(
    runs.map(async (run): Promise<Member> => ({ run: run.name, sha256: await hashOf(run) })),
  );
  const shares = { shape: [runs.length], data: new Float32Array(runs.length).fill(1 / runs.length) };
  await writeSafetensors(path, { shares }, { members: JSON.stringify(members) });
}

/** The members of an ensemble; one that has changed since it was made is a `UserError`. */
export async function readEnsemble(path: string): Promise<TrainedRun[]> {
  const { metadata } = await readSafetensors(path);
  const members = parseMembers(metadata.members, path);
  return Promise.all(
    members.map(async (member) => {
      const run = await trainedRun(member.run);
      if ((await hashOf(run)) === member.sha256) return run;
      throw new UserError(`The run "${run.name}" has changed since ${path} was made of it: train the ensemble again.`);
    }),
  );
}

function parseMembers(text: string | undefined, path: string): Member[] {
  try {
    return schema.parse(JSON.parse(text ?? ""));
  } catch {
    throw new UserError(`${path} holds no ensemble: it is not this run's model, so train the run again.`);
  }
}

/** Of what the members of an ensemble have learnt. */
export async function ensembleHash(names: readonly string[]): Promise<string> {
  const hashes = await Promise.all(names.map(async (name) => hashOf(await trainedRun(name))));
  return sha256(Buffer.from(hashes.join()));
}

async function hashOf(run: TrainedRun): Promise<string> {
  return sha256(await readFile(run.file("best.safetensors")));
}

/** Whether a run, or a member of it, reads the facts of films beside their posters. */
export async function readsFacts(run: Pick<TrainedRun, "config" | "file">): Promise<boolean> {
  const { kind } = run.config.model;
  if (kind !== "ensemble") return kind === "fused";
  const members = await readEnsemble(run.file("best.safetensors"));
  return members.some(({ config }) => config.model.kind === "fused");
}
