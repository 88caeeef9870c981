import type { Image } from "movie-revenue/posters/decode";

/** `noise` of golden/posters.py. */
export function noise(width: number, height: number): Image {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i ^ (i >>> 7), 2654435761) >>> 24);
  return { width, height, data };
}

/** `waves` of golden/posters.py. */
export function waves(width: number, height: number, a: number, b: number): Image {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const c = i % 3;
    const x = ((i - c) / 3) % width;
    const y = Math.floor((i - c) / 3 / width);
    const sum = Math.floor((x * x * a) / 61) + Math.floor((y * y * b) / 53) + Math.floor((x * y) / 17) + c * 71;
    data[i] = Math.floor(sum / 3) % 256;
  }
  return { width, height, data };
}
