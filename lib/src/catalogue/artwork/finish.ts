import type { Dice } from "./dice";
import { type Lettering, plainTitle, smallPrint, writeTitle } from "./lettering";
import type { Palette } from "./palettes";
import { blend, type Colour, height, type Sheet, width } from "./sheet";

/** How posters were finished in a time: framed prints, striped ones, airy ones, full-bleed ones. */
export type Era = "framed" | "striped" | "airy" | "bleed";

const eras: readonly (readonly [Era, number])[] = [
  ["framed", 1970],
  ["striped", 1985],
  ["airy", 2000],
  ["bleed", Number.POSITIVE_INFINITY],
];

/** The era of a year; where it is null, any. */
export function eraOf(year: number | null, dice: Dice): Era {
  if (year === null) return dice.pick(eras)[0];
  return (eras.find(([, before]) => year < before) as readonly [Era, number])[0];
}

const letterings: Record<Era, Lettering> = {
  framed: { tracking: 0.5, weight: 1.25, stretch: 0.85, stacked: false, round: false },
  striped: { tracking: 0.25, weight: 1.6, stretch: 0.95, stacked: false, round: true },
  airy: { tracking: 2.2, weight: 0.75, stretch: 0.85, stacked: false, round: false },
  bleed: { tracking: 0.35, weight: 1.35, stretch: 0.7, stacked: true, round: false },
};

interface Finish {
  sheet: Sheet;
  dice: Dice;
  palette: Palette;
  lavish: number;
  era: Era;
  title: string;
}

/** Shades the picture, letters it, and frames it as its era did. */
export function finish(job: Finish): void {
  const { sheet, dice, palette, era, lavish } = job;
  const light = isDark(palette.paper);
  const ground = light ? palette.low : palette.ink;
  const letters = light ? palette.ink : palette.paper;
  if (era === "framed") sheet.cover("#c9a66b", { opacity: 0.2 });
  if (era === "bleed") sheet.cover(sheet.glow(["#000000", "#000000", "#000000"], [0, 0.05, 0.45]));
  weather(job);
  const atFoot = dice.chance(0.75);
  sheet.box(0, atFoot ? 172 : 200, width, atFoot ? 106 : 78, sheet.fade([ground, ground, ground], [0, 0.92, 1]));
  if (!atFoot) sheet.box(0, 0, width, 90, sheet.fade([palette.top, palette.top], [0.9, 0]));
  const topLetters = isDark(palette.top) ? blend(palette.paper, "#ffffff", light ? 1 : 0) : palette.ink;
  lettering(job, atFoot, atFoot ? letters : topLetters, atFoot ? ground : palette.top);
  const names = Math.round(dice.between(0, 1) + lavish * 2);
  for (let i = 0; i < names; i++)
    smallPrint(sheet, dice, topLetters, atFoot ? 12 + i * 6 : 8 + i * 3, 3.4, 70 + 30 * lavish);
  for (let i = 0; i < 3; i++) smallPrint(sheet, dice, letters, 256 + i * 4.6, 3.2, 150);
  edge(job);
}

/** A bare picture is hazy, a lavish one deep and full of sparks. */
function weather({ sheet, dice, palette, lavish }: Finish): void {
  sheet.cover(palette.low, { opacity: 0.34 * (1 - lavish) });
  sheet.cover(sheet.fade([palette.ink, palette.ink, palette.ink], [0.5, 0, 0.3]), { opacity: lavish });
  for (let i = Math.round(lavish * lavish * 44); i > 0; i--) {
    const colour = dice.pick([palette.accent, palette.paper]);
    sheet.disc(dice.between(0, width), dice.between(0, 220), dice.between(0.4, 1.7), colour, { opacity: 0.7 });
  }
}

function lettering({ sheet, dice, palette, era, title }: Finish, atFoot: boolean, fill: Colour, ground: Colour): void {
  const usual = letterings[dice.chance(0.8) ? era : dice.pick(["framed", "striped", "airy", "bleed"] as const)];
  const style = {
    ...usual,
    weight: usual.weight * dice.between(0.85, 1.2),
    stretch: usual.stretch * dice.between(0.85, 1.15),
  };
  const signal = dice.chance(0.35) && contrast(palette.accent, ground) > 90;
  const box = {
    top: atFoot ? 186 : 18,
    bottom: atFoot ? 250 : 84,
    margin: dice.between(12, 24),
    anchor: atFoot ? ("bottom" as const) : ("top" as const),
    centred: dice.chance(0.75),
  };
  const shadow = dice.chance(0.35) && fill !== palette.ink ? palette.ink : undefined;
  writeTitle(sheet, plainTitle(title), style, box, { fill: signal ? palette.accent : fill, shadow });
}

function edge({ sheet, dice, palette, era }: Finish): void {
  if (era === "framed") sheet.line(`M4 4H${width - 4}V${height - 4}H4Z`, blend(palette.low, "#fff6e0", 0.7), 8);
  if (era !== "striped") return;
  const left = dice.chance(0.5) ? 0 : width - 12;
  for (const [i, colour] of [palette.accent, palette.low, palette.sky].entries())
    sheet.box(left + i * 4, 0, 4, height, colour);
}

function isDark(colour: Colour): boolean {
  return lightness(colour) < 128;
}

/** Difference of lightness, 0 to 255. */
function contrast(one: Colour, other: Colour): number {
  return Math.abs(lightness(one) - lightness(other));
}

/** From 0, black, to 255, white, in whole-number weights near those of Rec. 601. */
function lightness(colour: Colour): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return (((value >> 16) & 255) * 3 + ((value >> 8) & 255) * 6 + (value & 255)) / 10;
}
