import { parseArgs } from "node:util";
import { COMMANDS, type Command } from "./commands";
import { didYouMean, reasonOf, UsageError, UserError } from "./errors";

/** Runs one command; the exit code is 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const [name = "--help", ...rest] = args;
    if (name === "--help" || name === "-h" || name === "help") return print(overview());
    if (name === "--version") return print((require("../package.json") as { version: string }).version);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(`There is no command "${name}".${didYouMean(name, Object.keys(COMMANDS))}`);
    if (rest.includes("--help") || rest.includes("-h")) return print(command.help);
    return await command.run(parse(command, rest));
  } catch (thrown) {
    const known = thrown instanceof UserError;
    process.stderr.write(`movie-revenue: ${known || !(thrown instanceof Error) ? reasonOf(thrown) : thrown.stack}\n`);
    if (thrown instanceof UsageError) process.stderr.write("`movie-revenue COMMAND --help` shows how it is used.\n");
    return known ? thrown.exitCode : 1;
  }
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return ["movie-revenue COMMAND [options]", "", ...lines, "", "`movie-revenue COMMAND --help` tells more."].join("\n");
}

function parse({ options, positionals }: Command, args: string[]): Parameters<Command["run"]>[0] {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (thrown) {
    throw new UsageError(reasonOf(thrown));
  }
  const extra = parsed.positionals[positionals.length];
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many.`);
  const missing = positionals[parsed.positionals.length];
  if (missing) throw new UsageError(`${missing} is missing.`);
  return { values: parsed.values as Parameters<Command["run"]>[0]["values"], positionals: parsed.positionals };
}
