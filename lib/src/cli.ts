import { COMMANDS } from "./commands";
import { parseArguments } from "./commands/arguments";
import { noSuch, UsageError, UserError } from "./errors";
import { visibleText } from "./reporting/escape";

/** Runs one command; the exit code is 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
export async function main(args: readonly string[]): Promise<number> {
  // whoever reads may have read enough, as `head` has: no more is written
  process.stdout.on("error", () => process.exit(0));
  try {
    const [name = "--help", ...rest] = args;
    if (name === "--help" || name === "-h" || name === "help") return print(overview());
    if (name === "--version") return print((require("../package.json") as { version: string }).version);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(noSuch("command", name, Object.keys(COMMANDS)));
    if (rest.includes("--help") || rest.includes("-h")) return print(command.help);
    return await command.run(parseArguments(rest, command));
  } catch (thrown) {
    // anything but a UserError is a fault of this program: whoever mends it needs the stack
    const known = thrown instanceof UserError;
    process.stderr.write(
      `movie-revenue: ${known ? visibleText(thrown.message) : ((thrown as Error).stack ?? thrown)}\n`,
    );
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
