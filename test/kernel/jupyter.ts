import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** The project's root. */
export const root = join(import.meta.dirname, "../..");
export const python = join(root, process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");

/** The project's kernel, and tslab as it comes, which `environment` offers to tests as "stock". */
export type Kernel = "tslab" | "stock";

export interface Cell {
  source: string;
  tags?: string[];
}

export interface Done {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A new folder of the system's temporary place. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "movie-revenue-"));
}

/** Variables under which Jupyter finds both kernels and keeps all it writes in a folder. */
export function environment(folder: string): NodeJS.ProcessEnv {
  const stock = join(folder, "kernels/stock");
  mkdirSync(stock, { recursive: true });
  const argv = ["node", join(root, "node_modules/tslab/bin/tslab"), "kernel", "--config-path={connection_file}"];
  writeFileSync(join(stock, "kernel.json"), JSON.stringify({ display_name: "stock", language: "typescript", argv }));
  return {
    ...process.env,
    PATH: [dirname(python), dirname(process.execPath), process.env.PATH].join(delimiter),
    JUPYTER_PATH: [join(root, "jupyter"), folder].join(delimiter),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    IPYTHONDIR: join(folder, "ipython"),
  };
}

/** Writes a notebook of code cells; returns its path. */
export function writeNotebook(path: string, cells: (Cell | string)[], kernel: Kernel = "tslab"): string {
  const code = cells.map((cell) => (typeof cell === "string" ? { source: cell } : cell));
  const notebook = {
    cells: code.map(({ source, tags = [] }, i) => ({
      cell_type: "code",
      id: `cell-${i}`,
      metadata: { tags },
      source,
      outputs: [],
      execution_count: null,
    })),
    metadata: { kernelspec: { name: kernel, display_name: "TypeScript", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  writeFileSync(path, JSON.stringify(notebook));
  return path;
}

/** Runs Python from .venv to its end; `onStderr` hears what it says while it runs. */
export function runPython(
  args: string[],
  {
    env,
    cwd = root,
    onStderr,
  }: { env: NodeJS.ProcessEnv; cwd?: string; onStderr?: (text: string, pid: number) => void },
): Promise<Done> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { cwd, env });
    const done: Done = { code: null, stdout: "", stderr: "" };
    child.stdout.on("data", (text) => {
      done.stdout += text;
    });
    child.stderr.on("data", (text) => {
      done.stderr += text;
      onStderr?.(String(text), child.pid!);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...done, code }));
  });
}
