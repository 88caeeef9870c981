import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../kernel/jupyter.ts";

interface Notebook {
  cells: { cell_type: string; source: string[]; metadata: { tags?: string[] } }[];
}

const folder = join(root, "notebooks");

/** The notebooks' file names, in order. */
export const names = readdirSync(folder)
  .filter((name) => name.endsWith(".ipynb"))
  .sort();

export const readNotebook = (path: string): Notebook => JSON.parse(readFileSync(path, "utf8"));

/** What makes a notebook quick; those that it declares are set. The films are of the sample, or of other data. */
const SMALL: Readonly<Record<string, unknown>> = {
  preset: "quick",
  ...(process.env.MOVIE_REVENUE_WALK_DATA ? { data: process.env.MOVIE_REVENUE_WALK_DATA } : {}),
};

/** What single notebooks need besides. */
const SMALLER: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "07-original-recipe.ipynb": { films: 32, backbone: "resnet18" },
  "09-what-the-model-sees.ipynb": { limit: 4, columns: 2, rows: 3 },
};

/** The values for a notebook's parameters cell. */
export function smallParameters(name: string): Record<string, unknown> {
  const cell = readNotebook(join(folder, name)).cells.find(({ metadata }) => metadata.tags?.includes("parameters"));
  const declared = [...(cell?.source.join("") ?? "").matchAll(/^let (\w+)/gm)].map(([, name]) => name!);
  const all = Object.entries({ ...SMALL, ...SMALLER[name] });
  return Object.fromEntries(all.filter(([key]) => declared.includes(key)));
}

/** A new folder below the project, where notebooks find the library as the project's own do. */
export function folderInside(): string {
  mkdirSync(join(root, ".jupyter"), { recursive: true });
  return mkdtempSync(join(root, ".jupyter/walk-"));
}

/** Copies of all notebooks, their parameters set as a user would. */
export function writeSmallNotebooks(to: string): string[] {
  return names.map((name) => {
    const notebook = readNotebook(join(folder, name));
    const values = Object.entries(smallParameters(name)).map(([key, value]) => `${key} = ${JSON.stringify(value)};\n`);
    const parameters = notebook.cells.find(({ metadata }) => metadata.tags?.includes("parameters"));
    // in a block, for tslab prints the value of a cell's last statement
    if (values.length > 0) parameters?.source.push("\n{\n", ...values, "}");
    writeFileSync(join(to, name), JSON.stringify(notebook));
    return join(to, name);
  });
}

/** Writes a notebook of one cell, which throws. */
export function plantError(from: string, to: string): string {
  const notebook = readNotebook(from);
  const first = notebook.cells.find(({ cell_type }) => cell_type === "code")!;
  const cells = [{ ...first, id: "planted", metadata: {}, source: ['throw new Error("planted");'] }];
  writeFileSync(to, JSON.stringify({ ...notebook, cells }));
  return to;
}
