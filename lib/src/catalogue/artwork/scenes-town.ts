import { bust, person, row } from "./figures";
import { ridge, stars } from "./scenes-outdoors";
import { blend, height, num, polygon, turned, width } from "./sheet";
import type { Stage } from "./stage";

/** A town at night in layers, lit windows, people in the street. */
export function skyline(stage: Stage): void {
  const { sheet, dice, palette, lavish, cast } = stage;
  const sun = { x: dice.between(40, 145), y: dice.between(60, 120), r: dice.between(18, 46) };
  sheet.disc(sun.x, sun.y, sun.r, palette.accent, { opacity: dice.between(0.5, 1) });
  const layers = 2 + Math.round(lavish * 2);
  for (let i = 1; i <= layers; i++) houses(stage, 150 + 12 * i, 85 - 14 * i, i / layers);
  row(sheet, dice, Math.max(1, cast), dice.between(70, 115), 214, dice.between(60, 92), palette.ink);
}

/** A burst of fire behind a town, splinters, people in front of it. */
export function explosion(stage: Stage): void {
  const { sheet, dice, palette, lavish, cast } = stage;
  const [x, y] = [dice.between(50, 135), dice.between(80, 125)];
  const fire = [palette.accent, palette.low, palette.paper];
  for (let i = 14 + Math.round(lavish * 26); i > 0; i--) {
    const [long, wide] = [dice.between(40, 135), dice.between(3, 12)];
    const turn = turned(x, y, dice.whole(0, 359));
    const spike = polygon(-wide, 0, 0, -long, wide, 0);
    sheet.path(spike, dice.pick(fire), { transform: turn, opacity: dice.between(0.3, 0.85) });
  }
  sheet.disc(x, y, 62, sheet.glow([palette.paper, palette.accent, palette.accent], [1, 0.8, 0]));
  for (let i = Math.round(8 + lavish * 24); i > 0; i--) {
    const size = dice.between(1, 4.5);
    const turn = turned(dice.whole(5, 180), dice.whole(10, 190), dice.whole(0, 359));
    sheet.path(polygon(-size, size, size * 0.4, -size * 1.4, size, size * 0.5), palette.ink, { transform: turn });
  }
  houses(stage, 190, 45, 1);
  const people = Math.max(1, cast);
  for (let i = 0; i < people; i++) {
    const at = 92 + (i - (people - 1) / 2) * dice.between(28, 36);
    person(sheet, dice, at, 216, dice.between(74, 104), palette.ink, dice.pick(["hero", "armed", "runner", "coat"]));
  }
}

/** Heads one behind another over a small landscape: the star vehicle. */
export function heads(stage: Stage): void {
  const { sheet, dice, palette, cast } = stage;
  const many = Math.max(1, cast);
  sheet.disc(92, 90, 110, sheet.glow([palette.accent, palette.accent], [0.7, 0]));
  for (let i = many - 1; i >= 0; i--) {
    const side = i % 2 === 0 ? 1 : -1;
    const away = Math.ceil(i / 2);
    const size = (many === 1 ? 128 : 96) - away * 14 + dice.between(-8, 8);
    const skin = blend(palette.ink, palette.sky, 0.18 * away);
    bust(
      sheet,
      dice,
      92 + side * away * dice.between(36, 46),
      120 - away * 18 + dice.between(-6, 6),
      size,
      skin,
      palette.accent,
    );
  }
  if (dice.chance(0.5)) houses(stage, 196, 26, 1);
  else sheet.path(ridge(dice, 186, 18, 16), palette.ink);
  row(sheet, dice, dice.whole(0, many), 92, 206, dice.between(20, 32), palette.ink);
}

/** One person and a long shadow before a great disc. */
export function alone({ sheet, dice, palette, cast }: Stage): void {
  const line = dice.between(170, 196);
  const r = dice.between(34, 70);
  sheet.disc(dice.between(60, 125), line - r * dice.between(0.6, 1.5), r, palette.accent, { opacity: 0.9 });
  sheet.box(0, line, width, height - line, sheet.fade([blend(palette.sky, palette.ink, 0.5), palette.ink]));
  const x = dice.between(50, 135);
  const slant = dice.between(-50, 50);
  const people = dice.chance(0.75) ? 1 : Math.max(1, Math.min(2, cast));
  for (let i = 0; i < people; i++) {
    const at = x + i * 22;
    sheet.path(polygon(at - 4, line + 4, at + 4, line + 4, at + slant + 14, 278, at + slant - 8, 278), palette.ink, {
      opacity: 0.5,
    });
    person(sheet, dice, at, line + 6, dice.between(50, 84), palette.ink, dice.pick(["coat", "dress", "coat"]));
  }
}

