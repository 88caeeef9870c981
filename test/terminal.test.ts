import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Progress } from "movie-revenue/progress";
import { terminalProgress } from "movie-revenue/system/terminal";
import { describe, expect, it } from "vitest";

const at = (task: string, done: number, seconds: number, total: number | undefined = 100): Progress => ({
  ...{ task, done, total, unit: "rows", seconds },
});

/** A stream that keeps what is written to it. */
function stream(terminal: { isTTY?: boolean; columns?: number } = {}): { written: string[]; out: NodeJS.WriteStream } {
  const written: string[] = [];
  const out = { ...terminal, write: (text: string) => written.push(text) };
  return { written, out: out as unknown as NodeJS.WriteStream };
}

describe("terminalProgress", () => {
  it("draws over one line of a terminal, cut to its width, and ends it", () => {
    const { written, out } = stream({ isTTY: true, columns: 25 });
    const tell = terminalProgress(out);
    tell(at("reading", 50, 5));
    tell(at("reading", 100, 10));
    // "reading 50/100 50% · 10 rows/s · 0:05 left", of which 24 columns fit
    expect(written).toEqual(["\r\x1b[Kreading 50/100 50% · 10 ", "\r\x1b[Kreading 100/100 100% · 1\n"]);
  });

  it("in a log writes a line every ten seconds and at each task's end", () => {
    const { written, out } = stream();
    const tell = terminalProgress(out);
    for (const [done, seconds] of [
      [1, 0.1],
      [10, 5],
      [20, 10.2],
      [30, 15],
      [40, 20.3],
      [100, 22],
    ] as const) {
      tell(at("reading", done, seconds));
    }
    expect(written.map((line) => line.split(" ")[1])).toEqual(["20/100", "40/100", "100/100"]);
    expect(written.every((line) => line.endsWith("\n") && !line.includes("\x1b"))).toBe(true);
  });

  it("in a log begins a new task without a line, even one of the same name", () => {
    const { written, out } = stream();
    const tell = terminalProgress(out);
    tell(at("reading", 100, 60));
    tell(at("reading", 1, 0.1));
    tell(at("decoding", 1, 30));
    tell(at("decoding", 2, 39));
    tell(at("decoding", 3, 41));
    expect(written.map((line) => line.split(" · ")[0])).toEqual(["reading 100/100 100%", "decoding 3/100 3%"]);
  });

  it("of work without a known end goes on every ten seconds", () => {
    const { written, out } = stream();
    const tell = terminalProgress(out);
    for (const seconds of [0, 11, 12, 22]) tell({ ...at("reading", 10 * seconds, seconds), total: undefined });
    expect(written).toEqual(["reading 110 · 10 rows/s\n", "reading 220 · 10 rows/s\n"]);
  });
});

describe.skipIf(process.platform === "win32")("interruptSignal", () => {
  /** Sends as many signals as the program is to get, each once it has said that it waits for one. */
  function interrupted(
    code: string,
    signal: NodeJS.Signals,
  ): Promise<{ code: number | string | null; stderr: string }> {
    const program = `const signal = require("movie-revenue/system/terminal").interruptSignal(); ${code}`;
    const root = fileURLToPath(new URL("..", import.meta.url));
    const child = spawn(process.execPath, ["--input-type=commonjs", "--eval", program], { cwd: root });
    child.stdout.on("data", () => child.kill(signal));
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    return new Promise((done) => child.on("close", (exit, by) => done({ code: exit ?? by, stderr })));
  }
  const said = "\nInterrupted: ending cleanly (once more to end at once).\n";

  it.each(["SIGINT", "SIGTERM"] as const)("%s aborts it and leaves the end to the program", async (signal) => {
    const code = `const wait = setInterval(() => {}, 1000); console.log("ready");
      signal.addEventListener("abort", () => { clearInterval(wait); process.exitCode = 7; });`;
    expect(await interrupted(code, signal)).toEqual({ code: 7, stderr: said });
  });

  it("a second one ends a program that does not listen", async () => {
    const code = `setInterval(() => {}, 1000); console.log("ready");
      signal.addEventListener("abort", () => console.log("heard, and goes on"));`;
    // which a shell counts as 130
    expect(await interrupted(code, "SIGINT")).toEqual({ code: "SIGINT", stderr: said });
  });

  it("a second one ends a computation that lets no JavaScript through", async () => {
    const code = `const wait = setInterval(() => {}, 1000); console.log("ready");
      signal.addEventListener("abort", () => {
        require("node:fs").writeSync(1, "computing");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    expect(await interrupted(code, "SIGINT")).toEqual({ code: "SIGINT", stderr: said });
  });
});
