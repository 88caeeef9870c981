import { bust, person, profile, row } from "./figures";
import { stars } from "./scenes-outdoors";
import { blend, height, num, polygon, turned, width } from "./sheet";
import type { Stage } from "./stage";

/** Rays from one point and somebody in the middle of them. */
export function rays({ sheet, dice, palette, lavish, cast }: Stage): void {
  const [x, y] = [dice.between(70, 115), dice.between(90, 150)];
  const count = 8 + 2 * Math.round(lavish * 6) + dice.whole(0, 2) * 2;
  const wide = 340 * (3.4 / count);
  for (let i = 0; i < count; i++) {
    const turn = turned(x, y, (360 * i) / count);
    sheet.path(polygon(0, 0, -wide / 2, -340, wide / 2, -340), palette.accent, { transform: turn, opacity: 0.55 });
  }
  sheet.disc(x, y, dice.between(40, 62), palette.low);
  const people = Math.max(1, cast);
  if (dice.chance(0.5)) row(sheet, dice, people, 92, 212, dice.between(84, 112), palette.ink);
  else
    for (let i = 0; i < people; i++)
      bust(sheet, dice, 92 + (i - (people - 1) / 2) * 44, 150 + dice.between(-8, 8), 84, palette.ink, palette.accent);
}

/** A grid of plain shapes, as the Bauhaus liked. */
export function blocks({ sheet, dice, palette, lavish, cast }: Stage): void {
  const cell = dice.pick([46.25, 61.67, 92.5]);
  const colours = [palette.accent, palette.top, palette.low, palette.ink, blend(palette.accent, palette.low, 0.5)];
  for (let y = 0; y < 200; y += cell) {
    for (let x = 0; x < width - 1; x += cell) {
      sheet.box(x, y, cell + 0.4, cell + 0.4, dice.pick(colours));
      const [shape, colour] = [dice.whole(0, 5), dice.pick(colours)];
      if (shape === 0) sheet.disc(x + cell / 2, y + cell / 2, cell * 0.42, colour);
      if (shape === 1) sheet.path(polygon(x, y, x + cell, y, x, y + cell), colour);
      if (shape === 2)
        sheet.path(
          `M${num(x)} ${num(y)}h${num(cell)}a${num(cell)} ${num(cell)} 0 0 1 ${num(-cell)} ${num(cell)}z`,
          colour,
        );
      if (shape === 3) for (let s = 0; s < 4; s++) sheet.box(x, y + (s * cell) / 4, cell, cell / 8, colour);
      if (shape === 4 && dice.chance(lavish)) sheet.ring(x + cell / 2, y + cell / 2, cell * 0.3, colour, cell * 0.12);
    }
  }
  if (dice.chance(0.6)) row(sheet, dice, Math.max(1, cast), 92, 212, dice.between(80, 120), palette.ink);
}

/** Broad bands of colour with people on the lowest. */
export function bands({ sheet, dice, palette, lavish, cast }: Stage): void {
  const count = 3 + Math.round(lavish * 6);
  const turn = `rotate(${dice.pick([0, 0, -18, 22, 90])} 92 110)`;
  for (let i = 0; i < count; i++) {
    const colour = blend(i % 2 ? palette.accent : palette.top, palette.low, dice.between(0, 0.6));
    sheet.box(-120, 10 + (180 / count) * i, 430, (180 / count) * dice.between(0.4, 0.95), colour, { transform: turn });
  }
  const large = dice.between(96, 136);
  if (dice.chance(0.35)) bust(sheet, dice, dice.between(70, 115), 124, large, palette.ink, palette.accent);
  else row(sheet, dice, Math.max(1, cast), 92, 214, large * 0.8, palette.ink);
}

/** Two faces turned to each other. */
export function couple({ sheet, dice, palette, lavish }: Stage): void {
  for (let i = 6 + Math.round(lavish * 22); i > 0; i--) {
    sheet.disc(
      dice.between(0, 185),
      dice.between(0, 210),
      dice.between(3, 17),
      dice.pick([palette.paper, palette.accent, palette.low]),
      { opacity: dice.between(0.12, 0.4) },
    );
  }
  if (dice.chance(0.5)) sheet.disc(92, 110, dice.between(40, 66), palette.accent, { opacity: 0.85 });
  else sheet.path(heart(92, dice.between(90, 110), dice.between(46, 70)), palette.accent, { opacity: 0.9 });
  const y = dice.between(108, 134);
  const far = dice.between(42, 54);
  const second = blend(palette.ink, palette.top, 0.45);
  profile(sheet, 92 - far, y, dice.between(76, 92), 1, palette.ink);
  profile(sheet, 92 + far, y + dice.between(-12, 8), dice.between(70, 90), -1, second);
}

