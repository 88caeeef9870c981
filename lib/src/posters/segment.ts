import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";

// A segment is a header and records of one size: [8 magic][4 payload bytes], then [32 key][4 crc32][payload] each.

/** Names the format and its version. */
const MAGIC = Buffer.from("mrstore1");
const HEADER_BYTES = MAGIC.length + 4;
export const KEY_BYTES = 32;
/** What a record holds before its payload. */
const PREFIX_BYTES = KEY_BYTES + 4;

/** Where a record begins, in an open segment. */
export interface Place {
  file: FileHandle;
  at: number;
}

/** The first bytes of a segment whose payloads have this size. */
export function segmentHeader(recordBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(recordBytes, MAGIC.length);
  return header;
}

/** A record as it is written; the checksum covers key and payload. */
export function encodeRecord(key: Buffer, payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(PREFIX_BYTES + payload.length);
  record.set(key);
  record.writeUInt32LE(crc32(payload, crc32(key)), KEY_BYTES);
  record.set(payload, PREFIX_BYTES);
  return record;
}

/** Reads the payload of a record, or null where it is not whole, or not that of the key. */
export async function readRecord({ file, at }: Place, key: Buffer, recordBytes: number): Promise<Uint8Array | null> {
  const record = Buffer.allocUnsafeSlow(PREFIX_BYTES + recordBytes);
  const { bytesRead } = await file.read(record, 0, record.length, at);
  if (bytesRead < record.length || !record.subarray(0, KEY_BYTES).equals(key)) return null;
  const payload = new Uint8Array(record.buffer, PREFIX_BYTES);
  return record.readUInt32LE(KEY_BYTES) === crc32(payload, crc32(key)) ? payload : null;
}

/**
 * Opens a segment for reading and lists where each key's record begins; null if it cannot be read, or is of another
 * format or size.
 */
export async function openSegment(
  path: string,
  recordBytes: number,
): Promise<{ file: FileHandle; places: Map<string, Place> } | null> {
  const file = await open(path, "r").catch(() => null);
  if (!file) return null;
  const { size } = await file.stat();
  const expected = segmentHeader(recordBytes);
  const header = Buffer.alloc(expected.length);
  await file.read(header, 0, header.length, 0).catch(() => {});
  // an empty one is only just being begun, or never was
  if (size === 0 || header.equals(expected)) return { file, places: new Map(placesIn(file, size, recordBytes)) };
  await file.close();
  return null;
}

/** A record that a kill left unfinished reaches beyond the end, and is not listed. */
function* placesIn(file: FileHandle, size: number, recordBytes: number): Generator<[key: string, place: Place]> {
  const stride = PREFIX_BYTES + recordBytes;
  const key = Buffer.alloc(KEY_BYTES);
  for (let at = HEADER_BYTES; at + stride <= size; at += stride) {
    readSync(file.fd, key, 0, KEY_BYTES, at);
    yield [key.toString("hex"), { file, at }];
  }
}
