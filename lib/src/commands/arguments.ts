import { type ParseArgsConfig, parseArgs } from "node:util";
import { noSuch, UsageError } from "../errors";

/** What stood on the command line: the options' values by name, and the other arguments. */
export interface Arguments {
  values: { [name: string]: string | boolean | string[] | undefined };
  positionals: string[];
}

/** What a command takes. */
export interface Accepts {
  options: NonNullable<ParseArgsConfig["options"]>;
  /** Names of the arguments that are not options; all are needed. */
  positionals?: readonly string[];
  /** Whether more of the last of them may follow. */
  more?: boolean;
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

/** Reads a command's arguments; anything that it does not take is a `UsageError` of one sentence. */
export function parseArguments(
  args: readonly string[],
  { options, positionals = [], more = false }: Accepts,
): Arguments {
  // not strict: Node's own words are of several sentences, and name no other option
  const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of parsed.tokens) checkOption(token, options);
  const extra = parsed.positionals[positionals.length];
  if (extra !== undefined && !more) throw new UsageError(`"${extra}" is one argument too many.`);
  const missing = positionals[parsed.positionals.length];
  if (missing) throw new UsageError(`${missing} is missing.`);
  return { values: parsed.values as Arguments["values"], positionals: parsed.positionals };
}

function checkOption(token: Token, options: Accepts["options"]): void {
  if (token.kind !== "option") return;
  const { name, rawName, value, inlineValue } = token;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) {
    const known = Object.keys(options).map((other) => `--${other}`);
    throw new UsageError(known.length > 0 ? noSuch("option", rawName, known) : `${rawName}: no option is taken here.`);
  }
  if (option.type === "boolean" && value !== undefined) throw new UsageError(`${rawName} takes no value.`);
  if (option.type === "boolean" || inlineValue) return;
  if (value === undefined) throw new UsageError(`${rawName} needs a value.`);
  if (value.startsWith("-")) {
    throw new UsageError(`${rawName} needs a value, and "${value}" follows: write ${rawName}=${value} if it is meant.`);
  }
}
