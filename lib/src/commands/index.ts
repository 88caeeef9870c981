import type { ParseArgsConfig } from "node:util";
import { doctorCommand } from "./doctor";
import { evaluateCommand } from "./evaluate";
import { featuresCommand } from "./features";
import { predictCommand } from "./predict";
import { prepareCommand } from "./prepare";
import { trainCommand } from "./train";

/** One word of the command line. */
export interface Command {
  summary: string;
  help: string;
  options: NonNullable<ParseArgsConfig["options"]>;
  /** Names of the arguments that are not options; all are needed. */
  positionals: string[];
  /** Does the work; the exit code. */
  run(args: Arguments): Promise<number>;
}

export interface Arguments {
  values: { [name: string]: string | boolean | string[] | undefined };
  positionals: string[];
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
