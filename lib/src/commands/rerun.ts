import { UsageError, UserError } from "../errors";
import { comparedText } from "../reporting/tables/rerun";
import { RERUN_TOLERANCE, rerun } from "../rerun";
import type { Command } from "./command";
import { print, say, text, workOptions } from "./shared";

export const rerunCommand: Command = {
  summary: "does a trained run again and tells what is equal and what differs",
  help: `movie-revenue rerun RUN [--as NAME] [--tolerance T]

  RUN              a trained run in checkpoints: its config.json says what is done, its manifest.json with what
  --as NAME        the new run's folder (default RUN-rerun); an earlier run of that name is set aside
  --tolerance T    how far losses, test errors and predictions may be off, in log10 dollars (default ${RERUN_TOLERANCE});
                   on one machine and commit they are equal
Stops before training where the films or the backbone's weights are no longer the same. Exits with 1 where something
differs by more than the tolerance. Another commit, engine, Node or number of threads is told, and is no difference.`,
  options: { as: { type: "string" }, tolerance: { type: "string" } },
  positionals: ["RUN"],
  async run({ values, positionals }) {
    const name = positionals[0]!;
    const tolerance = toleranceOf(text(values, "tolerance"));
    const options = { ...workOptions(), as: text(values, "as"), tolerance, onNote: say };
    const { run, compared, differing } = await rerun(name, options);
    print(`${run.folder}\n${comparedText(compared)}`);
    const others = compared.filter(({ verdict, difference }) => verdict === "another" && difference === undefined);
    if (others.length > 0) say(`Other circumstances than then: ${others.map(({ what }) => what).join(", ")}.`);
    if (differing.length === 0) return 0;
    const what = differing.map(({ what }) => what).join(", ");
    throw new UserError(`The rerun of "${name}" differs by more than ${tolerance} log10 dollars: ${what}.`);
  },
};

function toleranceOf(given: string | undefined): number {
  const tolerance = given === undefined ? RERUN_TOLERANCE : Number(given);
  if (tolerance >= 0 && Number.isFinite(tolerance)) return tolerance;
  throw new UsageError(`--tolerance must be a number from 0 on, and ${given} is none.`);
}
