import type { Accepts, Arguments } from "./arguments";

/** One word of the command line. */
export interface Command extends Accepts {
  summary: string;
  help: string;
  /** Does the work; the exit code. */
  run(args: Arguments): Promise<number>;
}
