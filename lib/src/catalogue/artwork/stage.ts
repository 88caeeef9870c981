import type { Dice } from "./dice";
import type { Palette } from "./palettes";
import type { Sheet } from "./sheet";

/** What a scene is drawn with. */
export interface Stage {
  sheet: Sheet;
  dice: Dice;
  palette: Palette;
  /** 0 is bare, 1 is crowded with detail. */
  lavish: number;
  /** How many people may appear. */
  cast: number;
}

/** Draws a picture over the whole sheet; the lettering comes later, mostly at the foot. */
export type Scene = (stage: Stage) => void;
