// The Python of the peers: bench/.venv, made on first use, or the one that MOVIE_REVENUE_PEER_PYTHON names.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "movie-revenue/errors";

const here = dirname(fileURLToPath(import.meta.url));
const venv = join(here, ".venv");
const stamp = join(venv, ".made");
/** PyTorch first: its pin has no hash, because its CPU build and its CUDA build are different files. */
const LISTS = ["requirements-torch.txt", "requirements.txt"].map((name) => join(here, name));

/** Path of a Python with every peer's packages. */
export function peerPython() {
  const own = process.env.MOVIE_REVENUE_PEER_PYTHON;
  if (own) return checked(own);
  const python = join(venv, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const made = LISTS.reduce((hash, list) => hash.update(readFileSync(list)), createHash("sha256")).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === made) return python;
  console.error(
    "bench: installing the peers (PyTorch, polars, pyarrow, Pillow, datasets, RapidOCR) into bench/.venv, once …",
  );
  rmSync(venv, { recursive: true, force: true });
  run(systemPython(), ["-m", "venv", venv], "making bench/.venv");
  const [torch, others] = LISTS.map((list) => ["-r", list]);
  install(python, torch);
  install(python, ["--no-deps", "--require-hashes", ...others]);
  writeFileSync(stamp, made);
  return python;
}

function checked(python) {
  const { status } = spawnSync(python, [
    "-c",
    "import aiohttp, datasets, efficientnet_lite_pytorch, onnxruntime, PIL, polars, pyarrow, rapidocr, torch",
  ]);
  if (status === 0) return python;
  throw new UserError(
    `MOVIE_REVENUE_PEER_PYTHON (${python}) lacks a peer's package: install bench/requirements*.txt, or unset it.`,
  );
}

function systemPython() {
  const names = ["python3", "python3.13", "python3.12", "python3.11", "python"];
  const recent = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
  const found = names.find((name) => spawnSync(name, ["-c", recent]).status === 0);
  if (found) return found;
  throw new UserError("The peers need Python 3.11 or newer with venv: install it, or set MOVIE_REVENUE_PEER_PYTHON.");
}

function install(python, what) {
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...what], "installing the peers");
}

function run(program, args, task) {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return;
  throw new UserError(`${task} failed: ${stderr.trim().split("\n").at(-1)}`);
}
