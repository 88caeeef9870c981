import type { Film } from "../catalogue/film";
import type { Config } from "../config";
import { UserError } from "../errors";
import { BrokenLoss } from "./epoch-loss";

/** How many films of a batch are named where its loss broke. */
const NAMED = 5;

/** Trains; what stops it is said in the words of its films and settings. */
export async function explainingFailures<T>(
  { films, training }: { films: readonly Film[]; training: Config["training"] },
  train: () => Promise<T>,
): Promise<T> {
  try {
    return await train();
  } catch (thrown) {
    if (thrown instanceof BrokenLoss && thrown.batch) throw brokenBy(thrown, films);
    if (isOutOfMemory(thrown)) throw new UserError(`The engine ran out of memory: ${whatToLower(training)}.`);
    throw thrown;
  }
}

function brokenBy({ message, batch }: BrokenLoss, films: readonly Film[]): UserError {
  const rows = batch?.rows ?? [];
  const named = rows.slice(0, NAMED).map((row) => `${JSON.stringify(films[row]!.title)} (${films[row]!.id})`);
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : "";
  return new UserError(`${message} The batch held ${named.join(", ")}${more}; the last whole epoch is kept.`);
}

/** TensorFlow's status 8 is RESOURCE_EXHAUSTED; what JavaScript cannot allocate is a RangeError. */
function isOutOfMemory(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return /^Invalid TF_Status: 8\b|\bOOM when allocating|Array buffer allocation failed/.test(thrown.message);
}

function whatToLower({ batchSize, accumulate, freeze }: Config["training"]): string {
  const lower = `lower training.batchSize (${batchSize})`;
  if (freeze === "backbone") return lower;
  return `${lower}, or raise training.accumulate (${accumulate}), by which a batch goes through the network in parts`;
}
