import sharp from "sharp";
import { reasonOf } from "../errors";

/** Decoded pixels: `data` is height × width × 3 bytes, RGB interleaved, sRGB. */
export interface Image {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A larger picture is refused unread: a few kilobytes can claim to hold gigabytes (a decompression bomb). */
export const MAX_PIXELS = 50_000_000;

/** What shows through a transparent poster: white, as on a page (Pillow's `convert("RGB")` shows whatever lies hidden). */
export const BEHIND_TRANSPARENCY = "white";

// each picture is small and read once: the parallel work is several pictures at a time, one thread each
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes a JPEG, PNG or WebP upright (EXIF rotation applied) to 8-bit RGB; a JPEG's pixels equal Pillow's bit for bit.
 * As there, an embedded RGB profile is not applied; CMYK goes through a standard press profile.
 * Rejects with an Error that says what is wrong, as "is cut short or damaged (…)"; a truncated file is never half grey.
 */
export async function decode(bytes: Uint8Array): Promise<Image> {
  if (bytes.length === 0) throw new Error("is empty");
  if (!isPicture(bytes)) throw new Error("is not a JPEG, PNG or WebP picture");
  try {
    const { data, info } = await sharp(bytes, { failOn: "warning", limitInputPixels: MAX_PIXELS, ignoreIcc: true })
      .autoOrient()
      .flatten({ background: BEHIND_TRANSPARENCY })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    // a Buffer's own slice() would share memory where a Uint8Array's copies
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { width: info.width, height: info.height, data: pixels };
  } catch (thrown) {
    throw new Error(whatIsWrong(reasonOf(thrown)), { cause: thrown });
  }
}

/** By its first bytes, not its name: what sharp could also open (SVG, PDF) is no poster, and may be hostile. */
function isPicture(bytes: Uint8Array): boolean {
  const opens = (signature: string, at = 0): boolean =>
    bytes.length >= at + signature.length && [...signature].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  return opens("\xff\xd8\xff") || opens("\x89PNG\r\n\x1a\n") || (opens("RIFF") && opens("WEBP", 8));
}

function whatIsWrong(reason: string): string {
  if (reason.includes("pixel limit")) return `has more than ${MAX_PIXELS.toLocaleString("en-US")} pixels`;
  return `is cut short or damaged (${reason.replace(/^Input buffer has corrupt header: /, "")})`;
}
