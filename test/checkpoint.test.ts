import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "movie-revenue/model/safetensors";
import { loadLast, saveLast, type TrainingState } from "movie-revenue/training/checkpoint";
import { startPlateau } from "movie-revenue/training/plateau";
import { describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

const tensor = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) });

const state = (): TrainingState => ({
  epoch: 3,
  weights: { "head.0.weight": { shape: [2, 1], data: Float32Array.of(1 / 3, -0) }, "head.0.bias": tensor(1e-38, 7) },
  average: { "head.0.weight": { shape: [2, 1], data: Float32Array.of(0.25, 4) }, "head.0.bias": tensor(5, 6) },
  averageScale: 0.7,
  plateau: { ...startPlateau(1e-4), best: 0.21 },
  best: { epoch: 2, loss: 0.1 + 0.2 },
  optimizer: {
    step: 1234,
    first: { "head.0.weight": { shape: [2, 1], data: Float32Array.of(8, 9) }, "head.0.bias": tensor(10, 11) },
    second: { "head.0.weight": { shape: [2, 1], data: Float32Array.of(12, 13) }, "head.0.bias": tensor(14, 15) },
  },
});

describe("last.safetensors", () => {
  it("gives back the state bit for bit", async () => {
    const path = join(await tempFolder(), "last.safetensors");
    await saveLast(path, state());
    expect(await loadLast(path)).toEqual(state());
  });

  it("gives back how far an epoch has come", async () => {
    const path = join(await tempFolder(), "last.safetensors");
    const begun = { steps: 3, films: 90, loss: 0.1 + 0.2, seconds: 1.5 };
    await saveLast(path, { ...state(), begun });
    expect(await loadLast(path)).toEqual({ ...state(), begun });
  });

  it("holds weights but once where nothing is averaged", async () => {
    const path = join(await tempFolder(), "last.safetensors");
    const { weights, ...rest } = state();
    await saveLast(path, { ...rest, weights, average: weights });
    const { tensors } = await readSafetensors(path);
    expect(Object.keys(tensors).some((name) => name.startsWith("average."))).toBe(false);
    const loaded = (await loadLast(path))!;
    expect(loaded).toEqual({ ...rest, weights, average: weights });
    expect(loaded.average).toBe(loaded.weights);
  });

  it("keeps a plateau that has seen no loss yet, which JSON could not say", async () => {
    const path = join(await tempFolder(), "last.safetensors");
    const begun = { ...state(), plateau: startPlateau(1e-4) };
    await saveLast(path, begun);
    expect((await loadLast(path))?.plateau).toEqual({ ...begun.plateau, best: Number.POSITIVE_INFINITY });
  });

  it("names its tensors so that other programs can read them", async () => {
    const path = join(await tempFolder(), "last.safetensors");
    await saveLast(path, state());
    const { tensors, metadata } = await readSafetensors(path);
    const names = ["", "first.", "second.", "average."].flatMap((part) => [
      `${part}head.0.weight`,
      `${part}head.0.bias`,
    ]);
    expect(Object.keys(tensors).sort()).toEqual(names.sort());
    expect(JSON.parse(metadata.state!)).toMatchObject({ epoch: 3, step: 1234 });
  });

  it("that is not there is null; one that is cut off, or is no checkpoint, is named", async () => {
    const folder = await tempFolder();
    expect(await loadLast(join(folder, "none.safetensors"))).toBeNull();
    const path = join(folder, "last.safetensors");
    await saveLast(path, state());
    await truncate(path, 300);
    await expect(loadLast(path)).rejects.toMatchObject({ name: "UserError", message: expect.stringContaining(path) });
    await writeSafetensors(path, state().weights);
    await expect(loadLast(path)).rejects.toThrow(
      `${path} holds no training state: start the run anew under another name.`,
    );
  });
});
