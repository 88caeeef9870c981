import { existsSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../errors";
import { readSafetensors, type Weights, writeSafetensors } from "../model/safetensors";
import type { OptimizerState } from "./optimizer";
import type { PlateauState } from "./plateau";

/** Where training stands after a whole epoch. */
export interface TrainingState {
  epoch: number;
  /** Everything that the model is made of, running statistics of batch norms among it. */
  weights: Weights;
  /** The running average of the weights; `weights` itself where nothing is averaged. */
  average: Weights;
  plateau: PlateauState;
  best: { epoch: number; loss: number };
  optimizer: OptimizerState;
}

const PARTS = ["first.", "second.", "average."];

/**
 * Writes `last.safetensors`: weights, moments and average under their prefixes and, as metadata, the rest of the state.
 * An average that is the weights themselves is not written.
 */
export async function saveLast(path: string, { weights, average, optimizer, ...rest }: TrainingState): Promise<void> {
  const tensors = {
    ...weights,
    ...prefixed("first.", optimizer.first),
    ...prefixed("second.", optimizer.second),
    ...(average === weights ? {} : prefixed("average.", average)),
  };
  await writeSafetensors(path, tensors, { state: JSON.stringify({ ...rest, step: optimizer.step }, infinityAsNull) });
}

/** Reads `last.safetensors`, or gives null where there is none yet. */
export async function loadLast(path: string): Promise<TrainingState | null> {
  if (!existsSync(path)) return null;
  const { tensors, metadata } = await readSafetensors(path);
  const { step, ...rest } = parseState(metadata.state, path);
  const plain = Object.entries(tensors).filter(([name]) => !PARTS.some((part) => name.startsWith(part)));
  const weights = Object.fromEntries(plain);
  const average = unprefixed("average.", tensors);
  return {
    ...rest,
    weights,
    average: Object.keys(average).length > 0 ? average : weights,
    optimizer: { step, first: unprefixed("first.", tensors), second: unprefixed("second.", tensors) },
  };
}

const count = z.number().int().nonnegative();
const loss = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.POSITIVE_INFINITY);
const stateSchema = z.object({
  ...{ step: count, epoch: count },
  plateau: z.object({ learningRate: z.number().positive(), best: loss, badEpochs: count }),
  best: z.object({ epoch: count, loss }),
});

function parseState(text = "", path: string): z.infer<typeof stateSchema> {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError(`${path} holds no training state: start the run anew under another name.`);
  }
}

function prefixed(prefix: string, weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [prefix + name, weight]));
}

function unprefixed(prefix: string, weights: Weights): Weights {
  const own = Object.entries(weights).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, weight]) => [name.slice(prefix.length), weight]));
}

/** JSON has no infinity; the best loss before the first epoch is one. */
function infinityAsNull(_key: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? null : value;
}
