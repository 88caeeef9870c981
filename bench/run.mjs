// Our programs beside their peers, in turns: node bench/run.mjs (see --help and README.md)
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openSource } from "movie-revenue/catalogue/open";
import { didYouMean, reasonOf, UsageError, UserError } from "movie-revenue/errors";
import { cacheFolder } from "movie-revenue/prepare";
import { writeJson } from "movie-revenue/system/files";
import { coreTimes, describeMachine, ENVIRONMENT, onTwoCores, waitForQuiet } from "./machine.mjs";
import { peerPython } from "./peer.mjs";
import { asMarkdown, asText } from "./report.mjs";
import { disagreement, disturbance, rowOf } from "./statistics.mjs";

/**
 * Ours is `program`.mjs, the name's own unless given, and the peer `program`.py, unless `peer` names a program in Node.
 * `args` go to both, or `input`; `peerArgs` instead to the peer. `tolerance` is how far the numbers of their checksums may
 * lie apart; what is not `timed` does not wait for a quiet machine.
 */
const BENCHMARKS = [
  { name: "decode", peerName: "Pillow", input: "posters" },
  { name: "catalogue", peerName: "polars" },
  { name: "catalogue-1M", program: "catalogue", peerName: "polars", args: ["1000000"] },
  { name: "neighbours", peer: "all-pairs.mjs", peerName: "all pairs" },
  { name: "ingest", peerName: "Hugging Face datasets" },
  { name: "features", peerName: "PyTorch", tolerance: { mean: 1e-3, last: 1e-3 } },
  { name: "reading", peerName: "RapidOCR" },
  { name: "head", peerName: "PyTorch", args: ["0"], tolerance: { before: 1e-4, after: 1e-4 } },
  {
    name: "head-averaged",
    program: "head",
    peerName: "PyTorch",
    args: ["0.99"],
    tolerance: { before: 1e-4, after: 1e-4 },
  },
  { name: "resnet-features", peerName: "PyTorch", tolerance: { mean: 1e-3, last: 1e-3 } },
  {
    name: "resnet-onnx",
    program: "resnet-features",
    peer: "resnet-onnx.mjs",
    peerName: "onnxruntime",
    tolerance: { mean: 1e-3, last: 1e-3 },
  },
  { name: "resnet-step", peerName: "PyTorch", tolerance: { before: 1e-3, after: 2e-2 } },
  { name: "tensors", peer: "tensors.mjs", peerName: "after 1 step", args: ["200"], peerArgs: ["1"], timed: false },
  { name: "pipeline", peerName: "PyTorch and others", input: "parquet", tolerance: { features: 1e-3, mse: 0.03 } },
];
const POSTERS = 1000;

const help = `npm run bench -- [NAME…] [options]

Runs our programs and their peers in turns (ours, peer, ours, peer …) on two cores and compares their rates.
NAME is ${BENCHMARKS.map(({ name }) => name).join(", ")}; all of them unless named.

  --data PATH   films for decode and pipeline: a parquet file or a folder of them
                (default: MOVIE_REVENUE_REAL; without either decode takes the embedded sample, and pipeline is skipped)
  --pairs N     turns of each side (default 3)
  --json FILE   writes an array of rows, one for each benchmark: name, ours, peer, peerName, ratio, unit, residentMiB,
                peerResidentMiB; with range, others, machine and every single run beside (see bench/README.md)
  --markdown    prints the table for bench/README.md

The first run installs the Python peers into bench/.venv; MOVIE_REVENUE_PEER_PYTHON names a Python that has them already.`;

try {
  await main();
} catch (thrown) {
  console.error(`bench: ${thrown instanceof UserError ? reasonOf(thrown) : thrown.stack}`);
  process.exitCode = thrown instanceof UserError ? thrown.exitCode : 1;
}

