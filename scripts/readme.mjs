// What the scripts that write tables into README.md and docs share.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const { UserError } = createRequire(import.meta.url)("movie-revenue");
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const PAGES = ["README.md", "docs/results.md", "docs/trust.md"];

/** Puts a table between the markers of that name, on the page that has them. */
export function writeTable(name, table) {
  const marker = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  for (const page of PAGES.map((page) => join(root, page))) {
    const before = readFileSync(page, "utf8");
    if (!marker.test(before)) continue;
    const after = before.replace(marker, (_, open, close) => `${open}${table}\n${close}`);
    return writeFileSync(page, after);
  }
  throw new UserError(`None of ${PAGES.join(", ")} has the markers <!-- ${name} -->: put them back.`);
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
