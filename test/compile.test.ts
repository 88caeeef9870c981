import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileInBackground } from "../scripts/compile.mjs";
import { temporaryFolder } from "./kernel/jupyter.ts";

describe("the compiler in the background", () => {
  it("ends with what it has started", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { outDir: "out" }, files: ["a.ts"] }),
    );
    writeFileSync(join(folder, "a.ts"), "export const one = 1;\n");
    const remembers = join(folder, "remembers.json");
    const { compiler, stop } = compileInBackground(folder, { remembers, stdio: ["ignore", "pipe", "pipe"] });
    await new Promise<void>((resolve) => {
      compiler.stdout!.on("data", (text) => String(text).includes("Found 0 errors") && resolve());
    });
    // the pipe closes when the last process that writes into it has ended
    const closed = once(compiler, "close");
    stop();
    expect(await closed).toEqual([null, "SIGTERM"]);
  });
});
