import { readFileSync } from "node:fs";
import { TextDecoder, TextEncoder } from "node:util";
import { JSDOM, VirtualConsole } from "jsdom";
import type { Figure } from "../view";
import { boxInside, boxOnPage } from "./box";
import { Canvas } from "./canvas";

/** A page without a screen in which plotly.js draws. */
export interface Drawing {
  /** The text of an SVG file. */
  svgOf(figure: Figure): string;
}

interface Plotly {
  newPlot(holder: Element, data: object[], layout: object, config: object): Promise<unknown>;
  purge(holder: Element): void;
  Snapshot: { toSVG(holder: Element, format: "svg"): string };
}

// plotly tries for ever to draw these without WebGL
const NEEDS_WEBGL =
  /^(scatter3d|surface|mesh3d|cone|streamtube|volume|isosurface|scattergl|scatterpolargl|splom|parcoords|(scatter|choropleth|density)map(box)?)$/;

/** Loads plotly.js into jsdom, which lacks a layout and a canvas: the size of texts and heatmaps are made here. */
export function openDrawing(): Drawing {
  // what jsdom cannot do, as parsing every style, is no news to the reader
  const { window } = new JSDOM("<!DOCTYPE html><body></body>", {
    runScripts: "outside-only",
    virtualConsole: new VirtualConsole(),
  });
  Object.assign(window, { TextDecoder, TextEncoder });
  Object.assign(window.URL, { createObjectURL: () => "" });
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: SVGElement) {
      return boxInside(this);
    },
    getBoundingClientRect(this: SVGElement) {
      return boxOnPage(this);
    },
  });
  Object.assign(window.HTMLCanvasElement.prototype, {
    getContext(this: HTMLCanvasElement, kind: string) {
      return kind === "2d" ? canvasOf(this) : null;
    },
    toDataURL(this: HTMLCanvasElement) {
      return canvasOf(this).toDataUrl();
    },
  });
  window.eval(readFileSync(require.resolve("plotly.js-dist-min/plotly.min.js"), "utf8"));
  const plotly = (window as unknown as { Plotly: Plotly }).Plotly;
  return { svgOf: (figure) => draw(plotly, window.document, figure) };
}

// plotly draws before its promise is kept, all but what it would load from elsewhere
function draw(plotly: Plotly, document: Document, { data, layout }: Figure): string {
  const beyond = data.map(({ type }: { type?: string }) => type ?? "").find((type) => NEEDS_WEBGL.test(type));
  if (beyond) throw new Error(`a trace of type ${beyond} is drawn by WebGL, which only a browser has.`);
  const holder = document.body.appendChild(document.createElement("div"));
  plotly.newPlot(holder, data, layout, { staticPlot: true, typesetMath: false, displaylogo: false }).catch(() => {});
  const svg = plotly.Snapshot.toSVG(holder, "svg");
  holder.remove();
  // a page that is narrower shows all of it, smaller
  const size = /width="([\d.]+)" height="([\d.]+)" style=""/;
  return svg.replace(size, 'width="$1" height="$2" viewBox="0 0 $1 $2" style="max-width: 100%; height: auto"');
}

const canvases = new WeakMap<HTMLCanvasElement, Canvas>();

function canvasOf(element: HTMLCanvasElement): Canvas {
  const known = canvases.get(element);
  if (known && known.width === element.width && known.height === element.height) return known;
  const canvas = new Canvas(element.width, element.height);
  canvases.set(element, canvas);
  return canvas;
}