async function main() {
  const { values, positionals } = options();
  if (values.help) return console.log(help);
  const chosen = choose(positionals);
  const pairs = pairsOf(values);
  const data = values.data ?? process.env.MOVIE_REVENUE_REAL;
  const python = chosen.some(({ peer }) => !peer) ? peerPython() : null;
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    const rows = [];
    for (const benchmark of chosen) {
      if (benchmark.input === "parquet" && !data)
        console.error(`bench: ${benchmark.name} is skipped: it needs --data.`);
      else rows.push(await measure(benchmark, await inputOf(benchmark, data, folder), python, pairs));
      // after each, for a later one may fail
      if (values.json) await writeJson(values.json, rows);
    }
    if (rows.length > 0) print(rows, values, positionals);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function options() {
  const text = { type: "string" };
  const flag = { type: "boolean" };
  try {
    const known = { data: text, pairs: text, json: text, markdown: flag, help: flag };
    return parseArgs({ options: known, allowPositionals: true });
  } catch (thrown) {
    throw new UsageError(reasonOf(thrown));
  }
}

function choose(names) {
  const known = BENCHMARKS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new UsageError(`There is no benchmark "${unknown}".${didYouMean(unknown, known)}`);
  return BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
}

function pairsOf({ pairs = "3" }) {
  if (/^[1-9]\d*$/.test(pairs)) return Number(pairs);
  throw new UsageError(`--pairs takes a whole number from 1, and was given "${pairs}".`);
}

/** The arguments that the programs of a benchmark get. */
async function inputOf({ args = [], input }, data, folder) {
  if (input === "parquet") return [data];
  if (input !== "posters") return args;
  const posters = join(folder, "posters");
  await mkdir(posters);
  const source = await openSource(data ?? "sample", { cache: cacheFolder() });
  const rows = Array.from({ length: Math.min(POSTERS, source.count) }, (_, row) => row);
  for await (const { row, bytes } of source.posters(rows)) {
    if (bytes) await writeFile(join(posters, String(row).padStart(4, "0")), bytes);
  }
  return [posters];
}

/** Both sides in turns; throws where they did not do the same work. */
async function measure(benchmark, args, python, pairs) {
  const { name, timed = true, tolerance } = benchmark;
  const commands = commandsOf(benchmark, args, python);
  const runs = { ours: [], peer: [] };
  for (let pair = 1; pair <= pairs; pair++) {
    for (const side of ["ours", "peer"])
      runs[side].push(await runProgram(commands[side], { title: `${name} ${pair}/${pairs}: ${side}`, timed }));
    const why = disagreement(runs.ours.at(-1).checksum, runs.peer.at(-1).checksum, tolerance);
    if (why) throw new UserError(`${name} cannot be compared, for the two sides disagree: ${why}.`);
  }
  return { ...rowOf(benchmark, runs), machine: describeMachine() };
}

/** What runs our side, and what the peer's. */
function commandsOf({ name, program = name, peer, peerArgs }, args, python) {
  const path = (file) => join(dirname(fileURLToPath(import.meta.url)), file);
  const theirs = peer ? [process.execPath, path(peer)] : [python, path(`${program}.py`)];
  return { ours: [process.execPath, path(`${program}.mjs`), ...args], peer: [...theirs, ...(peerArgs ?? args)] };
}

/** The line that a program prints, with the share of the cores that others used meanwhile. */
async function runProgram(command, { title, timed }) {
  if (timed) await waitForQuiet();
  const before = coreTimes();
  const { code, stdout, stderr } = await outputOf(onTwoCores(command));
  const after = coreTimes();
  if (code !== 0) throw new UserError(`${title} failed: ${complaintIn(stderr)}`);
  const result = JSON.parse(stdout.trim().split("\n").at(-1));
  const others = disturbance(before, after, 1000 * result.cpuSeconds);
  console.error(
    `bench: ${title} ${result.rate.toPrecision(4)} ${result.unit}, others' load ${(100 * others).toFixed(0)} %`,
  );
  return { ...result, others };
}

/** The line that names the error: in Python the last one, in Node above the stack. */
function complaintIn(stderr) {
  const lines = stderr.trim().split("\n");
  return lines.findLast((line) => /^[\w.]*(Error|Exception)\b/.test(line)) ?? lines.at(-1);
}

function outputOf([program, ...args]) {
  const child = spawn(program, args, { env: { ...process.env, ...ENVIRONMENT }, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"])
    child[stream].on("data", (chunk) => {
      output[stream] += chunk;
    });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ ...output, code }));
  });
}

function print(rows, { markdown, pairs }, names) {
  // without paths, which are this machine's own
  const command = ["npm run bench -- --markdown", ...(pairs ? [`--pairs ${pairs}`] : []), ...names].join(" ");
  if (markdown) console.log(`\`${command}\` on ${describeMachine()}:\n\n${asMarkdown(rows)}`);
  else console.log(asText(rows));
}
