import type { Command } from "./command";
import { compareCommand } from "./compare";
import { doctorCommand } from "./doctor";
import { evaluateCommand } from "./evaluate";
import { explainCommand } from "./explain";
import { exportCommand } from "./export";
import { featuresCommand } from "./features";
import { logCommand } from "./log";
import { predictCommand } from "./predict";
import { prepareCommand } from "./prepare";
import { rerunCommand } from "./rerun";
import { searchCommand } from "./search";
import { trainCommand } from "./train";

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  prepare: prepareCommand,
  train: trainCommand,
  evaluate: evaluateCommand,
  compare: compareCommand,
  predict: predictCommand,
  rerun: rerunCommand,
  explain: explainCommand,
  search: searchCommand,
  log: logCommand,
  features: featuresCommand,
  export: exportCommand,
  doctor: doctorCommand,
};