/** Someone at a lit window, or behind a blind. */
export function blinds({ sheet, dice, palette, cast }: Stage): void {
  sheet.cover(sheet.fade([palette.accent, palette.sky, palette.ink], [0.75, 0.4, 0.8], dice.chance(0.5)));
  const people = Math.max(1, Math.min(3, cast));
  for (let i = 0; i < people; i++) {
    const x = 92 + (i - (people - 1) / 2) * 52 + dice.between(-10, 10);
    bust(sheet, dice, x, dice.between(118, 134), 118 - people * 14, palette.ink, palette.sky);
  }
  const step = dice.between(9, 16);
  const tilt = `rotate(${dice.whole(-9, 9)} 92 100)`;
  let slats = "";
  for (let y = -30; y < 230; y += step) slats += `M-30 ${num(y)}h250v${num(step * 0.42)}h-250z`;
  sheet.path(slats, palette.ink, { transform: tilt, opacity: dice.between(0.55, 0.9) });
}

/** A house on a hill, one window lit. */
export function house({ sheet, dice, palette, lavish, cast }: Stage): void {
  stars(sheet, dice, Math.round(10 + 50 * lavish), palette.paper, 140);
  const moon = { x: dice.between(50, 135), y: dice.between(62, 100), r: dice.between(22, 48) };
  sheet.disc(moon.x, moon.y, moon.r * 1.7, sheet.glow([palette.low, palette.low], [0.6, 0]));
  sheet.disc(moon.x, moon.y, moon.r, blend(palette.low, palette.paper, dice.between(0.3, 0.8)));
  sheet.oval(dice.between(60, 125), 232, 150, 72, palette.ink);
  const [x, y] = [dice.between(60, 120), 172];
  sheet.box(x - 20, y - 42, 40, 46, palette.ink);
  sheet.path(polygon(x - 26, y - 40, x - 4, y - 74, x + 22, y - 40), palette.ink);
  sheet.box(x + 12, y - 70, 14, 70, palette.ink);
  sheet.path(polygon(x + 9, y - 68, x + 19, y - 92, x + 29, y - 68), palette.ink);
  for (let i = 0; i < 4; i++) {
    if (dice.chance(0.35 + 0.4 * lavish))
      sheet.box(x - 14 + (i % 2) * 16, y - 34 + Math.floor(i / 2) * 17, 6, 9, palette.accent);
  }
  for (let i = dice.whole(0, 6); i > 0; i--) {
    const [bx, by, s] = [dice.between(10, 175), dice.between(30, 130), dice.between(3, 7)];
    sheet.path(
      `M${num(bx)} ${num(by)}q${num(s)} ${num(-s)} ${num(2 * s)} 0q${num(-s / 2)} ${num(-s * 0.2)} ${num(-s)} ${num(s * 0.5)}q${num(-s / 2)} ${num(-s * 0.7)} ${num(-s)} ${num(-s * 0.5)}z`,
      palette.ink,
    );
  }
  row(sheet, dice, Math.max(1, Math.min(4, cast)), dice.between(50, 135), 206, dice.between(22, 36), palette.ink);
}

/** A stage: beams of light, a singer, the crowd's heads. */
export function concert({ sheet, dice, palette, lavish, cast }: Stage): void {
  for (let i = 3 + Math.round(lavish * 5); i > 0; i--) {
    const [from, to, wide] = [dice.between(0, 185), dice.between(-20, 205), dice.between(10, 34)];
    const beam = sheet.fade([dice.pick([palette.accent, palette.low, palette.paper]), palette.low], [0.7, 0.05]);
    sheet.path(polygon(from - 2, -2, from + 2, -2, to + wide, 200, to - wide, 200), beam);
  }
  const band = Math.max(1, Math.min(5, cast));
  for (let i = 0; i < band; i++)
    person(sheet, dice, 92 + (i - (band - 1) / 2) * 32, 190, dice.between(66, 90), palette.ink);
  for (let i = 0; i < 46; i++) {
    const [x, y, r] = [dice.between(-4, 190), dice.between(192, 226), dice.between(5, 8)];
    sheet.disc(x, y, r, blend(palette.ink, palette.sky, dice.between(0, 0.25)));
    if (dice.chance(0.25)) sheet.line(`M${num(x)} ${num(y)}l${num(dice.between(-6, 6))} -24`, palette.ink, 3);
  }
  sheet.box(0, 222, width, 60, palette.ink);
}

function houses({ sheet, dice, palette, lavish }: Stage, base: number, rise: number, near: number): void {
  const wall = blend(palette.low, palette.ink, 0.25 + 0.75 * near);
  let windows = "";
  for (let x = -6; x < width; ) {
    const wide = dice.between(10, 26);
    const top = base - rise * dice.between(0.2, 1.2);
    sheet.box(x, top, wide + 0.5, height - top, wall);
    if (dice.chance(0.2)) sheet.box(x + wide / 2 - 0.6, top - 12, 1.2, 13, wall);
    for (let wy = top + 5; wy < base + 20; wy += 6) {
      for (let wx = x + 3; wx < x + wide - 3; wx += 5) {
        if (dice.chance(0.12 + 0.3 * lavish)) windows += `M${num(wx)} ${num(wy)}h2v2.6h-2z`;
      }
    }
    x += wide;
  }
  if (near > 0.4 && windows) sheet.path(windows, palette.accent, { opacity: 0.75 });
}
