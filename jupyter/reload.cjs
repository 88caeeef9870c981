// A library that is compiled while the kernel runs is loaded anew by the next cell that imports it.
const { realpathSync, statSync } = require("node:fs");
const { join } = require("node:path");

const LIBRARY = join(realpathSync(join(__dirname, "..")), "lib", "dist");
const IMPORTS = /["']movie-revenue(\/[^"']*)?["']/;

/** Drops the library from Node's cache if the cell imports it and a file of it changed since it was loaded; whether it did. */
function reloadLibrary(code, loadedAt, folder = LIBRARY) {
  if (!IMPORTS.test(code)) return false;
  const loaded = Object.keys(require.cache).filter((file) => file.startsWith(folder));
  if (!loaded.some((file) => changedAt(file) > loadedAt)) return false;
  for (const file of loaded) delete require.cache[file];
  return true;
}

function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

module.exports = { reloadLibrary };
