import type { Film } from "movie-revenue/catalogue/film";
import { taughtTargets } from "movie-revenue/training/teacher";
import { describe, expect, it } from "vitest";
import { unknownFilm } from "./runs.ts";

/** Sixty films that earn 10⁸ where they run two hours, and 10⁷ where they run one. */
const films: Film[] = Array.from({ length: 60 }, (_, i) => ({
  ...{ ...unknownFilm, id: i + 1, title: `Film ${i}` },
  runtime: i % 2 ? 120 : 60,
}));
const targets = Float32Array.from(films, ({ runtime }) => (runtime === 120 ? 8 : 7));

describe("taughtTargets", () => {
  it("are the targets themselves without a teacher", () => {
    expect(taughtTargets(films, targets, { share: 0, seed: 1 })).toBe(targets);
  });

  it("are drawn to what the facts say by the share", () => {
    const flop = targets.slice();
    flop[1] = 6;
    const teacher = taughtTargets(films, flop, { share: 1, seed: 1 });
    const half = taughtTargets(films, flop, { share: 0.5, seed: 1 });
    // films like the flop earn 10⁸
    expect(teacher[1]).toBeGreaterThan(7.5);
    expect(half[1]).toBeCloseTo((6 + teacher[1]!) / 2, 5);
  });

  it("come from a teacher that never saw the film: its own revenue moves nothing", () => {
    const other = targets.slice();
    other[5] = 2;
    const of = (values: Float32Array) => taughtTargets(films, values, { share: 1, seed: 1 });
    expect(of(other)[5]).toBe(of(targets)[5]);
    expect(of(other)).not.toEqual(of(targets));
  });

  it("are refused for films too few to hold one out", () => {
    expect(() => taughtTargets(films.slice(0, 9), targets.slice(0, 9), { share: 0.5, seed: 1 })).toThrow(
      "at least 10 training films: set training.teacher to 0",
    );
  });
});
