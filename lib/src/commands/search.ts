import { UserError } from "../errors";
import { checkOn } from "../ray/cluster";
import { describeSearch, describeTrial, searchText } from "../reporting/tables/search";
import { search } from "../search";
import { readSpace } from "../training/space";
import type { Command } from "./command";
import { CONFIG_HELP, CONFIG_OPTIONS, print, required, say, text, wholeNumber, workOptions } from "./shared";

export const searchCommand: Command = {
  summary: "trains a run for each trial of a search space, and ranks them by validation loss",
  help: `movie-revenue search --preset P --data SRC --space FILE.json [--run NAME] [--trials N] [--resume] [--set key=value]…
                     [--on ray|ray://HOST:PORT]

${CONFIG_HELP}
  --space FILE     what is searched: {"method": "grid" or "random", "trials": n, "seed": n, "settings": {…}}, where each
                   setting has a list of values, or for random a range:
                   {"training.learningRate": {"low": 1e-5, "high": 1e-3, "scale": "log"}, "training.batchSize": [16, 32]}
  --run NAME       the folder in checkpoints (default search); its trials are the runs NAME-trial-001 and so on;
                   an earlier search of that name is set aside as NAME.previous
  --on ray         trains the trials on a Ray cluster: the running one (RAY_ADDRESS), else this machine, or
                   ray://HOST:PORT; every node must have the project, and data given by path, at the same place
  --trials N       how many trials a random search has (default: the space's)
  --resume         keeps the trials that have ended, failed ones too, and goes on with the one that has not
A failed trial is recorded in trials.jsonl and does not end the search; without its line it is tried again by --resume.`,
  options: {
    ...CONFIG_OPTIONS,
    ...{ space: { type: "string" }, run: { type: "string" }, trials: { type: "string" }, resume: { type: "boolean" } },
    on: { type: "string" },
  },
  async run({ values }) {
    const space = await readSpace(required(values, "space"));
    const common = {
      preset: text(values, "preset"),
      data: text(values, "data"),
      set: values.set as string[] | undefined,
    };
    const trials = wholeNumber(values, "trials");
    const on = checkOn(text(values, "on"));
    const searched = await search(
      text(values, "run") ?? "search",
      { ...common, space },
      {
        ...workOptions(),
        trials,
        on,
        resume: values.resume === true,
        onNote: say,
        onTrial: (trial, standing) => say(describeTrial(trial, standing)),
      },
    );
    print(searchText(searched));
    for (const sentence of describeSearch(searched)) print(`\n${sentence}`);
    print(`\n${searched.page}`);
    if (!searched.bestRun) throw new UserError(`Every trial failed, the first because: ${searched.trials[0]?.reason}`);
    return 0;
  },
};
