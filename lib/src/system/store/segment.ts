import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";

// A segment is a header and records of one size: [8 magic][4 payload bytes], then [32 key][4 crc32][payload] each.
// Where sizes differ the header says 0, and each record tells its own: [32 key][4 crc32][4 payload bytes][payload].

/** Names the format and its version. */
const MAGIC = Buffer.from("mrstore1");
const HEADER_BYTES = MAGIC.length + 4;
export const KEY_BYTES = 32;

/** What a record holds before its payload; `recordBytes` is 0 where sizes differ. */
function prefixBytes(recordBytes: number): number {
  return KEY_BYTES + (recordBytes > 0 ? 4 : 8);
}

/** The first bytes of a segment whose payloads have this size. */
export function segmentHeader(recordBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(recordBytes, MAGIC.length);
  return header;
}

/** A record as it is written; the checksum covers key and payload. */
export function encodeRecord(key: Uint8Array, payload: Uint8Array, recordBytes: number): Buffer {
  const prefix = prefixBytes(recordBytes);
  const record = Buffer.allocUnsafe(prefix + payload.length);
  record.set(key);
  record.writeUInt32LE(crc32(payload, crc32(key)), KEY_BYTES);
  if (recordBytes === 0) record.writeUInt32LE(payload.length, KEY_BYTES + 4);
  record.set(payload, prefix);
  return record;
}

/** Reads the payload of `bytes` bytes of the record at `at`, or null where it is not whole, or not that of the key. */
export async function readRecord(
  file: FileHandle,
  key: Uint8Array,
  { at, bytes, recordBytes }: { at: number; bytes: number; recordBytes: number },
): Promise<Uint8Array | null> {
  const prefix = prefixBytes(recordBytes);
  const record = Buffer.allocUnsafeSlow(prefix + bytes);
  const { bytesRead } = await file.read(record, 0, record.length, at);
  if (bytesRead < record.length || !record.subarray(0, KEY_BYTES).equals(key)) return null;
  const payload = new Uint8Array(record.buffer, prefix);
  return record.readUInt32LE(KEY_BYTES) === crc32(payload, crc32(key)) ? payload : null;
}

/** Opens a segment for reading; null if it cannot be read, or is of another format or size. */
export async function openSegment(
  path: string,
  recordBytes: number,
): Promise<{ file: FileHandle; size: number } | null> {
  const file = await open(path, "r").catch(() => null);
  if (!file) return null;
  const { size } = await file.stat();
  const expected = segmentHeader(recordBytes);
  const header = Buffer.alloc(expected.length);
  await file.read(header, 0, header.length, 0).catch(() => {});
  // an empty one is only just being begun, or never was
  if (size === 0 || header.equals(expected)) return { file, size };
  await file.close();
  return null;
}

/**
 * Where each record of a segment begins. One that a kill left unfinished reaches beyond the end, and is not listed.
 * `key` is the same buffer every time.
 */
export function* recordsIn(
  { file, size }: { file: FileHandle; size: number },
  recordBytes: number,
): Generator<{ key: Uint8Array; at: number; bytes: number }> {
  const prefix = Buffer.alloc(prefixBytes(recordBytes));
  const key = prefix.subarray(0, KEY_BYTES);
  for (let at = HEADER_BYTES; at + prefix.length <= size; ) {
    readSync(file.fd, prefix, 0, prefix.length, at);
    const bytes = recordBytes || prefix.readUInt32LE(KEY_BYTES + 4);
    if (at + prefix.length + bytes > size) return;
    yield { key, at, bytes };
    at += prefix.length + bytes;
  }
}
