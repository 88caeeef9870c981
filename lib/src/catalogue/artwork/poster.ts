import { Dice } from "./dice";
import { eraOf, finish } from "./finish";
import { palettes, palettesOfGenre } from "./palettes";
import { scenes, scenesOfGenre } from "./scenes";
import { Sheet } from "./sheet";
import type { Scene } from "./stage";

/**
 * What a poster is drawn from. Revenue is not among it: whatever a model learns from this artwork came through
 * genre, era, runtime and budget, each of which shows only most of the time.
 */
export interface PosterFacts {
  id: number;
  title: string;
  genres: readonly string[];
  year: number | null;
  /** Minutes. */
  runtime: number | null;
  /** Dollars. */
  budget: number | null;
}

/** How often the look follows the facts; else it is drawn from all there is. */
const follows = { palette: 0.6, scene: 0.65, era: 0.7 };

/** Share of a film's budget in how lavish its poster is; the rest is chance. */
const budgetShare = 0.7;

/** Steps of budget in millions of dollars, each one more figure and more detail. */
const budgetSteps = [2, 6, 14, 28, 45, 70, 110, 160];

/** The poster of a film as SVG, 185 × 278. `artwork` 0 is its first, 1 another of the same film, and so on. */
export function posterSvg(facts: PosterFacts, artwork = 0): string {
  const dice = new Dice(facts.id, artwork);
  const sheet = new Sheet();
  const genre = facts.genres.length ? dice.pick(facts.genres) : "";
  const palette = dice.chance(follows.palette)
    ? dice.pick(palettesOfGenre.get(genre) ?? palettes)
    : dice.pick(palettes);
  const scene: Scene = dice.chance(follows.scene) ? dice.pick(scenesOfGenre.get(genre) ?? scenes) : dice.pick(scenes);
  const lavish = lavishness(facts, dice);
  const era = eraOf(dice.chance(follows.era) ? facts.year : null, dice);
  sheet.cover(sheet.fade([palette.top, palette.sky, palette.low]));
  scene({ sheet, dice, palette, lavish, cast: Math.round(lavish * 5) });
  finish({ sheet, dice, palette, lavish, era, title: facts.title });
  return sheet.toString();
}

/** From 0 to 1: a long film and a dear one are drawn with more in them. */
function lavishness({ budget, runtime }: PosterFacts, dice: Dice): number {
  const millions = (budget ?? 0) / 1e6;
  const step = budget === null ? 0.4 : budgetSteps.filter((from) => millions >= from).length / budgetSteps.length;
  const long = runtime !== null && runtime >= 120 ? 0.08 : 0;
  return Math.min(1, budgetShare * step + (1 - budgetShare) * dice.unit() + long);
}
