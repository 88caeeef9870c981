import { lettersOf } from "movie-revenue/reading/letters";
import { expect, it } from "vitest";

const alphabet = ["", "a", "b", " "];

/** Steps at which one letter each is the likeliest. */
const steps = (...likeliest: [number, number][]) =>
  Float32Array.from(likeliest.flatMap(([letter, sure]) => alphabet.map((_, i) => (i === letter ? sure : 0.1))));

it("letters that repeat count once, unless a blank is between", () => {
  // aa_ab␣b: the second a, after the blank, is another
  const read = lettersOf(steps([1, 0.5], [1, 0.9], [0, 1], [1, 0.75], [2, 1], [3, 1], [2, 0.25]), alphabet);
  expect(read.text).toBe("aab b");
  // the mean of .5, .75, 1, 1 and .25: each is as sure as where it begins
  expect(read.sure).toBeCloseTo(0.7, 6);
});

it("nothing but blanks is nothing, and not sure of it", () => {
  expect(lettersOf(steps([0, 0.9], [0, 0.8]), alphabet)).toEqual({ text: "", sure: 0 });
  expect(lettersOf(new Float32Array(0), alphabet)).toEqual({ text: "", sure: 0 });
});
