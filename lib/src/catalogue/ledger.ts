import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { writeError } from "../system/files";

/** What is known of the poster of a row: which it is, and its hash at one size; or why it cannot be read. */
export type Seen = { row: number; sha256: string; hash: bigint } | { row: number; reason: string };

/** As noted: `[row, sha256, size, hash]`, the hash in hexadecimal, or `[row, null, reason]`. */
const lineSchema = z.union([
  z.tuple([z.int(), z.string().regex(/^[0-9a-f]{64}$/), z.string(), z.string().regex(/^[0-9a-f]{1,16}$/)]),
  z.tuple([z.int(), z.null(), z.string()]),
]);

/** Lines that are written together; a kill costs no more. */
const BATCH = 256;

/** What was noted at this size; the hash is null where it was noted at another. A half-written line is passed over. */
export async function* readLedger(
  path: string,
  size: string,
): AsyncGenerator<Seen | { row: number; sha256: string; hash: null }> {
  const handle = await open(path, "r").catch(() => null);
  if (!handle) return;
  const lines = createInterface({ input: createReadStream("", { fd: handle }) });
  for await (const line of lines) {
    const { data } = lineSchema.safeParse(jsonIn(line));
    if (!data) continue;
    const [row, sha256, what, hash] = data;
    if (sha256 === null) yield { row, reason: what };
    else yield { row, sha256, hash: what === size ? BigInt(`0x${hash}`) : null };
  }
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Notes what posters are, as lines appended to a file. */
export class Ledger {
  private lines: string[] = [];

  private constructor(
    private readonly path: string,
    private readonly size: string,
    private readonly file: FileHandle,
  ) {}

  /** `size` is that of the pixels of which hashes are made, as "224x224". */
  static async open(path: string, size: string): Promise<Ledger> {
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, "a");
      // ends the line that a kill may have cut
      if ((await file.stat()).size > 0) await file.writeFile("\n");
      return new Ledger(path, size, file);
    } catch (thrown) {
      throw writeError(path, thrown);
    }
  }

  async note(seen: Seen): Promise<void> {
    const line = "reason" in seen ? [null, seen.reason] : [seen.sha256, this.size, seen.hash.toString(16)];
    this.lines.push(`${JSON.stringify([seen.row, ...line])}\n`);
    if (this.lines.length >= BATCH) await this.write();
  }

  async close(): Promise<void> {
    try {
      await this.write();
    } finally {
      await this.file.close();
    }
  }

  private async write(): Promise<void> {
    await this.file.writeFile(this.lines.splice(0).join("")).catch((thrown) => {
      throw writeError(this.path, thrown);
    });
  }
}
