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
const kernel = () => fitPosterKernel({ features: posters }, [7, 8], { gamma: Math.log(2) / 4, noise: 0.5 });

describe("fitPosterKernel", () => {
  it("solves two films as by hand", () => {
    expect([...kernel().coefficients]).toEqual([expect.closeTo(-0.5, 6), expect.closeTo(0.5, 6)]);
    // ½ · 1 − ½ · ½ to either side of the mean, and the mean half-way
    const predicted = predictPosterKernel(kernel(), { features: matrixOf([[10], [30], [20]]) });
    expect([...predicted]).toEqual([expect.closeTo(7.25, 6), expect.closeTo(7.75, 6), expect.closeTo(7.5, 6)]);
  });

  it("counts distance by the feature, however many there are", () => {
    const twice = matrixOf([
      [10, 10],
      [30, 30],
    ]);
    const wide = fitPosterKernel({ features: twice }, [7, 8], { gamma: Math.log(2) / 4, noise: 0.5 });
    expect([...predictPosterKernel(wide, { features: twice })]).toEqual([
      expect.closeTo(7.25, 6),
      expect.closeTo(7.75, 6),
    ]);
  });

  it("takes no notice of a feature that never changes, whatever a new poster has there", () => {
    const constant = matrixOf([
      [10, 3],
      [30, 3],
    ]);
    const fitted = fitPosterKernel({ features: constant }, [7, 8], { gamma: Math.log(2) / 2, noise: 0.5 });
    const asked = matrixOf([
      [10, 3],
      [10, 1e6],
    ]);
    const [known, strange] = predictPosterKernel(fitted, { features: asked });
    expect(strange).toBe(known);
  });
});

describe("a kernel that reads", () => {
  const features = matrixOf([[1], [1], [1], [1]]);
  const writing = ["Ann", "ann", "Bo", "b o"];
  const options = { gamma: 1, noise: 1, writing: 1 };
  const read = () => fitPosterKernel({ features, writing }, [7, 7, 8, 8], options);

  it("solves four films that say two things as by hand", () => {
    // twice each: along the targets K + noise is 2 · (1 + 1) − 2 · 1 + 1 = 3, the coefficients ∓⅙, a saying's sum ∓⅓
    const { coefficients, writing: learnt } = read();
    expect([...coefficients]).toEqual([-1 / 6, -1 / 6, 1 / 6, 1 / 6].map((value) => expect.closeTo(value, 6)));
    // " ann " falls into three pieces, " bo " is one; as rare as each other
    expect(learnt?.vocabulary.terms).toEqual([" ann", " ann ", " bo ", "ann "]);
    const ann = -1 / 3 / Math.sqrt(3);
    expect([...learnt!.weights]).toEqual([ann, ann, 1 / 3, ann].map((value) => expect.closeTo(value, 6)));
    const asked = { features, writing: ["ANN", "Bo\nann", "", "other words"] };
    const predicted = predictPosterKernel(read(), asked);
    // of four pieces, each ½ long, three say a third of −⅓ · √3 and one ⅓
    const both = 7.5 + (3 * ann + 1 / 3) / 2;
    expect([...predicted]).toEqual([7.5 - 1 / 3, both, 7.5, 7.5].map((value) => expect.closeTo(value, 6)));
  });

  it("predicts the same from disk, and must be given what posters say", async () => {
    const path = join(await tempFolder(), "best.safetensors");
    await savePosterKernel(path, read());
    const kept = await readPosterKernel(path);
    const asked = { features, writing: ["Ann Bo", "Bo", "x", ""] };
    expect(predictPosterKernel(kept, asked)).toEqual(predictPosterKernel(read(), asked));
    expect(() => predictPosterKernel(kept, { features })).toThrow("give what is written on each");
  });

  it("learns nothing from writing that no two posters share, and is not asked to read where its weight is 0", () => {
    const plain = fitPosterKernel({ features }, [7, 7, 8, 8], { gamma: 1, noise: 1 });
    const alone = fitPosterKernel({ features, writing: ["a", "b", "c", "d"] }, [7, 7, 8, 8], options);
    const unread = fitPosterKernel({ features, writing }, [7, 7, 8, 8], { ...options, writing: 0 });
    expect([alone, unread]).toEqual([plain, plain]);
    expect(plain.writing).toBeNull();
  });
});

describe("a kernel on disk", () => {
  it("predicts the same to the last bit", async () => {
    const path = join(await tempFolder(), "best.safetensors");
    await savePosterKernel(path, kernel());
    const asked = { features: matrixOf([[17], [23]]) };
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