/** A heart, or a ring, and two small people in it. */
export function sweethearts({ sheet, dice, palette, cast }: Stage): void {
  const size = dice.between(66, 86);
  sheet.path(heart(92, 104, size), palette.accent);
  if (dice.chance(0.5)) sheet.path(heart(92, 106, size * 0.82), blend(palette.accent, palette.low, 0.5));
  const tall = dice.between(60, 88);
  person(sheet, dice, 92 - tall * 0.2, 180, tall, palette.ink, "coat");
  person(sheet, dice, 92 + tall * 0.2, 180, tall * 0.92, palette.ink, "dress");
  if (cast > 2) row(sheet, dice, cast - 2, 92, 206, 30, palette.ink);
}

/** Rings that draw the eye in, somebody falling. */
export function rings({ sheet, dice, palette, lavish, cast }: Stage): void {
  const [x, y] = [dice.between(70, 115), dice.between(80, 130)];
  const step = dice.between(8, 17) - 4 * lavish;
  for (let r = step; r < 190; r += step) {
    const shift = dice.between(-2, 2);
    sheet.ring(
      x + shift,
      y + shift,
      r,
      blend(palette.accent, palette.sky, Math.min(1, r / 170)),
      step * dice.between(0.2, 0.6),
    );
  }
  const people = Math.max(1, Math.min(2, cast));
  if (dice.chance(0.5)) bust(sheet, dice, x, y + 34, 84, palette.ink, palette.sky);
  else row(sheet, dice, people, x, y + 34, dice.between(44, 74), palette.ink);
}

/** One great eye. */
export function eye({ sheet, dice, palette, lavish, cast }: Stage): void {
  const y = dice.between(84, 120);
  const open = dice.between(24, 44);
  sheet.path(
    `M8 ${num(y)}Q92 ${num(y - open * 2)} 177 ${num(y)}Q92 ${num(y + open * 2)} 8 ${num(y)}Z`,
    blend(palette.low, palette.paper, 0.5),
  );
  sheet.disc(92, y, open * 0.92, palette.accent);
  for (let i = 0; i < 8 + Math.round(lavish * 20); i++) {
    const turn = `rotate(${dice.whole(0, 359)} 92 ${num(y)})`;
    sheet.box(92, y, 0.9, open * dice.between(0.6, 0.9), palette.ink, { transform: turn, opacity: 0.6 });
  }
  sheet.disc(92, y, open * dice.between(0.3, 0.55), palette.ink);
  sheet.disc(92 - open * 0.3, y - open * 0.32, open * 0.14, palette.paper);
  sheet.line(`M4 ${num(y)}Q92 ${num(y - open * 2.3)} 181 ${num(y)}`, palette.ink, 5);
  row(sheet, dice, Math.max(1, Math.min(4, cast)), 92, 212, dice.between(34, 60), palette.ink);
}

/** What runs down from the upper edge, a figure waiting below. */
export function drips({ sheet, dice, palette, cast }: Stage): void {
  sheet.disc(92, 150, 96, sheet.glow([palette.low, palette.low], [0.9, 0]));
  let data = "M-2 -2";
  for (let x = -2; x < width; ) {
    const [wide, long] = [dice.between(6, 15), dice.between(14, 96)];
    data += `V${num(long)}q${num(wide / 2)} ${num(wide * 0.9)} ${num(wide)} 0V${num(dice.between(8, 20))}h${num(dice.between(2, 7))}`;
    x += wide + 4;
  }
  sheet.path(`${data}V-2Z`, palette.accent);
  if (dice.chance(0.5)) bust(sheet, dice, 92, 158, dice.between(90, 124), palette.ink, palette.low);
  else row(sheet, dice, Math.max(1, Math.min(3, cast)), 92, 214, dice.between(72, 100), palette.ink);
}

