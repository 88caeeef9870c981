import type { Weights } from "../model/safetensors";
import { adamW } from "./adamw";
import { type Average, averageOf } from "./average";
import type { TrainingState } from "./checkpoint";
import type { Optimizer } from "./optimizer";
import { startSchedule } from "./schedule";
import { sgd } from "./sgd";

export interface LearntOptions {
  weightDecay: number;
  /** Decay of the running average of the weights, which is what is validated and kept; 0 keeps the weights themselves. */
  averaging: number;
  /** AdamW unless given. */
  optimizer?: { name: "adamw" } | { name: "sgd"; momentum: number };
}

/** The parameters that learn, with what moves and averages them. */
export interface Learnt {
  optimizer: Optimizer;
  average: Average;
  state(): LearntState;
  dispose(): void;
}

/** What of a checkpoint belongs to the parameters. `average` is `weights` itself where nothing is averaged. */
export type LearntState = Pick<TrainingState, "weights" | "average" | "averageScale" | "optimizer">;

/** Parameters from a state; the engine holds them until they are disposed. */
export function learntFrom(
  { weights, average: averaged, averageScale, optimizer: moments }: LearntState,
  options: LearntOptions,
): Learnt {
  const { optimizer: rule = { name: "adamw" }, averaging } = options;
  const optimizer =
    rule.name === "sgd" ? sgd(weights, { ...options, ...rule }, moments) : adamW(weights, options, moments);
  const average = averaging > 0 ? averageOf(averaged, averaging, averageScale) : unaveraged(optimizer);
  return {
    optimizer,
    average,
    state() {
      const now = optimizer.weights();
      const averaged = averaging > 0 ? average.state() : { weights: now, scale: 1 };
      return { weights: now, average: averaged.weights, averageScale: averaged.scale, optimizer: optimizer.state() };
    },
    dispose() {
      optimizer.dispose();
      average.dispose();
    },
  };
}

/** Where nothing is averaged, the weights themselves. */
function unaveraged({ parameters, weights }: Optimizer): Average {
  return { parameters, state: () => ({ weights: weights(), scale: 1 }), update: () => {}, dispose: () => {} };
}

/** The state before the first epoch, or the kept one. */
export function stateFrom(start: Weights | TrainingState, learningRate: number): TrainingState {
  if (isState(start)) return start;
  const best = { epoch: 0, loss: Number.POSITIVE_INFINITY };
  const optimizer = { step: 0, first: {}, second: {} };
  const averaged = { average: start, averageScale: 1 };
  return { epoch: 0, plateau: startSchedule(learningRate), best, weights: start, ...averaged, optimizer };
}

function isState(start: Weights | TrainingState): start is TrainingState {
  return "optimizer" in start;
}
