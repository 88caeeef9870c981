/** Ends of a rectangle in pixels, y downwards. */
export interface Ends {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Thousandths of the font's size that a letter is wide: Helvetica's metrics (Adobe's Core 14 AFM files), as Arial's. */
const WIDTHS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({
    222: "ijl'|",
    278: " !,./:;I[]\\ft",
    333: "()-`r",
    389: "*",
    500: "ckJsvxyz",
    584: "+<=>~−",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
  }).flatMap(([width, letters]) => [...letters].map((letter) => [letter, Number(width)])),
);
const USUAL = 556;
/** Where Arial is missing, as on most Linux machines, DejaVu Sans takes its place, which is wider by an eighth. */
const ROOM = 1.125;
/** Above and below the baseline, in shares of the font's size (Arial's hhea table). */
const ASCENT = 0.905;
const DESCENT = 0.212;
const DEFAULT_SIZE = 12;
/** Where a text stands to its x: the share of its width that lies to the left. */
const ANCHORS: Readonly<Record<string, number>> = { start: 0, middle: 0.5, end: 1 };

/** Pixels that one line of text is wide. */
export function widthOf(text: string, size: number): number {
  let thousandths = 0;
  for (const letter of text) thousandths += WIDTHS[letter] ?? USUAL;
  return (ROOM * size * thousandths) / 1000;
}

/** The rectangles of a `<text>`'s lines, in its own coordinates. */
export function linesOf(text: Element): Ends[] {
  const lines = [...text.querySelectorAll("tspan.line")];
  return (lines.length > 0 ? lines : [text])
    .filter(({ textContent }) => textContent)
    .map((line) => boxOfLine(line, text));
}

function boxOfLine(line: Element, text: Element): Ends {
  const size = sizeOf(line);
  const width = widthOf(line.textContent ?? "", size);
  const attribute = (name: string) => Number.parseFloat(line.getAttribute(name) ?? text.getAttribute(name) ?? "0") || 0;
  const left = attribute("x") - width * (ANCHORS[anchorOf(text)] ?? 0);
  const baseline = attribute("y") + attribute("dy") * size;
  return { left, right: left + width, top: baseline - ASCENT * size, bottom: baseline + DESCENT * size };
}

function anchorOf(text: Element): string {
  return (text as SVGElement).style.textAnchor || text.getAttribute("text-anchor") || "start";
}

function sizeOf(element: Element | null): number {
  if (!element) return DEFAULT_SIZE;
  const own = (element as SVGElement).style?.fontSize || element.getAttribute("font-size");
  return own ? Number.parseFloat(own) : sizeOf(element.parentElement);
}
