import type { Accepts, Arguments } from "./arguments";
import { doctorCommand } from "./doctor";
import { evaluateCommand } from "./evaluate";
import { featuresCommand } from "./features";
import { predictCommand } from "./predict";
import { prepareCommand } from "./prepare";
import { trainCommand } from "./train";

/** One word of the command line. */
export interface Command extends Accepts {
  summary: string;
  help: string;
  /** Does the work; the exit code. */
  run(args: Arguments): Promise<number>;
}

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  prepare: prepareCommand,
  train: trainCommand,
  evaluate: evaluateCommand,
  predict: predictCommand,
  features: featuresCommand,
  doctor: doctorCommand,
};
