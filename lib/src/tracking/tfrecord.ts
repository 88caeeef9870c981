/** CRC-32C's polynomial, its bits reversed (Castagnoli 1993; RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** CRC-32C of bytes. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}

/** A TFRecord: length, masked CRC of the length, data, masked CRC of the data (tensorflow/core/lib/io/record_writer.h). */
export function tfRecord(data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeUInt32LE(data.byteLength);
  return Buffer.concat([length, maskedCrc(length), data, maskedCrc(data)]);
}

/** Rotated and shifted, so that the CRC of data that holds CRCs keeps its worth (tensorflow/core/lib/hash/crc32c.h). */
function maskedCrc(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}
