import { boxesIn } from "movie-revenue/reading/boxes";
import { expect, it } from "vitest";

/** A map of 40 × 30 places, 0 but where rectangles [x, y, width, height, sure] lie. */
function mapOf(...rectangles: [number, number, number, number, number][]) {
  const map = { width: 40, height: 30, data: new Float32Array(1200) };
  for (const [x, y, width, height, sure] of rectangles) {
    for (let row = y; row < y + height; row++) map.data.fill(sure, row * 40 + x, row * 40 + x + width);
  }
  return map;
}

it("a line is the core that is marked, grown by 1.6 times its area over its perimeter", () => {
  // 10 · 5 / 30 · 1.6 = 2.67 to every side: from 7.33 to 22.67, and from 7.33 to 17.67
  expect(boxesIn(mapOf([10, 10, 10, 5, 0.9]))).toEqual([{ x: 7, y: 7, width: 16, height: 11 }]);
});

it("lines come from the top, do not leave the map, and touch by corners", () => {
  // 40 · 4 / 88 · 1.6 = 2.91; the second is of two squares of 4, 8 · 8 / 32 · 1.6 = 3.2 around both
  const map = mapOf([0, 0, 40, 4, 1], [20, 15, 4, 4, 1], [24, 19, 4, 4, 1]);
  expect(boxesIn(map)).toEqual([
    { x: 0, y: 0, width: 40, height: 7 },
    { x: 17, y: 12, width: 14, height: 14 },
  ]);
});

it("specks, and what is hardly surer than nothing, are no lines", () => {
  expect(boxesIn(mapOf([3, 3, 2, 9, 1]))).toEqual([]);
  expect(boxesIn(mapOf([3, 3, 9, 2, 1]))).toEqual([]);
  // surer than .3 is lettering, and .5 on average a line
  expect(boxesIn(mapOf([3, 3, 9, 9, 0.3]))).toEqual([]);
  expect(boxesIn(mapOf([3, 3, 9, 9, 0.49]))).toEqual([]);
  expect(boxesIn(mapOf([3, 3, 9, 9, 0.51]))).toHaveLength(1);
});
