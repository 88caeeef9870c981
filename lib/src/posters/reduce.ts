import sharp from "sharp";
import { sha256 } from "../system/files";
import { decode, type Image } from "./decode";
import { resize } from "./resample";

/** The largest view of a model that a reduced poster serves, in pixels. */
export const REDUCED_VIEW = { width: 224, height: 320 };
/** A poster that would hardly become smaller is kept as it is up to this size; those of 185 × 278 take 15 KB. */
const HARDLY = 0.86;
const LARGEST_BYTES = 98_304;
/** A poster of 1,000 × 1,481 then takes 24 KB, one of 1,175 × 1,763 with less detail 13. */
const QUALITY = 80;

/** A poster as it is kept: a content of its own, known by its own SHA-256, of which `image` are the pixels. */
export interface Reduced {
  bytes: Uint8Array;
  sha256: string;
  image: Image;
}

/**
 * A poster reduced until one more step would make it smaller than `REDUCED_VIEW` in width or height, as JPEG; one that
 * is hardly larger stays as it is. The same bytes give the same reduced ones.
 */
export async function reduce(bytes: Uint8Array, image: Image): Promise<Reduced> {
  const scale = Math.min(1, Math.max(REDUCED_VIEW.width / image.width, REDUCED_VIEW.height / image.height));
  if (scale >= HARDLY && bytes.length <= LARGEST_BYTES) return { bytes, sha256: sha256(bytes), image };
  const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
  const pixels = scale === 1 ? image.data : resize(image, width, height);
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: QUALITY })
    .toBuffer();
  const reduced = new Uint8Array(jpeg);
  return { bytes: reduced, sha256: sha256(reduced), image: await decode(reduced) };
}