/** A planet, its ring and moons among stars. */
export function planet({ sheet, dice, palette, lavish, cast }: Stage): void {
  stars(sheet, dice, 60 + Math.round(lavish * 160), palette.paper, 230);
  const [x, y, r] = [dice.between(50, 135), dice.between(80, 130), dice.between(32, 66)];
  const tilt = `rotate(${dice.whole(-32, 32)} ${num(x)} ${num(y)})`;
  const ringed = dice.chance(0.55);
  sheet.disc(x, y, r * 1.5, sheet.glow([palette.accent, palette.accent], [0.5, 0]));
  sheet.disc(x, y, r, sheet.fade([palette.low, palette.sky, palette.ink], [], dice.chance(0.5)));
  if (ringed)
    sheet.line(
      `M${num(x - r * 1.6)} ${num(y)}Q${num(x)} ${num(y + r * 0.9)} ${num(x + r * 1.6)} ${num(y)}`,
      palette.accent,
      3.5,
      { transform: tilt },
    );
  for (let i = Math.round(lavish * 3); i > 0; i--)
    sheet.disc(dice.between(14, 170), dice.between(24, 170), dice.between(3, 10), blend(palette.low, palette.ink, 0.4));
  for (let i = dice.whole(0, 1 + Math.round(lavish * 4)); i > 0; i--) {
    const [sx, sy, s] = [dice.between(20, 165), dice.between(30, 160), dice.between(3, 8)];
    sheet.path(polygon(sx, sy - s * 0.5, sx + s * 2.6, sy, sx, sy + s * 0.5, sx + s * 0.4, sy), palette.paper);
    sheet.box(sx - s * 6, sy - 0.5, s * 6, 1, sheet.fade([palette.accent, palette.accent], [0, 1], true));
  }
  sheet.oval(92, 262, 150, 66, palette.ink);
  row(sheet, dice, Math.max(1, cast), dice.between(70, 115), 208, dice.between(24, 46), palette.ink);
}

/** A sheet in the Swiss manner: one large disc, bars, a picture within a frame. */
export function swiss({ sheet, dice, palette, lavish, cast }: Stage): void {
  const [x, y, r] = [dice.between(40, 145), dice.between(70, 130), dice.between(34, 66)];
  sheet.disc(x, y, r, palette.accent);
  for (let i = 2 + Math.round(lavish * 6); i > 0; i--)
    sheet.box(
      dice.between(0, 120),
      dice.between(20, 190),
      dice.between(30, 120),
      dice.between(1.5, 7),
      dice.pick([palette.ink, palette.top, palette.accent]),
      { opacity: 0.85 },
    );
  if (dice.chance(0.6))
    row(sheet, dice, Math.max(1, Math.min(4, cast)), dice.between(60, 125), 206, dice.between(54, 92), palette.ink);
  else bust(sheet, dice, x, y + r * 0.6, r * 1.5, palette.ink, palette.low);
}

/** A globe of meridians over a horizon. */
export function globe({ sheet, dice, palette, cast }: Stage): void {
  const [x, y, r] = [92, dice.between(96, 116), dice.between(52, 74)];
  sheet.disc(x, y, r, sheet.fade([palette.top, palette.accent]));
  for (const share of [0.25, 0.55, 0.82]) {
    const w = r * share;
    sheet.line(
      `M${num(x)} ${num(y - r)}A${num(w)} ${num(r)} 0 0 1 ${num(x)} ${num(y + r)}A${num(w)} ${num(r)} 0 0 1 ${num(x)} ${num(y - r)}`,
      palette.paper,
      1.1,
      { opacity: 0.8 },
    );
  }
  for (const dy of [-0.6, -0.3, 0, 0.3, 0.6]) sheet.box(x - r, y + dy * r, 2 * r, 0.9, palette.paper, { opacity: 0.6 });
  sheet.box(0, 196, width, height, palette.ink, { opacity: 0.12 });
  row(sheet, dice, Math.max(1, cast), 92, 212, dice.between(34, 52), palette.ink);
}

function heart(x: number, y: number, size: number): string {
  const [r, low] = [size * 0.52, size * 0.95];
  const point = (dx: number, dy: number): string => `${num(x + dx)} ${num(y + dy)}`;
  const left = `C${point(-r * 1.9, low * 0.1)} ${point(-r * 1.5, -r * 1.5)} ${point(0, -r * 0.55)}`;
  return `M${point(0, low * 0.8)}${left}C${point(r * 1.5, -r * 1.5)} ${point(r * 1.9, low * 0.1)} ${point(0, low * 0.8)}Z`;
}
