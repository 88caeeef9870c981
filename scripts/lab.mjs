// Opens the project in JupyterLab: `npm run lab`. What Lab keeps (settings, sessions, its own kernels) stays in .jupyter/.
// Meanwhile the library is compiled whenever a file of it is saved: the next cell that imports it takes the new one.
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileInBackground } from "./compile.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const python = join(root, process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");
const help = `npm run lab -- [options of jupyter lab]

Starts JupyterLab in the project's folder, with its TypeScript kernel. Options go to \`jupyter lab\`, as
  --no-browser            only print the address
  --port 9999             another port than 8888
  --ServerApp.root_dir=F  another folder
  --help-all              all of them
and one is its own:
  --no-compile            does not compile lib/src in the background`;

const options = process.argv.slice(2);
if (options.includes("--help") || options.includes("-h")) {
  console.log(help);
} else if (!existsSync(python)) {
  console.error("JupyterLab is not installed: run `node scripts/setup.mjs`.");
  process.exitCode = 1;
} else {
  openLab();
}

function openLab() {
  const compiling = options.includes("--no-compile")
    ? undefined
    : compileInBackground(join(root, "lib"), { remembers: join(root, ".jupyter/lib.tsbuildinfo") });
  // Lab runs a CommonJS program of its own below .venv, which the project's package.json would make an ES module
  writeFileSync(join(root, ".venv/package.json"), '{ "type": "commonjs" }\n');
  const kept = (name) => join(root, ".jupyter", name);
  const lab = spawn(python, ["-m", "jupyterlab", ...options.filter((option) => option !== "--no-compile")], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      // the kernel's command is "node": this one, whatever else is installed
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      JUPYTER_PATH: join(root, "jupyter"),
      JUPYTER_CONFIG_PATH: join(root, "jupyter"),
      JUPYTER_CONFIG_DIR: kept("config"),
      JUPYTER_DATA_DIR: kept("data"),
      JUPYTER_RUNTIME_DIR: kept("runtime"),
      IPYTHONDIR: kept("ipython"),
    },
  });
  // Ctrl-C reaches Lab by itself, which asks before it stops; this program waits for its answer
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => lab.kill("SIGTERM"));
  lab.on("exit", (code, signal) => {
    compiling?.stop();
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
