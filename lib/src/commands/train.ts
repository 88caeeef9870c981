import { describeEpoch, sampleText } from "../reporting/tables";
import { train } from "../train";
import type { Command } from "./command";
import { CONFIG_HELP, CONFIG_OPTIONS, configOf, print, required, say, workOptions } from "./shared";

export const trainCommand: Command = {
  summary: "trains a model into checkpoints/NAME",
  help: `movie-revenue train --run NAME [--preset P] [--data SRC] [--resume] [--set key=value]…

${CONFIG_HELP}
  --run NAME       the folder in checkpoints; an earlier run of that name is set aside as NAME.previous
  --resume         goes on from where the run was interrupted, or after its last whole epoch where it was killed`,
  options: { ...CONFIG_OPTIONS, run: { type: "string" }, resume: { type: "boolean" } },
  async run(args) {
    const name = required(args.values, "run");
    const { run, epochs, ended } = await train(name, configOf(args), {
      ...workOptions(),
      resume: args.values.resume === true,
      onNote: say,
      onEpoch: (epoch, samples) => {
        say(describeEpoch(epoch));
        if (samples) say(sampleText(samples));
      },
    });
    const best = epochs.reduce((lowest, epoch) => (epoch.val_loss < lowest.val_loss ? epoch : lowest));
    print(
      `${run.folder}: ${ended} after ${epochs.length} epochs, best ${best.epoch} with MSE ${best.val_loss.toFixed(4)}`,
    );
    return 0;
  },
};
