// Where an error is, in the words of those who wrote the code: the line of the cell, or of lib/src, never of compiled JavaScript.
const { existsSync, readFileSync } = require("node:fs");
const { SourceMap } = require("node:module");
const { dirname, relative, resolve } = require("node:path");

/** Lines shown above and below the one at fault. */
const AROUND = 2;

/** Cell's number → its text, and the maps from its JavaScript back to it, the last step first. */
const cells = new Map();
/** Compiled file → its map, or null where it has none. */
const files = new Map();

/** Remembers a cell, so that errors of its functions can be told when later cells call them. */
function rememberCell(number, code, maps) {
  cells.set(number, { code, maps: maps.map((map) => new SourceMap(JSON.parse(map))) });
}

/** A stack with the positions of cells and of compiled packages told in their sources, and below it the line of the cell. */
function locate(stack) {
  const lines = stack.map((line) =>
    line
      .replace("at Proxy.", "at ")
      .replace(/cell \[(\d+)\]:(\d+):(\d+)/, (_, number, at, column) => `cell [${number}]${lineOf(number, at, column)}`)
      .replace(/([^\s(]+\.js):(\d+):(\d+)/, (place, file, at, column) => sourceOf(file, at, column) ?? place),
  );
  // below the cell's own line stands the call of the function that the kernel puts around it
  const inCell = lines.findIndex((line) => /^\s+at cell \[/.test(line));
  const told = lines.filter((line, i) => inCell < 0 || i <= inCell || !/^\s+at /.test(line));
  const [, number, line] = told.join("\n").match(/cell \[(\d+)\], line (\d+)/) ?? [];
  return number ? [...told, ...excerpt(cells.get(Number(number)).code, Number(line))] : told;
}

/** The line of a cell, numbered and marked, with those around it. */
function excerpt(code, line) {
  const lines = code.split("\n");
  const first = Math.max(1, line - AROUND);
  const shown = lines.slice(first - 1, line + AROUND);
  const width = String(first + shown.length - 1).length;
  return shown.map((text, i) => {
    const number = first + i;
    return `${number === line ? ">" : " "} ${String(number).padStart(width)} | ${text}`;
  });
}

function lineOf(number, line, column) {
  const cell = cells.get(Number(number));
  let at = { originalLine: line - 1, originalColumn: column - 1 };
  for (const map of cell?.maps ?? []) at = map.findEntry(at.originalLine, at.originalColumn);
  // the converter puts one line before a cell
  return at.originalLine >= 1 ? `, line ${at.originalLine}` : "";
}

function sourceOf(file, line, column) {
  if (!files.has(file)) files.set(file, existsSync(`${file}.map`) ? new SourceMap(readMap(file)) : null);
  const { originalSource, originalLine, originalColumn } = files.get(file)?.findEntry(line - 1, column - 1) ?? {};
  if (originalSource === undefined) return undefined;
  const source = relative(process.cwd(), resolve(dirname(file), originalSource));
  return `${source}:${originalLine + 1}:${originalColumn + 1}`;
}

function readMap(file) {
  return JSON.parse(readFileSync(`${file}.map`, "utf8"));
}

/** Forgets the maps of compiled files, which were compiled anew. */
function forgetFiles() {
  files.clear();
}

module.exports = { excerpt, forgetFiles, locate, rememberCell };
