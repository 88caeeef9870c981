import { type PlateauState, startPlateau, stepPlateau } from "movie-revenue/training/plateau";
import { expect, it } from "vitest";
import { golden } from "./golden.ts";

function ratesAfter(losses: readonly number[], start: PlateauState, options = { factor: 0.5, patience: 2 }): number[] {
  let state = start;
  return losses.map((loss) => {
    state = stepPlateau(state, loss, options);
    return state.learningRate;
  });
}

it("lowers the learning rate in the epochs in which PyTorch's ReduceLROnPlateau does", () => {
  const { losses, rates } = golden<{ plateau: { losses: number[]; rates: number[] } }>("model.json").plateau;
  expect(ratesAfter(losses, startPlateau(0.2))).toEqual(rates);
  // the golden losses reach a plateau three times
  expect(new Set(rates).size).toBe(4);
});

it("counts a loss as better only when it is lower by a ten-thousandth of the best", () => {
  const start = { learningRate: 1, best: 1, badEpochs: 0 };
  expect(stepPlateau(start, 0.99991, { factor: 0.5, patience: 2 }).badEpochs).toBe(1);
  expect(stepPlateau(start, 0.9998, { factor: 0.5, patience: 2 })).toEqual({
    learningRate: 1,
    best: 0.9998,
    badEpochs: 0,
  });
});

it("does not lower a rate by less than a hundred-millionth", () => {
  const start = { learningRate: 1.5e-8, best: 0, badEpochs: 2 };
  // half of 1.5e-8 is a step of 7.5e-9
  expect(stepPlateau(start, 1, { factor: 0.5, patience: 2 }).learningRate).toBe(1.5e-8);
});
