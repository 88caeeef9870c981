/** Numbers over a poster, in log10 dollars, row by row from the top left: what each place adds to the prediction. */
export interface Heat {
  columns: number;
  rows: number;
  values: Float32Array;
}

/** The sum of heats of any grids over one poster. */
export function sumOfHeats(heats: readonly Heat[], { columns, rows }: { columns: number; rows: number }): Heat {
  const values = new Float32Array(columns * rows);
  for (const heat of heats) {
    regrid(heat, columns, rows).values.forEach((value, i) => {
      values[i] = values[i]! + value;
    });
  }
  return { columns, rows, values };
}

/** A heat on another grid: what a place adds goes to the cells that it overlaps, by area, so that the sum stays. */
export function regrid(heat: Heat, columns: number, rows: number): Heat {
  const [across, down] = [overlaps(heat.columns, columns), overlaps(heat.rows, rows)];
  const values = new Float64Array(columns * rows);
  for (let y = 0; y < heat.rows; y++) {
    for (const [row, high] of down[y]!) {
      for (let x = 0; x < heat.columns; x++) {
        const value = heat.values[y * heat.columns + x]! * high;
        for (const [column, wide] of across[x]!) {
          values[row * columns + column] = values[row * columns + column]! + value * wide;
        }
      }
    }
  }
  return { columns, rows, values: Float32Array.from(values) };
}

/** Left for right. */
export function mirrored({ columns, rows, values }: Heat): Heat {
  const at = (i: number) => i - (i % columns) + columns - 1 - (i % columns);
  return { columns, rows, values: values.map((_, i) => values[at(i)]!) };
}

/** For each of `from` equal parts of a line, which of `to` equal parts it overlaps, by which share of itself. */
function overlaps(from: number, to: number): [part: number, share: number][][] {
  return Array.from({ length: from }, (_, i) => {
    const shares: [number, number][] = [];
    // in whole numbers, of which the line has from · to, so that no rounding leaves a sliver
    for (let part = Math.floor((i * to) / from); part * from < (i + 1) * to; part++) {
      const width = Math.min((i + 1) * to, (part + 1) * from) - Math.max(i * to, part * from);
      shares.push([part, width / to]);
    }
    return shares;
  });
}
