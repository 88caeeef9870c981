import { UsageError } from "../errors";
import { formatEpochs, logRun } from "../log";
import { readMetrics, trainedRun } from "../runs/run";
import { writeFileAtomic } from "../system/files";
import type { Command } from "./command";
import { print, required, text, workOptions } from "./shared";

export const logCommand: Command = {
  summary: "hands a run's settings, epochs and test errors on: to an MLflow server, or as CSV",
  help: `movie-revenue log --run NAME [--mlflow URL [--experiment NAME]] [--csv FILE]

  --run NAME           a trained run in checkpoints
  --mlflow URL         an MLflow tracking server, as http://127.0.0.1:5000; logging a run again adds nothing twice
  --experiment NAME    the experiment there (default movie-revenue); it is made where it is missing
  --csv FILE           writes a line for each epoch
MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, let you in where a server asks for it.
TensorBoard needs none of this: it reads the folder checkpoints as it is.`,
  options: {
    ...{ run: { type: "string" }, mlflow: { type: "string" } },
    ...{ experiment: { type: "string" }, csv: { type: "string" } },
  },
  async run({ values }) {
    const [name, url, csv] = [required(values, "run"), text(values, "mlflow"), text(values, "csv")];
    const experiment = text(values, "experiment");
    if (!url && !csv) throw new UsageError("--mlflow or --csv must say where the run is logged.");
    if (experiment && !url) throw new UsageError("--experiment is one of an MLflow server: give --mlflow too.");
    if (csv) {
      await writeFileAtomic(csv, formatEpochs(await readMetrics(await trainedRun(name))));
      print(csv);
    }
    if (url) {
      const { signal } = workOptions();
      const logged = await logRun(name, { url, experiment: experiment ?? "movie-revenue", signal });
      print(`${url.replace(/\/+$/, "")}/#/experiments/${logged.experiment}/runs/${logged.run}`);
    }
    return 0;
  },
};
