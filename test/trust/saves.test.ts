import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig, train } from "movie-revenue";
import { formatSafetensors } from "movie-revenue/model/safetensors";
import { loadLast, saveLast, type TrainingState } from "movie-revenue/training/checkpoint";
import { startPlateau } from "movie-revenue/training/plateau";
import { beforeAll, describe, expect, it } from "vitest";
import { withFault } from "../faults.ts";
import { tempFolder } from "../fixtures.ts";
import { bin, workplace, writeColouredFilms } from "../workplace.ts";
import { refusal, suite } from "./suite.ts";

const tried = suite("saves");

/** A small state; those of other epochs are longer, and differ in every number. */
function stateAt(epoch: number): TrainingState {
  const tensors = (factor: number) => ({
    "head.0.weight": { shape: [epoch, 3], data: new Float32Array(3 * epoch).fill(factor * epoch) },
  });
  return {
    ...{
      epoch,
      weights: tensors(1),
      average: tensors(2),
      averageScale: 1,
      plateau: startPlateau(1e-4),
      best: { epoch, loss: 1 / epoch },
    },
    optimizer: { step: 10 * epoch, first: tensors(3), second: tensors(4) },
  };
}

describe("a save of last.safetensors", () => {
  let folder = "";
  let path = "";
  beforeAll(async () => {
    folder = await tempFolder();
    path = join(folder, "last.safetensors");
  });

  /** Saves epoch 2 over epoch 1 with a fault; says how it failed, and that one of the two is there whole and alone. */
  async function broken(call: number, code: string, bytes?: number): Promise<string> {
    await saveLast(path, stateAt(1));
    const why = await refusal(() => withFault({ call, code, bytes }, () => saveLast(path, stateAt(2))));
    const found = await loadLast(path);
    expect(found).toEqual(stateAt(found?.epoch === 1 ? 1 : 2));
    expect(await readdir(folder)).toEqual(["last.safetensors"]);
    return why ?? "no word of it";
  }

  it("is whole or absent where any of its file calls fails, and says so", async () => {
    const calls = await withFault(null, () => saveLast(path, stateAt(1)));
    const codes = ["EIO", "ENOSPC", "EDQUOT", "EACCES", "EROFS", "EMFILE"];
    const faults = calls.flatMap((_, call) => codes.map((code) => ({ call, code })));
    await tried.all(
      faults,
      async ({ call, code }) => expect(await broken(call, code)).toContain("last.safetensors"),
      ({ call, code }) => `${code} in call ${call}, ${calls[call]}`,
    );
  });

  it("is whole or absent where the disk is full at any byte", async () => {
    await saveLast(path, stateAt(2));
    const { length } = await readFile(path);
    expect(length).toBeGreaterThan(formatSafetensors(stateAt(2).weights).length);
    // the third call writes
    await tried.all(tried.seeds(length + 1), async (bytes) => {
      expect(await broken(2, "ENOSPC", bytes)).toBe(
        `No disk space is left to write ${path}: free some and run the command again.`,
      );
    });
  });
});

describe.skipIf(process.platform === "win32")("a training that may write no more", () => {
  it("ends with a sentence and exit code 1, keeps its last epoch, and goes on from there", async () => {
    const { folder, runs } = await workplace();
    const data = await writeColouredFilms(join(folder, "films.parquet"), 24);
    const settings = ["model.hidden=[8]", "model.dropout=[0]", "evaluation.bootstrap=20"];
    const config = (epochs: number) => makeConfig({ data, set: [...settings, `training.maxEpochs=${epochs}`] });
    await train("whole", config(3));
    await train("full", config(2));
    const set = [...settings, "training.maxEpochs=3"].flatMap((setting) => ["--set", setting]);
    // 200 blocks of 512 bytes hold best.safetensors, 41 KB, but not last.safetensors, 164 KB
    const shell = ["-c", 'ulimit -f 200 && exec "$0" "$@"', process.execPath, bin];
    await tried.all(["ulimit -f 200"], async () => {
      const { status, stderr } = spawnSync(
        "sh",
        [...shell, "train", "--data", data, "--run", "full", "--resume", ...set],
        { encoding: "utf8" },
      );
      expect(status).toBe(1);
      expect(stderr).toMatch(/movie-revenue: .*last\.safetensors could not be written: EFBIG.*\.\n$/);
      expect((await readdir(join(runs, "full"))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
      expect((await loadLast(join(runs, "full/last.safetensors")))?.epoch).toBe(2);
      await train("full", config(3), { resume: true });
      for (const file of ["best.safetensors", "last.safetensors"]) {
        expect(await readFile(join(runs, "full", file))).toEqual(await readFile(join(runs, "whole", file)));
      }
    });
  });
});
