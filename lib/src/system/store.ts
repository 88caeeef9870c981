import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors";
import { writeError } from "./files";
import { KeyIndex } from "./store/key-index";
import { encodeRecord, KEY_BYTES, openSegment, readRecord, recordsIn, segmentHeader } from "./store/segment";

export interface StoreOptions {
  /** Bytes of each payload; where it is not given, each has a size of its own. */
  recordBytes?: number;
  /** What is kept, in the plural, as "decoded posters": used in messages. */
  kind: string;
  /** Hears, once each, of damaged records and of files that are not the store's; stderr unless given. */
  onWarning?: (message: string) => void;
}

/**
 * Payloads, found by the SHA-256 of what they were made from. Each process appends to a segment file of its
 * own, so that no number of processes, nor a kill at any moment, spoils what is kept.
 */
export interface Store {
  has(key: string): boolean;
  /** The payload, or null where there is none or it is damaged. */
  get(key: string): Promise<Uint8Array | null>;
  /** Keeps a payload; a key that is there already stays as it is. Throws a `UserError` where the disk is full or closed. */
  put(key: string, payload: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store in a folder, which is made if it is missing. */
export async function openStore(folder: string, options: StoreOptions): Promise<Store> {
  const { kind, recordBytes = 0, onWarning = console.warn } = options;
  try {
    await mkdir(folder, { recursive: true });
    const files: FileHandle[] = [];
    const index = new KeyIndex();
    for (const name of (await readdir(folder)).filter((name) => name.endsWith(".bin")).sort()) {
      const segment = await openSegment(join(folder, name), recordBytes);
      if (!segment) {
        onWarning(`${join(folder, name)} holds no ${kind} of this version: it is left alone.`);
        continue;
      }
      for (const { key, ...place } of recordsIn(segment, recordBytes)) {
        index.set(key, { ...place, segment: files.length });
      }
      files.push(segment.file);
    }
    return new SegmentStore(folder, { recordBytes, kind, onWarning }, index, files);
  } catch (thrown) {
    throw cacheError(folder, thrown);
  }
}

/** Stores that this process has opened: several may be in one millisecond. */
let stores = 0;

class SegmentStore implements Store {
  private readonly path: string;
  /** This process's own, begun with its first record. */
  private segment: { file: FileHandle; number: number } | undefined;
  /** Where the next record goes. */
  private end = 0;
  private kept = 0;
  private lastPut: Promise<void> = Promise.resolve();
  private damaged = 0;

  constructor(
    private readonly folder: string,
    private readonly options: Required<StoreOptions>,
    private index: KeyIndex,
    /** Every open segment. */
    private readonly files: FileHandle[],
  ) {
    // names sort by age, for the record of a later segment replaces a damaged one of an earlier
    const age = `${Date.now()}-${String(stores++).padStart(6, "0")}`;
    this.path = join(folder, `${age}-${process.pid}-${randomBytes(4).toString("hex")}.bin`);
  }

  has(key: string): boolean {
    return this.index.get(keyBytes(key)) !== undefined;
  }

  async get(key: string): Promise<Uint8Array | null> {
    const bytes = keyBytes(key);
    const place = this.index.get(bytes);
    if (!place) return null;
    const { recordBytes } = this.options;
    const payload = await readRecord(this.files[place.segment]!, bytes, { ...place, recordBytes });
    if (!payload) this.forget(bytes);
    return payload;
  }

  async put(key: string, payload: Uint8Array): Promise<void> {
    const { recordBytes } = this.options;
    if (recordBytes > 0 && payload.length !== recordBytes)
      throw new RangeError(`${payload.length} bytes are not ${recordBytes}.`);
    const before = this.lastPut;
    const put = before.catch(() => {}).then(() => this.append(key, payload));
    this.lastPut = put;
    await put;
  }

  async close(): Promise<void> {
    await this.lastPut.catch(() => {});
    this.index = new KeyIndex();
    await Promise.all(this.files.splice(0).map((file) => file.close()));
    // a full disk refused even the first record
    if (this.segment && !this.kept) await rm(this.path, { force: true });
  }

  /** After a failure the next record goes to the same place, over what was left of this one. */
  private async append(key: string, payload: Uint8Array): Promise<void> {
    if (this.has(key)) return;
    const { recordBytes } = this.options;
    const record = encodeRecord(keyBytes(key), payload, recordBytes);
    try {
      this.segment ??= await this.begin();
      const { file, number } = this.segment;
      if (this.end === 0) this.end = await writeAt(file, segmentHeader(recordBytes), 0);
      const at = this.end;
      this.end = await writeAt(file, record, at);
      this.index.set(keyBytes(key), { segment: number, at, bytes: payload.length });
      this.kept++;
    } catch (thrown) {
      throw cacheError(this.folder, thrown);
    }
  }

  private async begin(): Promise<{ file: FileHandle; number: number }> {
    const file = await open(this.path, "wx+");
    return { file, number: this.files.push(file) - 1 };
  }

  private forget(key: Uint8Array): void {
    this.index.delete(key);
    if (this.damaged++ > 0) return;
    this.options.onWarning(`Some ${this.options.kind} kept in ${this.folder} are damaged: they are made anew.`);
  }
}

/** Writes all bytes, and returns the position after them. A full disk may take some before it refuses. */
async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
  return position + bytes.length;
}

function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key, "hex");
  if (bytes.length !== KEY_BYTES) throw new RangeError(`"${key}" is not a SHA-256 in hexadecimal.`);
  return bytes;
}

function cacheError(folder: string, thrown: unknown): UserError {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return writeError(folder, thrown);
  return new UserError(
    `No disk space is left for the cache in ${folder}: free some, or choose another place with MOVIE_REVENUE_CACHE.`,
  );
}
