import type { Dice } from "./dice";
import { person, row } from "./figures";
import { blend, height, num, polygon, type Sheet, width } from "./sheet";
import type { Stage } from "./stage";

/** Ranges of mountains before a low sun, people on the nearest ridge. */
export function mountains({ sheet, dice, palette, lavish, cast }: Stage): void {
  const sun = { x: dice.between(35, 150), y: dice.between(70, 125), r: dice.between(14, 38) };
  sheet.disc(sun.x, sun.y, sun.r * 2.2, sheet.glow([palette.accent, palette.accent], [0.55, 0]));
  sheet.disc(sun.x, sun.y, sun.r, palette.accent, { opacity: 0.95 });
  const ranges = 2 + Math.round(lavish * 3);
  for (let i = 0; i < ranges; i++) {
    const near = (i + 1) / ranges;
    const base = 118 + 82 * near;
    sheet.path(
      ridge(dice, base, 52 - 26 * near, 12 + 18 * (1 - near)),
      blend(palette.low, palette.ink, 0.15 + 0.85 * near),
    );
    if (near < 1) sheet.box(0, base - 30, width, 50, sheet.fade([palette.low, palette.low], [0, 0.35]));
  }
  row(sheet, dice, Math.max(1, cast), dice.between(60, 125), 192, dice.between(26, 44), palette.ink);
}

/** Sun over water, its track of light, a boat or a swimmer. */
export function sea({ sheet, dice, palette, cast }: Stage): void {
  const line = dice.between(130, 170);
  const sun = { x: dice.between(50, 135), r: dice.between(20, 46) };
  sheet.disc(sun.x, line - sun.r * dice.between(0, 0.9), sun.r, palette.accent);
  sheet.box(0, line, width, height - line, sheet.fade([palette.sky, palette.top]));
  for (let y = line + 3; y < line + 74; y += dice.between(4, 8)) {
    const wide = sun.r * dice.between(0.5, 1.7);
    sheet.box(sun.x - wide + dice.between(-6, 6), y, wide * 2, dice.between(0.8, 2.4), palette.accent, {
      opacity: 0.75,
    });
  }
  const [x, y] = [dice.between(40, 145), line + dice.between(14, 34)];
  sheet.path(polygon(x - 24, y - 5, x + 24, y - 5, x + 17, y + 3, x - 17, y + 3), palette.ink);
  if (dice.chance(0.5)) sheet.path(polygon(x + 2, y - 50, x + 2, y - 8, x + 24, y - 8), palette.ink);
  else row(sheet, dice, Math.min(3, Math.max(1, cast)), x, y - 4, 24, palette.ink);
}

/** A straight road to a far point. */
export function road({ sheet, dice, palette, cast }: Stage): void {
  const line = dice.between(118, 150);
  const far = dice.between(60, 125);
  sheet.disc(far + dice.between(-30, 30), line - dice.between(0, 20), dice.between(16, 40), palette.accent);
  sheet.path(ridge(dice, line + 6, 22, 16), blend(palette.low, palette.ink, 0.45));
  sheet.box(0, line + 4, width, height, sheet.fade([blend(palette.sky, palette.ink, 0.3), palette.ink]));
  const spread = dice.between(50, 95);
  const tar = blend(palette.ink, palette.top, 0.25);
  sheet.path(polygon(far - 1, line + 4, far + 1, line + 4, 92 + spread, 278, 92 - spread, 278), tar);
  for (let i = 0, y = line + 9; y < 260; i++, y += 4 + i * 3.2) {
    const share = (y - line) / (278 - line);
    const x = far + (92 - far) * share;
    sheet.path(
      polygon(
        x - 0.4 - share,
        y,
        x + 0.4 + share,
        y,
        x + 0.7 + share * 1.6,
        y + 3 + i * 1.6,
        x - 0.7 - share * 1.6,
        y + 3 + i * 1.6,
      ),
      palette.paper,
    );
  }
  row(
    sheet,
    dice,
    Math.max(1, Math.min(4, cast)),
    far + dice.between(-14, 14),
    line + 52,
    dice.between(34, 60),
    palette.ink,
  );
}

