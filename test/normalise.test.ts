import { IMAGENET_MEAN, IMAGENET_STD, normalise } from "movie-revenue/posters/normalise";
import { sha256 } from "movie-revenue/system/files";
import { expect, it } from "vitest";
import { golden } from "./golden.ts";

it("gives every value of every channel as torchvision does, to the bit", () => {
  const values = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
  const normalised = normalise(values);
  expect(sha256(new Uint8Array(normalised.buffer))).toBe(golden<{ sha256: string }>("normalise.json").sha256);
  // by hand: (0 − 0.485) / 0.229, (255/255 − 0.406) / 0.225
  expect(normalised[0]).toBeCloseTo(-2.117904, 6);
  expect(normalised[255 * 3 + 2]).toBeCloseTo(2.64, 6);
});

it("takes the mean to zero and one deviation above it to one", () => {
  const pixels = Uint8Array.from([0, 1, 2], (c) => Math.round(255 * IMAGENET_MEAN[c]!));
  for (const value of normalise(pixels)) expect(Math.abs(value)).toBeLessThan(0.5 / 255 / 0.224);
  const above = Uint8Array.from([0, 1, 2], (c) => Math.round(255 * (IMAGENET_MEAN[c]! + IMAGENET_STD[c]!)));
  for (const value of normalise(above)) expect(Math.abs(value - 1)).toBeLessThan(0.5 / 255 / 0.224);
});

it("writes into a batch where one is given", () => {
  const batch = new Float32Array(9).fill(7);
  normalise(Uint8Array.of(0, 0, 0), batch.subarray(3, 6));
  expect([...batch.slice(0, 3), ...batch.slice(6)]).toEqual([7, 7, 7, 7, 7, 7]);
  expect(batch[4]).toBeCloseTo(-0.456 / 0.224, 6);
});
