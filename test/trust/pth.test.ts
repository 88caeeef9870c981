import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertLite } from "movie-revenue/model/lite-weights";
import { readSafetensors } from "movie-revenue/model/safetensors";
import { Random } from "movie-revenue/random";
import { beforeAll, describe, expect, it } from "vitest";
import { tempFolder } from "../fixtures.ts";
import { refusal, suite } from "./suite.ts";

const tried = suite("legacy .pth");

const venv = fileURLToPath(new URL("../../.venv", import.meta.url));
const found = existsSync(venv)
  ? (await readdir(venv, { recursive: true })).find((path) => /lite0-\w+\.pth$/.test(path))
  : undefined;

describe("a .pth that is not the known one", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await tempFolder();
  });
  const refused = async (bytes: Uint8Array) => {
    const [pth, out] = [join(folder, "x.pth"), join(folder, "x.safetensors")];
    await writeFile(pth, bytes);
    expect(await refusal(() => convertLite("lite0", pth, out))).toMatch(/x\.pth is not the file of efficientnet-lite0/);
    expect(existsSync(out)).toBe(false);
  };

  it("is refused unread, and a pickle that would run a program runs none", async () => {
    const trace = join(folder, "ran");
    const pickles = [
      // os.system(…), by protocol 0 and 2
      `cposix\nsystem\n(S'touch ${trace}'\ntR.`,
      `\x80\x02cposix\nsystem\nq\0X${String.fromCharCode(6 + trace.length)}\0\0\0touch ${trace}q\x01\x85q\x02Rq\x03.`,
      `cbuiltins\neval\n(S'open("${trace}", "w")'\ntR.`,
    ];
    await tried.all(pickles, (text) => refused(Buffer.from(text, "latin1")), JSON.stringify);
    expect(existsSync(trace)).toBe(false);
  });

  it("is refused where there is none, or a folder", async () => {
    await tried.all([join(folder, "none.pth"), folder], async (path) => {
      expect(await refusal(() => convertLite("lite0", path, join(folder, "x.safetensors")))).toContain(path);
    });
  });

  it.skipIf(!found)("is refused with any of its bits flipped, or cut anywhere", async () => {
    const whole = await readFile(join(venv, found!));
    await tried.all(tried.seeds(200), async (seed) => {
      const random = new Random([seed, 83]);
      const at = random.integer(whole.length);
      if (random.integer(2) === 0) return refused(whole.subarray(0, at));
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << random.integer(8);
      return refused(bytes);
    });
    await convertLite("lite0", join(venv, found!), join(folder, "sound.safetensors"));
    expect((await readSafetensors(join(folder, "sound.safetensors"))).tensors["_conv_stem.weight"]!.shape).toEqual([
      32, 3, 3, 3,
    ]);
  });
});
