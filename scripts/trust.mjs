// Runs the tests of trust and sums up what they tried: `npm run test:trust`.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTable } from "./readme.mjs";

const { formatCount, markdownTable } = createRequire(import.meta.url)("movie-revenue");
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const help = `npm run test:trust -- [--markdown] [test files]

Tries damaged and hostile inputs, kills, full disks and long trainings, and prints a table of them.
  --markdown  writes the table into docs/trust.md, between its trust markers
MOVIE_REVENUE_TRUST_SHARE=0.05 tries a twentieth of the inputs.`;

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(help);
} else {
  const { code, said } = await runTests(args.filter((arg) => arg !== "--markdown"));
  const table = markdownTable(suitesIn(said));
  console.log(table);
  if (args.includes("--markdown")) writeTable("trust", table);
  process.exitCode = code;
}

/** Vitest on the trust tests; what it writes is shown as it comes. */
function runTests(files) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const tests = spawn(process.execPath, [vitest, "run", "--config", "vitest.trust.config.ts", ...files], {
    cwd: root,
    stdio: ["inherit", "pipe", "inherit"],
  });
  let said = "";
  tests.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
    process.stderr.write(text);
  });
  return new Promise((done) => tests.on("close", (code) => done({ code: code ?? 1, said })));
}

/** A row for each suite of test/trust/suite.ts, from what it says at its end, and their sum. */
function suitesIn(said) {
  const lines = said.matchAll(/^trust: (.+) tests=(\d+) inputs=(\d+) failures=(\d+)$/gm);
  const suites = [...lines].map(([, suite, ...counts]) => ({ suite, counts: counts.map(Number) }));
  const all = suites.reduce((sums, { counts }) => sums.map((sum, i) => sum + counts[i]), [0, 0, 0]);
  const rows = [...suites.sort((a, b) => (a.suite < b.suite ? -1 : 1)), { suite: "all", counts: all }];
  return rows.map(({ suite, counts: [tests, inputs, failures] }) => ({
    ...{ suite, tests: formatCount(tests), inputs: formatCount(inputs), failures: formatCount(failures) },
  }));
}