/** Mesas, a hard sun and cactuses. */
export function desert({ sheet, dice, palette, lavish, cast }: Stage): void {
  sheet.disc(dice.between(40, 145), dice.between(80, 130), dice.between(22, 52), palette.accent);
  const mesas = dice.whole(2, 3 + Math.round(lavish * 2));
  for (let i = 0; i < mesas; i++) {
    const [x, y, w] = [dice.between(-10, 170), dice.between(95, 140), dice.between(14, 40)];
    const stone = blend(palette.top, palette.ink, 0.2 + (0.5 * i) / mesas);
    sheet.path(
      polygon(x - w, 190, x - w * 0.7, y + 22, x - w * 0.6, y, x + w * 0.6, y + 1, x + w * 0.7, y + 24, x + w, 190),
      stone,
    );
  }
  sheet.path(ridge(dice, 176, 7, 24), blend(palette.ink, palette.top, 0.2));
  sheet.path(ridge(dice, 196, 9, 30), palette.ink);
  for (let i = dice.whole(1, 3); i > 0; i--)
    cactus(sheet, dice.between(12, 172), 198, dice.between(16, 42), palette.ink);
  for (let i = 0; i < Math.max(1, cast); i++) {
    const x = 92 + (i - (cast - 1) / 2) * dice.between(22, 30);
    person(sheet, dice, x, 204, dice.between(56, 78), palette.ink, dice.pick(["coat", "hero", "armed"]));
  }
}

/** Bare trunks in fog under a moon. */
export function forest({ sheet, dice, palette, lavish, cast }: Stage): void {
  sheet.disc(
    dice.between(50, 135),
    dice.between(60, 100),
    dice.between(14, 36),
    blend(palette.low, palette.paper, 0.6),
  );
  const rows = 2 + Math.round(lavish * 2);
  for (let depth = 1; depth <= rows; depth++) {
    const bark = blend(palette.sky, palette.ink, depth / rows);
    for (let i = dice.whole(3, 6); i > 0; i--) tree(sheet, dice, dice.between(-6, 190), 2 + depth * 1.6, bark);
    sheet.box(0, 120, width, 100, sheet.fade([palette.low, palette.low], [0, 0.22]));
  }
  sheet.path(ridge(dice, 206, 8, 20), palette.ink);
  row(sheet, dice, Math.max(1, Math.min(3, cast)), dice.between(60, 125), 208, dice.between(30, 56), palette.ink);
}

/** Round hills, balloons and clouds. */
export function balloons({ sheet, dice, palette, lavish, cast }: Stage): void {
  for (let i = dice.whole(2, 5); i > 0; i--)
    cloud(sheet, dice.between(0, 185), dice.between(20, 130), dice.between(8, 18));
  const colours = [palette.accent, palette.top, blend(palette.accent, palette.paper, 0.5), palette.ink];
  for (let i = 2 + Math.round(lavish * 6); i > 0; i--) {
    const [x, y, r] = [dice.between(18, 167), dice.between(30, 150), dice.between(9, 24)];
    const colour = dice.pick(colours);
    sheet.path(
      polygon(
        x - r * 0.6,
        y + r * 0.75,
        x + r * 0.6,
        y + r * 0.75,
        x + r * 0.18,
        y + r * 1.5,
        x - r * 0.18,
        y + r * 1.5,
      ),
      colour,
    );
    sheet.disc(x, y, r, colour);
    sheet.oval(x, y, r * 0.42, r, blend(colour, "#ffffff", 0.35));
    sheet.box(x - r * 0.2, y + r * 1.65, r * 0.4, r * 0.32, palette.ink);
  }
  for (let i = 0; i < 3; i++) {
    const green = blend(palette.sky, palette.ink, 0.35 + 0.3 * i);
    sheet.oval(dice.between(0, 185), 232 + i * 14, dice.between(90, 150), dice.between(40, 62), green);
  }
  row(sheet, dice, Math.max(2, cast), dice.between(70, 115), 208, dice.between(26, 40), palette.ink);
}

