// What the scripts that write a part of README.md share.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const { UserError } = createRequire(import.meta.url)("movie-revenue");
const readme = join(dirname(fileURLToPath(import.meta.url)), "../README.md");

/** Puts a text between README.md's markers of that name. */
export function writeReadme(name, text) {
  const marker = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  const before = readFileSync(readme, "utf8");
  if (!marker.test(before)) throw new UserError(`${readme} has lost its <!-- ${name} --> markers: put them back.`);
  writeFileSync(
    readme,
    before.replace(marker, (_, open, close) => `${open}${text}\n${close}`),
  );
}

/** Runs a script's main function; what the user can put right is one sentence. */
export async function runScript(name, main) {
  try {
    await main();
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    console.error(`${name}: ${thrown.message}`);
    process.exitCode = thrown.exitCode;
  }
}
