import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "movie-revenue/errors";
import { matrixOf } from "movie-revenue/model/matrix";
import {
  fitPosterKernel,
  predictPosterKernel,
  readPosterKernel,
  savePosterKernel,
} from "movie-revenue/model/poster-kernel";
import { writeSafetensors } from "movie-revenue/model/safetensors";
import { describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

// scaled to −1 and 1, four apart in the square: a likeness of exp(−ln 2) = ½. The targets are 7.5 ∓ ½, along which
// K + noise has the eigenvalue 1 − ½ + ½ = 1: coefficients ∓½
const posters = matrixOf([[10], [30]]);
const kernel = () => fitPosterKernel(posters, [7, 8], { gamma: Math.log(2) / 4, noise: 0.5 });

describe("fitPosterKernel", () => {
  it("solves two films as by hand", () => {
    expect([...kernel().coefficients]).toEqual([expect.closeTo(-0.5, 6), expect.closeTo(0.5, 6)]);
    // ½ · 1 − ½ · ½ to either side of the mean, and the mean half-way
    const predicted = predictPosterKernel(kernel(), matrixOf([[10], [30], [20]]));
    expect([...predicted]).toEqual([expect.closeTo(7.25, 6), expect.closeTo(7.75, 6), expect.closeTo(7.5, 6)]);
  });

  it("counts distance by the feature, however many there are", () => {
    const twice = matrixOf([
      [10, 10],
      [30, 30],
    ]);
    const wide = fitPosterKernel(twice, [7, 8], { gamma: Math.log(2) / 4, noise: 0.5 });
    expect([...predictPosterKernel(wide, twice)]).toEqual([expect.closeTo(7.25, 6), expect.closeTo(7.75, 6)]);
  });

  it("takes no notice of a feature that never changes, whatever a new poster has there", () => {
    const constant = matrixOf([
      [10, 3],
      [30, 3],
    ]);
    const fitted = fitPosterKernel(constant, [7, 8], { gamma: Math.log(2) / 2, noise: 0.5 });
    const [known, strange] = predictPosterKernel(
      fitted,
      matrixOf([
        [10, 3],
        [10, 1e6],
      ]),
    );
    expect(strange).toBe(known);
  });
});

describe("a kernel on disk", () => {
  it("predicts the same to the last bit", async () => {
    const path = join(await tempFolder(), "best.safetensors");
    await savePosterKernel(path, kernel());
    const asked = matrixOf([[17], [23]]);
    expect(predictPosterKernel(await readPosterKernel(path), asked)).toEqual(predictPosterKernel(kernel(), asked));
  });

  it("is refused by name where it is something else", async () => {
    const folder = await tempFolder();
    const head = join(folder, "head.safetensors");
    await writeSafetensors(head, { "head.0.weight": { shape: [1], data: Float32Array.of(1) } }, { kernel: "{" });
    const torn = join(folder, "torn.safetensors");
    await writeFile(torn, "nothing");
    for (const path of [head, torn]) {
      const thrown = await readPosterKernel(path).catch((error: Error) => error);
      expect(thrown).toBeInstanceOf(UserError);
      expect((thrown as Error).message.startsWith(path)).toBe(true);
    }
  });
});
