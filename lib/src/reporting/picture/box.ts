import { type Ends, linesOf } from "./text-box";

/** x' = a·x + c·y + e, y' = b·x + d·y + f, as SVG's `matrix(a b c d e f)`. */
type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

const SAME: Matrix = [1, 0, 0, 1, 0, 0];
const NOTHING: Ends = { left: 0, top: 0, right: 0, bottom: 0 };

/** The box around an element's texts and rectangles, in its own coordinates: SVG's `getBBox`. */
export function boxInside(element: Element): DOMRect {
  return rectOf(around(element, SAME));
}

/** The same in the page's coordinates: `getBoundingClientRect`. */
export function boxOnPage(element: Element): DOMRect {
  let matrix = SAME;
  for (let above: Element | null = element; above; above = above.parentElement) matrix = times(matrixOf(above), matrix);
  return rectOf(around(element, matrix));
}

function around(element: Element, matrix: Matrix): Ends {
  const boxes = boxesOf(element, matrix);
  if (boxes.length === 0) return NOTHING;
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
}

function boxesOf(element: Element, matrix: Matrix): Ends[] {
  if (element.tagName === "text") return linesOf(element).map((line) => moved(line, matrix));
  if (element.tagName === "rect") return [moved(rectangle(element), matrix)];
  return [...element.children].flatMap((child) => boxesOf(child, times(matrix, matrixOf(child))));
}

function rectangle(element: Element): Ends {
  const [left, top, width, height] = ["x", "y", "width", "height"].map((name) => Number(element.getAttribute(name)));
  return { left: left!, top: top!, right: left! + width!, bottom: top! + height! };
}

function moved({ left, top, right, bottom }: Ends, [a, b, c, d, e, f]: Matrix): Ends {
  const corners = [left, right].flatMap((x) =>
    [top, bottom].map((y) => [a * x + c * y + e, b * x + d * y + f] as const),
  );
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** What an element's `transform` does; of its forms, those that plotly writes. */
function matrixOf(element: Element): Matrix {
  const steps = (element.getAttribute("transform") ?? "").matchAll(/(\w+)\(([^)]*)\)/g);
  return [...steps].reduce<Matrix>((matrix, [, name, text]) => times(matrix, stepOf(name!, numbers(text!))), SAME);
}

function stepOf(name: string, [first = 0, second, third]: number[]): Matrix {
  if (name === "translate") return [1, 0, 0, 1, first, second ?? 0];
  if (name === "scale") return [first, 0, 0, second ?? first, 0, 0];
  if (name !== "rotate") return SAME;
  const [sine, cosine] = [Math.sin((first * Math.PI) / 180), Math.cos((first * Math.PI) / 180)];
  const [x, y] = [second ?? 0, third ?? 0];
  return [cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y];
}

function times([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix {
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

function numbers(text: string): number[] {
  return (text.match(/-?[\d.]+(e-?\d+)?/gi) ?? []).map(Number);
}

function rectOf({ left, top, right, bottom }: Ends): DOMRect {
  const [width, height] = [right - left, bottom - top];
  return { x: left, y: top, left, top, right, bottom, width, height } as DOMRect;
}
