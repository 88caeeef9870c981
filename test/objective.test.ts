import * as tf from "@tensorflow/tfjs";
import { type Film, UNKNOWN_FILM } from "movie-revenue/catalogue/film";
import { loadEngine } from "movie-revenue/engine";
import { auxiliaryOf } from "movie-revenue/training/auxiliary";
import { lossOf } from "movie-revenue/training/losses";
import { goalsOf, objectiveOf } from "movie-revenue/training/objective";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await loadEngine();
});

const NONE = Number.NaN;

describe("auxiliary targets", () => {
  const film = (i: number): Film => ({
    ...{ ...UNKNOWN_FILM, id: i, genres: [i % 2 ? "Comedy" : "Drama"], year: i < 10 ? 1990 : 2010 },
    budget: i >= 38 ? null : i % 2 ? 1e6 : 1e8,
  });

  it("are frequent genres, year and budget as deviations from their means, unknown where they are", () => {
    const films = Array.from({ length: 40 }, (_, i) => film(i));
    films[3] = { ...films[3]!, genres: ["Western"] };
    films[5] = { ...films[5]!, genres: [] };
    const { names, targets, weight } = auxiliaryOf([...films, { ...film(41), year: null }, film(43)], 0.5);
    // Comedy: of 20 odd films 2 are another's or unknown, and 2 join; one Western is too rare
    expect(names).toEqual(["genre Comedy", "genre Drama", "year", "log10 budget"]);
    expect(weight).toBe(0.5);
    const row = (i: number) => [...targets.subarray(4 * i, 4 * (i + 1))];
    // of 41 films with genres 20 are comedies: mean 20/41, variance 20·21/41²
    const [comedy, other] = [21 / Math.sqrt(420), -20 / Math.sqrt(420)];
    // 10 films of 1990 and 31 of 2010
    const [old, recent] = [-31 / Math.sqrt(310), 10 / Math.sqrt(310)];
    const close = (found: number[], wanted: number[]) =>
      found.forEach((value, i) => {
        if (Number.isNaN(wanted[i]!)) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(wanted[i]!, 6);
      });
    // 19 films cost 10⁶, 19 cost 10⁸
    close(
      row(1),
      [comedy, other, old, -1].map((value, i) => (i === 1 ? -20 / Math.sqrt(420) : value)),
    );
    close(
      row(0),
      [other, comedy, old, 1].map((value, i) => (i === 1 ? 21 / Math.sqrt(420) : value)),
    );
    close(row(3), [other, other, old, -1]);
    close(row(5), [NONE, NONE, old, -1]);
    close(row(40), [comedy, other, NONE, NONE]);
    close(row(39), [comedy, other, recent, NONE]);
  });
});

describe("the objective", () => {
  const auxiliary = { names: ["a", "b"], targets: new Float32Array([0, 9, 1, NONE, 5, 5, 2, -1]), weight: 0.5 };
  const goals = () => goalsOf({ targets: new Float32Array([0, 7, 0, 8]), auxiliary }, new Uint32Array([1, 3]));
  const outputs = () =>
    tf.tensor2d([
      [7.5, 3, 100],
      [7, 2, 1],
    ]);

  it("adds the weighted error of what else is known, by hand", () => {
    const { value, gradient } = objectiveOf(lossOf({ name: "mse" }), auxiliary).score(outputs(), goals());
    // film 1: .5² + .5 · (3 − 1)² / 2 = 1.25, its second target unknown; film 3: 1² + .5 · (0 + 2²) / 2 = 2
    expect(value.dataSync()[0]).toBeCloseTo((1.25 + 2) / 2, 6);
    // ∂/∂output: error · 2 / 2 films for revenue, error · .5 · 2 / (2 · 2 films) for the others
    expect([...gradient.dataSync()]).toEqual([0.5, 0.5, 0, -1, 0, 0.5]);
  });

  it("has the gradient of its value, whatever the loss, weighted or of a part of a batch", () => {
    for (const name of ["mse", "gaussian"] as const) {
      const loss = lossOf({ name });
      const objective = objectiveOf(loss, auxiliary);
      const x = tf.tensor2d([7.5, 0.25, 3, 100, 7, -0.5, 2, 1].slice(0, 2 * (loss.outputs + 2)), [2, loss.outputs + 2]);
      const given = { ...goals(), weights: tf.tensor1d([0.5, 2]), count: 5 };
      const byTape = tf.grad((at: tf.Tensor) => objective.score(at as tf.Tensor2D, given).value)(x);
      const { gradient } = objective.score(x, given);
      expect(tf.max(tf.abs(tf.sub(gradient, byTape))).dataSync()[0]).toBeLessThan(1e-5);
    }
  });

  it("predicts revenue by the loss's own outputs", () => {
    const quantile = lossOf({ name: "quantile", levels: [0.1, 0.5, 0.9] });
    const five = tf.tensor2d([[6, 7, 8, 50, 60]]);
    expect([...objectiveOf(quantile, auxiliary).predict(five).dataSync()]).toEqual([7]);
  });
});
