import { existsSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../errors";
import { readSafetensors, type Weights, writeSafetensors } from "../model/safetensors";
import type { OptimizerState } from "./optimizer";
import type { PlateauState } from "./plateau";

/** Where training stands after a step. */
export interface TrainingState {
  /** Whole epochs, each with its validation. */
  epoch: number;
  /** How far the epoch after them has come; absent between two epochs. */
  begun?: BegunEpoch;
  /** Everything that the model is made of, running statistics of batch norms among it. */
  weights: Weights;
  /** The running average of the weights; `weights` itself where nothing is averaged. */
  average: Weights;
  /** What `average` is still to be multiplied by: 1 after a validation, which brings it to scale (see `nativeAverage`). */
  averageScale: number;
  plateau: PlateauState;
  best: { epoch: number; loss: number };
  optimizer: OptimizerState;
}

/** What the first steps of an epoch have come to; which films they took follows from seed and epoch. */
export interface EpochSteps {
  steps: number;
  films: number;
  /** Sum of the losses of these films. */
  loss: number;
}

/** An epoch that was interrupted. */
export interface BegunEpoch extends EpochSteps {
  seconds: number;
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
  ...{ step: count, epoch: count, averageScale: z.number().positive().default(1) },
  begun: z.object({ steps: count, films: count, loss: z.number(), seconds: z.number() }).optional(),
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
