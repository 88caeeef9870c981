import { PNG } from "pngjs";

/** As much of a 2-D canvas as plotly's heatmaps use: rectangles of one colour, and pixels. */
export class Canvas {
  /** `rgb(…)` or `rgba(…)`. */
  fillStyle = "rgba(0,0,0,1)";
  private readonly pixels: Uint8ClampedArray;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8ClampedArray(4 * width * height);
  }

  fillRect(left: number, top: number, width: number, height: number): void {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (this.fillStyle.match(/[\d.]+/g) ?? []).map(Number);
    const [x0, x1] = within(left, left + width, this.width);
    const [y0, y1] = within(top, top + height, this.height);
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) this.pixels.set([red, green, blue, 255 * alpha], 4 * (y * this.width + x));
    }
  }

  createImageData(width: number, height: number): { width: number; height: number; data: Uint8ClampedArray } {
    return { width, height, data: new Uint8ClampedArray(4 * width * height) };
  }

  /** Pixels of the canvas's own size. */
  putImageData({ data }: { data: Uint8ClampedArray }): void {
    this.pixels.set(data);
  }

  toDataUrl(): string {
    const png = new PNG({ width: this.width, height: this.height });
    png.data = Buffer.from(this.pixels.buffer);
    return `data:image/png;base64,${PNG.sync.write(png).toString("base64")}`;
  }
}

function within(from: number, to: number, size: number): [number, number] {
  const clamped = [Math.min(from, to), Math.max(from, to)].map((end) => Math.min(size, Math.max(0, Math.round(end))));
  return [clamped[0]!, clamped[1]!];
}
