import { type Config, makeConfig, PRESETS } from "../config";
import { UsageError } from "../errors";
import type { WorkOptions } from "../prepare";
import { formatCount } from "../reporting/format";
import { textTable } from "../reporting/tables";
import { interruptSignal, terminalProgress } from "../system/terminal";
import type { Arguments } from "./arguments";

/** How every command's help tells of `--data`, `--preset` and `--set`. */
export const CONFIG_HELP = `  --preset P       ${Object.keys(PRESETS).join(", ")}; several joined by commas (default sample)
  --data SRC       a parquet file or a folder of them, a folder of images with a JSON or CSV of facts,
                   sample, or hub:owner/name (default: the preset's)
  --set key=value  changes one setting, as training.maxEpochs=5; may be repeated`;

/** The options that make a configuration. */
export const CONFIG_OPTIONS = {
  preset: { type: "string" },
  data: { type: "string" },
  set: { type: "string", multiple: true },
} as const;

/** The configuration that the options ask for. */
export function configOf({ values }: Arguments): Config {
  return makeConfig({
    preset: text(values, "preset"),
    data: text(values, "data"),
    set: (values.set ?? []) as string[],
  });
}

/** An option's text; undefined where it was not given. */
export function text(values: Arguments["values"], name: string): string | undefined {
  const value = values[name];
  if (value === "") throw new UsageError(`--${name} is empty.`);
  return value as string | undefined;
}

/** An option's text; a `UsageError` where it was not given. */
export function required(values: Arguments["values"], name: string): string {
  const value = text(values, name);
  if (value === undefined) throw new UsageError(`--${name} is missing.`);
  return value;
}

/** An option's whole number from 1; undefined where it was not given. */
export function wholeNumber(values: Arguments["values"], name: string): number | undefined {
  const given = text(values, name);
  if (given === undefined) return undefined;
  if (/^\d+$/.test(given) && Number(given) >= 1) return Number(given);
  throw new UsageError(`--${name} takes a whole number from 1, not "${given}".`);
}

/** Progress on stderr, and Ctrl-C. */
export function workOptions(): Required<WorkOptions> {
  return { onProgress: terminalProgress(), signal: interruptSignal() };
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** How many of a list of faults are written out; a JSON file holds them all. */
const SHOWN = 10;

/** Writes what was left out, with its reasons, to stderr. */
export function sayLeftOut(title: string, rows: readonly object[]): void {
  if (rows.length === 0) return;
  const more = rows.length > SHOWN ? `, the first ${SHOWN}` : "";
  say(`${title}: ${formatCount(rows.length)}${more}\n${textTable(rows.slice(0, SHOWN))}`);
}
