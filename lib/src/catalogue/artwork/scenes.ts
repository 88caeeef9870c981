import { bands, blocks, couple, drips, eye, globe, planet, rays, rings, sweethearts, swiss } from "./scenes-graphic";
import { balloons, castle, desert, forest, mountains, road, sea } from "./scenes-outdoors";
import { alone, blinds, concert, explosion, heads, house, skyline } from "./scenes-town";
import type { Scene } from "./stage";

/** Scenes that any film may have. */
export const scenes: readonly Scene[] = [heads, alone, skyline, mountains, sea, road, bands, blocks, rays, rings];

/** The scenes a genre is fond of; a genre that is not listed has no preference. */
export const scenesOfGenre: ReadonlyMap<string, readonly Scene[]> = new Map(
  Object.entries({
    Action: [explosion, explosion, skyline, heads, bands],
    Adventure: [mountains, mountains, sea, heads, desert],
    Comedy: [rays, bands, blocks, road, heads],
    Documentary: [swiss, swiss, globe, road],
    Drama: [alone, alone, sea, heads, blinds, road],
    Family: [balloons, balloons, mountains, rays],
    Fantasy: [castle, castle, forest, mountains],
    History: [mountains, alone, heads, sea],
    Horror: [house, forest, drips, eye],
    Music: [concert, concert, rays],
    Romance: [couple, sweethearts],
    "Science Fiction": [planet, planet, skyline, rings],
    Thriller: [blinds, rings, skyline, eye, alone],
    Western: [desert, desert, road],
  }),
);
