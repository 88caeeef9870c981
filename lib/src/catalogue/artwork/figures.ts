import type { Dice } from "./dice";
import { blend, type Colour, place, type Sheet } from "./sheet";

// people a hundred units tall, feet at 0 0
const bodies = {
  coat: "M-4 -84Q-14 -82 -15 -70L-18 -42L-13 -42L-11 -62L-14 -28L-11 0L-3 0L-1 -30L1 -30L4 0L12 0L14 -28L11 -62L13 -42L18 -42L15 -70Q14 -82 4 -84Z",
  dress:
    "M-4 -84Q-11 -82 -12 -70L-15 -46L-11 -45L-8 -62L-6 -52L-16 -16L-5 -16L-4 0L0 0L0 -16L2 -16L4 0L7 0L6 -16L16 -16L6 -52L8 -62L11 -45L15 -46L12 -70Q11 -82 4 -84Z",
  hero: "M-4 -84Q-14 -83 -16 -72L-23 -57L-12 -45L-11 -39L-19 0L-9 0L0 -34L9 0L19 0L11 -39L12 -45L23 -57L16 -72Q14 -83 4 -84Z",
  armed:
    "M-4 -84Q-14 -82 -15 -68L-16 -46L-11 -40L-17 0L-8 0L0 -34L7 0L16 0L11 -42L12 -62L34 -72L44 -74L44 -70L34 -66L34 -70L13 -78Q10 -83 4 -84Z",
  runner:
    "M2 -84Q-10 -82 -12 -68L-24 -60L-21 -56L-8 -60L-9 -44L-24 -28L-38 -24L-37 -18L-20 -22L-4 -36L10 -24L6 -2L18 0L18 -5L12 -6L17 -28L4 -42L8 -60L20 -50L24 -54L12 -74Q10 -83 6 -84Z",
} as const;

type Body = keyof typeof bodies;

/** A standing figure in silhouette, `tall` pixels high, its feet at x, y. */
export function person(sheet: Sheet, dice: Dice, x: number, y: number, tall: number, ink: Colour, body?: Body): void {
  const shape = body ?? dice.pick<Body>(["coat", "coat", "dress", "hero", "armed"]);
  const unit = tall / 100;
  const side = dice.chance(0.5) ? unit : -unit;
  sheet.path(place(bodies[shape], x, y, side, unit), ink);
  const lean = shape === "runner" ? side * 7 : 0;
  sheet.oval(x + lean, y - 91 * unit, 6.4 * unit, 8.4 * unit, ink);
  if (shape === "dress") sheet.oval(x, y - 89 * unit, 8.4 * unit, 9.6 * unit, ink);
}

/** A row of people about the same height, their feet on one line. */
export function row(sheet: Sheet, dice: Dice, count: number, x: number, y: number, tall: number, ink: Colour): void {
  const gap = tall * 0.44;
  for (let i = 0; i < count; i++) {
    const middle = i - (count - 1) / 2;
    const size = tall * dice.between(0.86, 1.04) * (1 - 0.05 * Math.abs(middle));
    person(sheet, dice, x + middle * gap, y, size, ink);
  }
}

const shoulders = "M-52 150L-46 62Q-46 22 -34 12Q-22 4 -11 -4L-11 -22L11 -22L11 -4Q22 4 34 12Q46 22 46 62L52 150Z";

/** A head and shoulders from the front, about `size` pixels wide, lit from one side; x, y is the chin. */
export function bust(sheet: Sheet, dice: Dice, x: number, y: number, size: number, ink: Colour, light: Colour): void {
  const unit = size / 92;
  const lit = blend(ink, light, dice.between(0.25, 0.6));
  const skin = sheet.fade(dice.chance(0.5) ? [ink, ink, lit] : [lit, ink, ink], [], true);
  const hair = dice.pick(["short", "long", "hat", "bun", "short"] as const);
  if (hair === "long") sheet.path(place("M-22 10Q-30 -62 0 -66Q30 -62 22 10Z", x, y, unit), ink);
  sheet.path(place(shoulders, x, y, unit), skin);
  sheet.oval(x, y - 26 * unit, 16.5 * unit, 22 * unit, skin);
  if (hair === "short")
    sheet.path(place("M-18 -28Q-20 -56 2 -54Q20 -52 18 -28Q12 -42 0 -42Q-12 -42 -18 -28Z", x, y, unit), ink);
  if (hair === "bun") sheet.disc(x, y - 54 * unit, 9 * unit, ink);
  if (hair === "hat") {
    sheet.oval(x, y - 40 * unit, 32 * unit, 5 * unit, ink);
    sheet.path(place("M-17 -40L-14 -64Q0 -56 14 -64L17 -40Z", x, y, unit), ink);
  }
}

/** A face in profile, looking right (or left where `side` is −1), `size` pixels wide; x, y is its middle. */
export function profile(sheet: Sheet, x: number, y: number, size: number, side: 1 | -1, fill: string): void {
  const face =
    "M-44 150L-34 66Q-32 34 -16 24Q-28 12 -29 -10Q-28 -42 0 -44Q20 -44 22 -26L21 -17L29 -3Q29 1 24 1L24 6L26 9L23 12L24 15Q23 24 10 23L4 25Q4 40 30 48Q38 54 40 66L44 150Z";
  const unit = size / 74;
  sheet.path(place(face, x, y, unit * side, unit), fill);
}