/** Towers on a crag under moon and stars. */
export function castle({ sheet, dice, palette, lavish, cast }: Stage): void {
  stars(sheet, dice, 30 + Math.round(50 * lavish), palette.paper, 150);
  sheet.disc(dice.between(35, 150), dice.between(45, 95), dice.between(16, 40), palette.accent, { opacity: 0.9 });
  sheet.path(ridge(dice, 170, 36, 18), blend(palette.low, palette.ink, 0.35));
  const middle = dice.between(65, 120);
  const stone = blend(palette.low, palette.ink, 0.75);
  for (let i = 3 + Math.round(lavish * 4); i > 0; i--) {
    const [x, w, top] = [middle + dice.between(-34, 34), dice.between(4, 8), dice.between(82, 135)];
    sheet.box(x - w, top, w * 2, 110, stone);
    sheet.path(polygon(x - w * 1.4, top, x, top - w * dice.between(3, 5), x + w * 1.4, top), palette.ink);
    if (dice.chance(0.7)) sheet.box(x - 1, top + 8, 2, 4, palette.accent);
  }
  const crag = [middle - 110, height, middle - 84, 214, middle - 52, dice.between(176, 200), middle - 37, 160];
  sheet.path(
    polygon(...crag, middle - 8, 166, middle + 36, 158, middle + 58, 186, middle + 90, 208, 260, height),
    palette.ink,
  );
  row(sheet, dice, Math.max(1, cast), dice.between(60, 125), 210, dice.between(26, 46), palette.ink);
}

/** A jagged line across the sheet, closed at its foot. */
export function ridge(dice: Dice, base: number, rise: number, step: number): string {
  const points = [-4, height];
  let up = dice.chance(0.5);
  for (let x = -4; x < width + step * 1.4; x += step * dice.between(0.5, 1.4), up = !up) {
    points.push(x, base + (up ? -rise : rise * 0.3) * dice.between(0.2, 1));
  }
  return polygon(...points, width + 60, height);
}

/** Points of light above a line, in one path. */
export function stars(sheet: Sheet, dice: Dice, count: number, colour: string, above: number): void {
  let data = "";
  for (let i = 0; i < count; i++) {
    const size = dice.chance(0.12) ? 1.7 : dice.between(0.5, 1.1);
    data += `M${num(dice.between(0, width))} ${num(dice.between(0, above))}h${num(size)}v${num(size)}h${num(-size)}z`;
  }
  sheet.path(data, colour, { opacity: 0.85 });
}

function cactus(sheet: Sheet, x: number, y: number, tall: number, ink: string): void {
  const w = tall * 0.13;
  const arms = `M${num(x)} ${num(y)}V${num(y - tall)}M${num(x)} ${num(y - tall * 0.35)}h${num(-w * 2.4)}v${num(-tall * 0.3)}`;
  sheet.letters(`${arms}M${num(x)} ${num(y - tall * 0.5)}h${num(w * 2.4)}v${num(-tall * 0.25)}`, ink, w, "round", 0);
}

function tree(sheet: Sheet, dice: Dice, x: number, thick: number, bark: string): void {
  const sway = dice.between(-14, 14);
  sheet.path(polygon(x - thick, 220, x + sway - thick * 0.35, -4, x + sway + thick * 0.35, -4, x + thick, 220), bark);
  let branches = "";
  for (let i = dice.whole(2, 5); i > 0; i--) {
    const y = dice.between(20, 130);
    const from = x + sway * (1 - (y + 4) / 224);
    const reach = dice.between(12, 34) * (dice.chance(0.5) ? 1 : -1);
    branches += `M${num(from)} ${num(y)}q${num(reach * 0.5)} -4 ${num(reach)} ${num(-dice.between(10, 30))}`;
  }
  sheet.line(branches, bark, thick * 0.4);
}

function cloud(sheet: Sheet, x: number, y: number, size: number): void {
  for (const [dx, r] of [
    [-1.1, 0.6],
    [0, 1],
    [1.2, 0.7],
    [2, 0.45],
  ] as const) {
    sheet.disc(x + dx * size, y - r * size * 0.4, r * size, "#ffffff", { opacity: 0.75 });
  }
}
