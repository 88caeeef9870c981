/** Numbers in [0, 1] for each place of a picture, row by row: how sure a detector is of lettering there. */
export interface LetteringMap {
  width: number;
  height: number;
  data: Float32Array;
}

/** A line of lettering, upright, in pixels of the map that it was found in. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A place surer than this is lettering (PaddleOCR's det_db_thresh); a line's places must be this sure on average (RapidOCR's box_thresh). */
const SURE = 0.3;
const SURE_ON_AVERAGE = 0.5;
/** A line lower or narrower is a speck (PaddleOCR's min_size). */
const SMALLEST = 3;
/** By how many times its area over its perimeter a line's core is grown to every side (RapidOCR's unclip_ratio). */
const GROWTH = 1.6;

/**
 * The lines that a detector of differentiable binarisation marks (Liao et al. 2020, section 3.5), from the top: one for each
 * connected part, grown back to the letters' height, inside the map. Boxes are upright: posters set their lines level.
 */
export function boxesIn(map: LetteringMap): Box[] {
  return partsOf(map)
    .filter((core) => Math.min(core.width, core.height) >= SMALLEST && meanIn(map, core) >= SURE_ON_AVERAGE)
    .map((core) => grown(core, map));
}

function partsOf(map: LetteringMap): Box[] {
  const seen = new Uint8Array(map.data.length);
  const parts: Box[] = [];
  for (let place = 0; place < seen.length; place++) {
    if (map.data[place]! > SURE && !seen[place]) parts.push(partAt(place, map, seen));
  }
  return parts;
}

/** The smallest box around a place and the lettering that is connected with it, by corners too; what it holds is seen then. */
function partAt(start: number, { width, height, data }: LetteringMap, seen: Uint8Array): Box {
  let [left, right, top, bottom] = [width, 0, height, 0];
  const waiting = [start];
  seen[start] = 1;
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const [x, y] = [place % width, Math.floor(place / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const near = row * width + column;
        if (seen[near] || data[near]! <= SURE) continue;
        seen[near] = 1;
        waiting.push(near);
      }
    }
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function meanIn(map: LetteringMap, box: Box): number {
  let sum = 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) sum += map.data[y * map.width + x]!;
  }
  return sum / (box.width * box.height);
}

/** A detector marks the core of a line alone, so that neighbours stay apart. */
function grown({ x, y, width, height }: Box, map: LetteringMap): Box {
  const by = (GROWTH * width * height) / (2 * (width + height));
  const [left, top] = [Math.max(0, Math.round(x - by)), Math.max(0, Math.round(y - by))];
  const right = Math.min(map.width, Math.round(x + width + by));
  const bottom = Math.min(map.height, Math.round(y + height + by));
  return { x: left, y: top, width: right - left, height: bottom - top };
}
