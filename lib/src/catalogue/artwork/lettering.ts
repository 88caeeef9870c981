import type { Dice } from "./dice";
import { glyphOf } from "./glyphs";
import { type Colour, num, place, type Sheet, width } from "./sheet";

/** How a title is set. */
export interface Lettering {
  /** Space between letters, in units of the glyphs' grid (a capital is 6 high). */
  tracking: number;
  /** Thickness of the letters' lines, in the same units. */
  weight: number;
  /** Narrower than 1 is condensed. */
  stretch: number;
  /** Every line as wide as the widest, or all of one size. */
  stacked: boolean;
  round: boolean;
}

const longestTitle = 54;
const tallestLetter = 34;

/** A title as plain capitals: accents go, blanks are joined, a long one is cut between two words. */
export function plainTitle(title: string): string {
  const plain = title
    .normalize("NFKD")
    .replace(/[\p{M}\p{C}]/gu, "")
    .toUpperCase();
  const letters = [...plain.replace(/\s+/g, " ").trim()];
  if (letters.length <= longestTitle) return letters.join("");
  const cut = letters.slice(0, longestTitle).join("");
  return cut.includes(" ") ? cut.slice(0, cut.lastIndexOf(" ")) : cut;
}

/** Writes a title between two heights of the sheet, as large as it goes, centred or from the left margin. Returns its ends. */
export function writeTitle(
  sheet: Sheet,
  title: string,
  style: Lettering,
  box: { top: number; bottom: number; margin: number; anchor: "top" | "bottom"; centred: boolean },
  colours: { fill: Colour; shadow?: Colour },
): { top: number; bottom: number } {
  const room = width - 2 * box.margin;
  const lines = bestLines(title, style, room, box.bottom - box.top);
  const tall = lines.reduce((sum, line) => sum + line.size * 1.34, 0);
  let y = box.anchor === "top" ? box.top : box.bottom - tall;
  const ends = { top: y, bottom: y + tall };
  for (const { text, size } of lines) {
    const unit = size / 6;
    const wide = lineWidth(text, style) * unit;
    const x = box.centred ? (width - wide) / 2 : box.margin;
    const data = lineData(text, style, x, y + size * 0.15, unit);
    const join = style.round ? "round" : "miter";
    const draw = (colour: Colour, dx: number): void => sheet.letters(data, colour, style.weight * unit, join, dx);
    if (colours.shadow) draw(colours.shadow, unit * 0.5);
    draw(colours.fill, 0);
    y += size * 1.34;
  }
  return ends;
}

/** Bars that look like lines of small print from afar: a tagline, names, the credits at the foot. */
export function smallPrint(sheet: Sheet, dice: Dice, colour: Colour, y: number, size: number, room: number): void {
  const wide = room * dice.between(0.7, 1);
  let data = "";
  for (let x = (width - wide) / 2; x < (width + wide) / 2; ) {
    const letters = dice.whole(2, 8);
    for (let i = 0; i < letters; i++, x += size * 0.42) {
      const short = dice.chance(0.3) ? size * 0.3 : 0;
      data += `M${num(x)} ${num(y + short)}V${num(y + size)}`;
    }
    x += size * 0.6;
  }
  sheet.line(data, colour, size * 0.22, { opacity: 0.8 });
}

interface Line {
  text: string;
  /** Height of its capitals in pixels. */
  size: number;
}

function bestLines(title: string, style: Lettering, room: number, tall: number): Line[] {
  const words = title.split(" ").filter(Boolean);
  const layouts = [1, 2, 3, 4].filter((count) => count <= words.length).map((count) => wrap(words, count));
  const set = layouts.map((layout) => fit(layout, style, room, tall));
  const area = (lines: Line[]): number =>
    lines.reduce((sum, { text, size }) => sum + lineWidth(text, style) * size ** 2, 0);
  return set.reduce((best, lines) => (area(lines) > area(best) ? lines : best), set[0] ?? []);
}

/** Words in that many lines of about the same length. */
function wrap(words: readonly string[], count: number): string[] {
  const lines: string[] = [];
  let rest = [...words];
  for (let left = count; left > 0; left--) {
    const target = rest.join(" ").length / left;
    let take = 1;
    while (take < rest.length - left + 1 && rest.slice(0, take + 1).join(" ").length <= target * 1.15) take++;
    if (left === 1) take = rest.length;
    lines.push(rest.slice(0, take).join(" "));
    rest = rest.slice(take);
  }
  return lines;
}

function fit(lines: readonly string[], style: Lettering, room: number, tall: number): Line[] {
  const sizes = lines.map((text) => Math.min(tallestLetter, (room * 6) / lineWidth(text, style)));
  const smallest = Math.min(...sizes);
  const wanted = style.stacked ? sizes.map((size) => Math.min(size, smallest * 2.2)) : sizes.map(() => smallest);
  const squeeze = Math.min(1, tall / (wanted.reduce((sum, size) => sum + size, 0) * 1.34));
  return lines.map((text, i) => ({ text, size: (wanted[i] as number) * squeeze }));
}

/** Width of a line on the glyphs' grid, the thickness of its lines included. */
function lineWidth(text: string, { tracking, stretch, weight }: Lettering): number {
  const glyphs = [...text].map(glyphOf);
  const gap = weight + tracking;
  return glyphs.reduce((sum, glyph) => sum + glyph.width * stretch + gap, -tracking);
}

function lineData(text: string, style: Lettering, left: number, top: number, unit: number): string {
  let x = left + (style.weight / 2) * unit;
  return [...text]
    .map((character) => {
      const { width, path } = glyphOf(character);
      const data = place(path, x, top, unit * style.stretch, unit);
      x += (width * style.stretch + style.weight + style.tracking) * unit;
      return data;
    })
    .join("");
}
