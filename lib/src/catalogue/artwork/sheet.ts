/** Size of a poster in pixels, that of the real set's usual file. */
export const width = 185;
export const height = 278;

/** A colour as #rrggbb. */
export type Colour = string;

/** A number as SVG text with at most two decimals: no engine can round it differently. */
export function num(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** "M0 0L4 6" moved and stretched: x·sx + dx, y·sy + dy for every pair of numbers. Absolute M, L, Q, C, Z only. */
export function place(path: string, dx: number, dy: number, sx: number, sy = sx): string {
  let odd = false;
  return path.replace(/-?[\d.]+/g, (text) => {
    odd = !odd;
    const value = odd ? Number(text) * sx + dx : Number(text) * sy + dy;
    return `${num(value)} `;
  });
}

/** A closed path through points: x, y, x, y, … */
export function polygon(...points: readonly number[]): string {
  return `M${points.map((value, i) => (i > 1 && i % 2 === 0 ? `L${num(value)}` : num(value))).join(" ")}Z`;
}

/** A transform that moves the origin and turns the shape about it, in whole degrees. */
export function turned(x: number, y: number, degrees: number): string {
  return `translate(${num(x)} ${num(y)}) rotate(${num(degrees)})`;
}

/** The colour `share` of the way from one to the other. */
export function blend(from: Colour, to: Colour, share: number): Colour {
  const [a, b] = [from, to].map((colour) => Number.parseInt(colour.slice(1), 16)) as [number, number];
  const channel = (shift: number): number => {
    const start = (a >> shift) & 255;
    return Math.round(start + (((b >> shift) & 255) - start) * share) << shift;
  };
  return `#${(channel(16) | channel(8) | channel(0)).toString(16).padStart(6, "0")}`;
}

/** How a shape is put on: opacity 0–1, a transform in SVG's words made of numbers, a line's width. */
export interface Put {
  opacity?: number;
  transform?: string;
}

/** Collects the elements of one SVG. Only numbers, own path data and own colours ever reach it, never a film's text. */
export class Sheet {
  private readonly parts: string[] = [];
  private ids = 0;

  path(data: string, fill: Colour, put: Put = {}): void {
    this.parts.push(`<path d="${data}" fill="${fill}"${attributes(put)}/>`);
  }

  line(data: string, colour: Colour, thickness: number, put: Put = {}): void {
    const stroke = `fill="none" stroke="${colour}" stroke-width="${num(thickness)}"`;
    this.parts.push(`<path d="${data}" ${stroke}${attributes(put)}/>`);
  }

  /** Lettering: a line with corners of one kind, moved down and right by `shift`. */
  letters(data: string, colour: Colour, thickness: number, corners: "round" | "miter", shift: number): void {
    const ends = corners === "round" ? ` stroke-linecap="round"` : ` stroke-linecap="square"`;
    const moved = shift === 0 ? "" : ` transform="translate(${num(shift)} ${num(shift)})"`;
    const stroke = `fill="none" stroke="${colour}" stroke-width="${num(thickness)}" stroke-linejoin="${corners}" stroke-miterlimit="2.5"${ends}`;
    this.parts.push(`<path d="${data}" ${stroke}${moved}/>`);
  }

  box(x: number, y: number, w: number, h: number, fill: Colour, put: Put = {}): void {
    const at = `x="${num(x)}" y="${num(y)}" width="${num(w)}" height="${num(h)}"`;
    this.parts.push(`<rect ${at} fill="${fill}"${attributes(put)}/>`);
  }

  /** Fills the whole sheet. */
  cover(fill: Colour, put: Put = {}): void {
    this.box(0, 0, width, height, fill, put);
  }

  disc(x: number, y: number, r: number, fill: Colour, put: Put = {}): void {
    this.parts.push(`<circle cx="${num(x)}" cy="${num(y)}" r="${num(r)}" fill="${fill}"${attributes(put)}/>`);
  }

  oval(x: number, y: number, rx: number, ry: number, fill: Colour, put: Put = {}): void {
    const at = `cx="${num(x)}" cy="${num(y)}" rx="${num(rx)}" ry="${num(ry)}"`;
    this.parts.push(`<ellipse ${at} fill="${fill}"${attributes(put)}/>`);
  }

  ring(x: number, y: number, r: number, colour: Colour, thickness: number, put: Put = {}): void {
    const at = `cx="${num(x)}" cy="${num(y)}" r="${num(r)}"`;
    const stroke = `fill="none" stroke="${colour}" stroke-width="${num(thickness)}"`;
    this.parts.push(`<circle ${at} ${stroke}${attributes(put)}/>`);
  }

  /** A fill that goes from one colour to the next, down the shape or across it; opacities are 1 where not given. */
  fade(colours: readonly Colour[], opacities: readonly number[] = [], across = false): string {
    return this.gradient("linearGradient", across ? `x2="1" y2="0"` : `x2="0" y2="1"`, colours, opacities);
  }

  /** A fill that goes from the middle of the shape to its rim. */
  glow(colours: readonly Colour[], opacities: readonly number[] = []): string {
    return this.gradient("radialGradient", `r=".5"`, colours, opacities);
  }

  toString(): string {
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${this.parts.join("")}</svg>`;
  }

  private gradient(kind: string, shape: string, colours: readonly Colour[], opacities: readonly number[]): string {
    const id = `g${this.ids++}`;
    const steps = colours.map((colour, i) => {
      const offset = num(i / Math.max(1, colours.length - 1));
      return `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${num(opacities[i] ?? 1)}"/>`;
    });
    this.parts.push(`<${kind} id="${id}" ${shape}>${steps.join("")}</${kind}>`);
    return `url(#${id})`;
  }
}

function attributes({ opacity, transform }: Put): string {
  const faded = opacity === undefined ? "" : ` opacity="${num(opacity)}"`;
  return transform === undefined ? faded : `${faded} transform="${transform}"`;
}
