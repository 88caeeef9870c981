import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { basename, delimiter, dirname, join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { root, temporaryFolder } from "./jupyter.ts";

/** A chromium that this machine has: the one that CHROMIUM names, or the first of the usual names in PATH. */
export function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
  return process.env.CHROMIUM ?? found;
}

/** JupyterLab as `npm run lab` starts it, and a browser to look at it with. */
export interface Lab {
  address: string;
  token: string;
  browser: Browser;
  close(): Promise<void>;
}

/** Starts JupyterLab on a free port of 127.0.0.1, rooted in a folder, and a browser. Compiling would touch the library that other tests use. */
export async function openLab(folder: string, { compile = false } = {}): Promise<Lab> {
  const args = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking";
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...args.split(" "), "--disable-component-update", "--disable-sync"],
  });
  const port = await freePort();
  const token = "of-this-test";
  const server = spawn(
    process.execPath,
    [
      ...[join(root, "scripts/lab.mjs"), "--no-browser", "--allow-root", "--expose-app-in-browser", "--ip=127.0.0.1"],
      ...[`--port=${port}`, "--ServerApp.port_retries=0", `--ServerApp.root_dir=${folder}`],
      // themes that tests choose are not the user's
      ...["user_settings", "workspaces"].map((kept) => `--LabApp.${kept}_dir=${join(folder, ".lab", kept)}`),
      ...[`--IdentityProvider.token=${token}`, ...(compile ? [] : ["--no-compile"])],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const address = `http://127.0.0.1:${port}`;
  await started(server, address);
  const close = async () => {
    await browser.close();
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  };
  return { address, token, browser, close };
}

/** Opens a notebook and waits for its kernel. */
export async function openNotebook({ address, token, browser }: Lab, notebook: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  await page.goto(`${address}/lab/tree/${notebook}?token=${token}&reset`);
  await page.waitForFunction(isReady, undefined, { timeout: 60_000 });
  return page;
}

/** Opens a notebook and runs it; a failed cell is an error. */
export async function runAllCells(lab: Lab, notebook: string, minutes = 2): Promise<Page> {
  const page = await openNotebook(lab, notebook);
  await runAll(page, minutes);
  return page;
}

/** Chooses Run › Run All Cells, and waits until all are done; a failed cell is an error. */
export async function runAll(page: Page, minutes = 2): Promise<void> {
  await startAll(page);
  const state = await page.waitForFunction(stateOfCells, undefined, { timeout: minutes * 60_000 });
  const failures = (await state.jsonValue()) as string[];
  if (failures.length > 0) throw new Error(failures.join("; "));
}

/** Chooses Run › Run All Cells, after what an earlier run has left is cleared. */
export async function startAll(page: Page): Promise<void> {
  await page.evaluate(() =>
    (globalThis as LabWindow).jupyterapp!.commands.execute("notebook:clear-all-cell-outputs", {}),
  );
  await page.getByRole("menuitem", { name: "Run", exact: true }).click();
  await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
}

/** Ends a notebook's kernel and closes its page. */
export async function closeNotebook(page: Page): Promise<void> {
  await page.evaluate(() => (globalThis as LabWindow).jupyterapp!.shell.currentWidget!.sessionContext!.shutdown());
  await page.close();
}

/** The toolbar's button that interrupts the kernel. */
export function stopButton(page: Page): Locator {
  return page.locator("[data-command='notebook:interrupt-kernel'], jp-button[title*='Interrupt']").first();
}

/** Changes JupyterLab's theme, as Settings › Theme does. */
export async function useTheme(page: Page, theme: "JupyterLab Light" | "JupyterLab Dark"): Promise<void> {
  await page.evaluate(
    (name) => (globalThis as LabWindow).jupyterapp!.commands.execute("apputils:change-theme", { theme: name }),
    theme,
  );
  await page.waitForFunction((name) => document.body.dataset.jpThemeName === name, theme);
  // a dark veil lies over the page meanwhile
  await page.locator("#jupyterlab-splash").waitFor({ state: "detached" });
}

/** Saves a picture of the page in the folder that MOVIE_REVENUE_SCREENSHOTS names, or a temporary one; says where. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const path = join(process.env.MOVIE_REVENUE_SCREENSHOTS ?? temporaryFolder(), `${basename(name)}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
  console.log(`screenshot: ${path}`);
  return path;
}

interface LabCell {
  cell_type: string;
  source: string;
  execution_count: number | null;
  outputs: { output_type: string; ename?: string; evalue?: string }[];
}

/** Of JupyterLab's own objects, what tells how a notebook stands: the screen says "idle" before there is a kernel. */
interface LabWindow {
  jupyterapp?: {
    commands: { execute(command: string, options: object): Promise<unknown> };
    shell: {
      currentWidget?: {
        context?: { isReady: boolean };
        sessionContext?: {
          shutdown(): Promise<void>;
          isReady: boolean;
          session?: { kernel?: { connectionStatus: string; status: string } };
        };
        content: { model: { toJSON(): { cells: LabCell[] } } };
      };
    };
  };
}

/** In the page: the notebook is open and its kernel waits. */
function isReady(): boolean {
  const { context, sessionContext } = (globalThis as LabWindow).jupyterapp?.shell.currentWidget ?? {};
  const kernel = sessionContext?.session?.kernel;
  if (!context?.isReady || !sessionContext?.isReady) return false;
  return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}

/** In the page: null while cells are to run, then what failed. */
function stateOfCells(): string[] | null {
  const { cells } = (globalThis as LabWindow).jupyterapp!.shell.currentWidget!.content.model.toJSON();
  const code = cells.filter(({ cell_type, source }) => cell_type === "code" && String(source).trim() !== "");
  const failures = code.flatMap(({ outputs }) => outputs.filter(({ output_type }) => output_type === "error"));
  if (failures.length > 0) return failures.map(({ ename, evalue }) => `${ename}: ${evalue}`);
  return code.every(({ execution_count }) => execution_count !== null) ? [] : null;
}

/** Resolves once Lab answers; rejects with what it said if it ends before. */
function started(server: ChildProcess, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr!.on("data", (text) => {
      said += text;
      if (said.includes(`${address}/lab`)) resolve();
    });
    server.once("exit", (code) => reject(new Error(`JupyterLab ended with ${code}: ${said}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
