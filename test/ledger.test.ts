import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { Ledger, readLedger } from "movie-revenue/catalogue/ledger";
import { UserError } from "movie-revenue/errors";
import { describe, expect, it } from "vitest";
import { tempFolder } from "./fixtures.ts";

const sha256 = "ab".repeat(32);

async function read(path: string, size: string): Promise<unknown[]> {
  const noted: unknown[] = [];
  for await (const seen of readLedger(path, size)) noted.push(seen);
  return noted;
}

describe("Ledger", () => {
  it("gives back what was noted, with the hash at its own size alone", async () => {
    const path = join(await tempFolder(), "made/posters.jsonl");
    const ledger = await Ledger.open(path, "224x224");
    const hash = 0xfedcba9876543210n;
    await ledger.note({ row: 3, sha256, hash });
    await ledger.note({ row: 1, reason: "has no image" });
    await ledger.close();
    expect(await read(path, "224x224")).toEqual([
      { row: 3, sha256, hash },
      { row: 1, reason: "has no image" },
    ]);
    expect((await read(path, "224x320"))[0]).toEqual({ row: 3, sha256, hash: null });
  });

  it("passes over a line that a kill cut, and what is written after it is whole", async () => {
    const path = join(await tempFolder(), "posters.jsonl");
    await appendFile(path, `[1,null,"x"]\n[2,"${sha256}","224x`);
    const ledger = await Ledger.open(path, "224x224");
    await ledger.note({ row: 5, sha256, hash: 1n });
    await ledger.close();
    expect(await read(path, "224x224")).toEqual([
      { row: 1, reason: "x" },
      { row: 5, sha256, hash: 1n },
    ]);
  });

  it.skipIf(!existsSync("/dev/full"))("says in one sentence that no space is left", async () => {
    const ledger = await Ledger.open("/dev/full", "224x224");
    await ledger.note({ row: 5, sha256, hash: 1n });
    await expect(ledger.close()).rejects.toThrow(
      new UserError("No disk space is left to write /dev/full: free some and run the command again."),
    );
  });

  it("is empty where there is no file", async () => {
    expect(await read(join(await tempFolder(), "none.jsonl"), "224x224")).toEqual([]);
  });
});
