import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { broken } from "./broken.ts";
import { type Done, environment, type Kernel, root, runPython, temporaryFolder, writeNotebook } from "./jupyter.ts";

const folder = temporaryFolder();
const env = environment(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How three tools ended: nbclient and nbconvert for each notebook, nbmake for all. */
interface Ends {
  nbclient: { raised: string | null; shown: string[] }[];
  nbconvert: Record<string, Done>;
  nbmake: Done;
}

async function runAll(kernel: Kernel, converted: (keyof typeof broken)[]): Promise<Ends> {
  const path = (name: string) => join(folder, `${kernel}-${name}.ipynb`);
  const notebooks = Object.entries(broken).map(([name, { cell }]) =>
    writeNotebook(path(name), ["const before = 1;", cell], kernel),
  );
  const nbclient = await runPython([join(root, "test/kernel/clients.py"), ...notebooks], { env });
  const nbmake = runPython(["-m", "pytest", "--nbmake", "-p", "no:cacheprovider", ...notebooks], { env, cwd: folder });
  const nbconvert: Ends["nbconvert"] = {};
  for (const name of converted) {
    nbconvert[name] = await runPython(["-m", "jupyter", "nbconvert", "--execute", "--to", "html", path(name)], { env });
  }
  return { nbclient: JSON.parse(nbclient.stdout), nbconvert, nbmake: await nbmake };
}

describe("a broken notebook", () => {
  let own: Ends;
  let stock: Ends;
  beforeAll(async () => {
    own = await runAll("tslab", ["thrown", "typeError", "unawaited"]);
    // stock tslab does tell nbconvert of the other two
    stock = await runAll("stock", ["unawaited"]);
  });

  it("fails nbclient, which shows the error", () => {
    const ends = Object.values(broken).map(({ error }) => ({ raised: error.split(":")[0], shown: [error] }));
    expect(own.nbclient).toEqual(ends);
  });

  it.each(["thrown", "typeError", "unawaited"] as const)("fails nbconvert: %s", (name) => {
    expect(own.nbconvert[name]?.code).toBe(1);
    expect(own.nbconvert[name]?.stderr).toContain(broken[name].error.replace(/^\w+: /, ""));
  });

  it("fails nbmake", () =>
    expect([own.nbmake.code, own.nbmake.stdout]).toEqual([1, expect.stringContaining("3 failed")]));

  it("shows no error, passes, or both with stock tslab", () => {
    expect(stock.nbclient.map(({ shown }) => shown)).toEqual([[], [], []]);
    expect(stock.nbclient[2]).toEqual({ raised: null, shown: [] });
    expect(stock.nbconvert.unawaited?.code).toBe(0);
    expect([stock.nbmake.code, stock.nbmake.stdout]).toEqual([0, expect.stringContaining("3 passed")]);
  });
});
