import { type PlateauOptions, type PlateauState, startPlateau, stepPlateau } from "./plateau";

/** How the learning rate goes, in steps of the optimizer. */
export type Schedule =
  | { name: "constant" }
  | ({ name: "plateau" } & PlateauOptions)
  | {
      name: "cosine";
      /** Steps over which the rate rises in a line from a `warmup`th of itself; 0 starts at once. */
      warmup: number;
      /** Steps after which the rate has reached `end`, the warm-up among them; it stays there. */
      steps: number;
      /** The share of the learning rate that is left at the end; 0 unless given. */
      end?: number;
    };

/** What a resumed training needs beside the optimizer's step; plain data, the same for every schedule. */
export type ScheduleState = PlateauState;

/** The state before the first epoch. */
export function startSchedule(learningRate: number): ScheduleState {
  return startPlateau(learningRate);
}

/** The learning rate of a step, counted from 0. Warm-up and cosine are PyTorch's LinearLR and CosineAnnealingLR in SequentialLR. */
export function rateAt(schedule: Schedule, { learningRate }: ScheduleState, step: number): number {
  if (schedule.name !== "cosine") return learningRate;
  const { warmup, steps, end = 0 } = schedule;
  if (step < warmup) return learningRate * (1 / warmup + (1 - 1 / warmup) * (step / warmup));
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return learningRate * (end + ((1 - end) * (1 + Math.cos(Math.PI * done))) / 2);
}

/** The state after an epoch with this validation loss. */
export function afterEpoch(schedule: Schedule, state: ScheduleState, loss: number): ScheduleState {
  return schedule.name === "plateau" ? stepPlateau(state, loss, schedule) : state;
}
