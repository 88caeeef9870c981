import { prepare, summarise } from "../prepare";
import { formatCount } from "../reporting/format";
import { writeJson } from "../system/files";
import type { Command } from "./command";
import { CONFIG_HELP, CONFIG_OPTIONS, configOf, print, say, sayLeftOut, text, workOptions } from "./shared";

export const prepareCommand: Command = {
  summary: "reads data and tells what is kept, what is dropped and why, and how it is split",
  help: `movie-revenue prepare [--preset P] [--data SRC] [--set key=value]… [--json FILE]

${CONFIG_HELP}
  --json FILE      writes the account as JSON`,
  options: { ...CONFIG_OPTIONS, json: { type: "string" } },
  async run(args) {
    const prepared = await prepare(configOf(args), workOptions());
    const summary = summarise(prepared);
    const json = text(args.values, "json");
    if (json) await writeJson(json, summary);
    for (const note of prepared.notes) say(note);
    sayLeftOut("Rows that cannot be used", summary.invalid);
    const { rows, invalid, aboveThreshold, films, duplicates, splits, leaks, dropped } = summary;
    const belowThreshold = Object.entries(dropped).filter(([, count]) => count > 0);
    const lines: [string, number][] = [
      ["rows", rows],
      ["  invalid", invalid.length],
      ...belowThreshold.map(([reason, count]): [string, number] => [`  ${reason}`, count]),
      ["above the threshold", aboveThreshold],
      ["  same film, same bytes", duplicates.sameBytes],
      ["  same film, same picture", duplicates.samePicture],
      ["  same film, other artwork", duplicates.otherArtwork],
      ["films", films],
      ["  train", splits.train],
      ["  validation", splits.validation],
      ["  test", splits.test],
      ["leaks: one film on two sides", leaks.sameId.count],
      ["  pairs with the same bytes", leaks.sameBytes.count],
      ["  pairs with the same picture", leaks.samePicture.count],
      ["  pairs of one title and year", leaks.sameTitleAndYear.count],
    ];
    for (const [name, count] of lines) print(`${name.padEnd(36)}${formatCount(count).padStart(9)}`);
    print(`fingerprint ${summary.fingerprint}`);
    return 0;
  },
};
