import { readFile } from "node:fs/promises";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { reasonOf } from "../../errors";

let ready: Promise<void> | undefined;

/** Loads the rasteriser from its package, once; needed before `renderSvg`. */
export function loadRenderer(): Promise<void> {
  ready ??= start();
  return ready;
}

/** An SVG as PNG bytes of the SVG's own size. The rasteriser is WebAssembly without fonts: the same bytes everywhere. */
export function renderSvg(svg: string): Uint8Array {
  const drawing = new Resvg(svg, { font: { loadSystemFonts: false } });
  try {
    const image = drawing.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    drawing.free();
  }
}

async function start(): Promise<void> {
  const program = await readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm"));
  try {
    await initWasm(program);
  } catch (thrown) {
    // a notebook that reloads this package finds the rasteriser already at work
    if (!reasonOf(thrown).startsWith("Already initialized")) throw thrown;
  }
}
