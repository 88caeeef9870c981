import type { Colour } from "./sheet";

/** The colours of one poster: sky from top to horizon, dark shapes, the light or signal colour, the lettering. */
export interface Palette {
  top: Colour;
  sky: Colour;
  low: Colour;
  ink: Colour;
  accent: Colour;
  paper: Colour;
}

const named = {
  dusk: palette("#1b1f4b", "#7a3b69", "#f2a65a", "#140f2d", "#ffd166", "#fff3d6"),
  tealOrange: palette("#06283d", "#1d6f7a", "#f08a4b", "#041820", "#ffb454", "#fdf0d5"),
  ember: palette("#2b0a0a", "#a8321e", "#f7b32b", "#170505", "#ffe066", "#fff1d0"),
  steel: palette("#0d1b2a", "#415a77", "#a9bcd0", "#0a1018", "#e0483e", "#f4f7fa"),
  gold: palette("#3a2a12", "#b07d2b", "#f6d98b", "#20140a", "#c8452d", "#fff8e1"),
  jungle: palette("#0b3d2e", "#3e8e5a", "#dbe8a2", "#062018", "#f4a259", "#fbf6e0"),
  ocean: palette("#03264f", "#1f78b4", "#a6e1e8", "#021530", "#ffcf56", "#ffffff"),
  desert: palette("#d9713c", "#f0a35e", "#fbe0a6", "#3d1c12", "#b3261e", "#fff4dc"),
  canyon: palette("#7a2e1d", "#d4703a", "#f5c77e", "#2c0f0a", "#ffe2a0", "#fff4dc"),
  lemon: palette("#ffd23f", "#ffdf6b", "#fff1b8", "#20304f", "#ee4266", "#20304f"),
  candy: palette("#3bceac", "#7fe0cd", "#dff8f1", "#2d2a4a", "#ee4266", "#2d2a4a"),
  poppy: palette("#f25f5c", "#f88a78", "#ffd7c4", "#2b2d42", "#ffe066", "#fffaf0"),
  sky: palette("#4ea8de", "#8fd0f0", "#e6f6fb", "#1c2541", "#ff7b54", "#1c2541"),
  blush: palette("#b5477a", "#f08aa8", "#ffd9d2", "#4a1539", "#fff0b3", "#fff7f2"),
  lilac: palette("#6a4c93", "#b79ad6", "#f6e3f0", "#2a1a45", "#ff8fa3", "#fffaff"),
  peach: palette("#f7a072", "#fbc4a0", "#fff0e0", "#53354a", "#e84a5f", "#53354a"),
  sepia: palette("#5b4a3a", "#a08467", "#e6d3b1", "#2b2018", "#d9a441", "#f8efdc"),
  slate: palette("#2f3640", "#6c7a89", "#d2d8dc", "#171b21", "#d6a44c", "#f5f2ea"),
  olive: palette("#3b3c22", "#808a4f", "#dcd9a6", "#1d1d10", "#d9792b", "#f8f4df"),
  fog: palette("#8d99a6", "#c3ccd3", "#eef1f2", "#2a333c", "#a8323e", "#2a333c"),
  noir: palette("#08090c", "#24303c", "#6d8291", "#030405", "#e8c547", "#f1f1ec"),
  toxic: palette("#071a12", "#15513a", "#7fb069", "#030b08", "#d7f75b", "#eef7e2"),
  midnight: palette("#040816", "#122450", "#3f6fb0", "#02040c", "#9ad1ff", "#eaf4ff"),
  blood: palette("#0a0203", "#4a0d12", "#a31621", "#050102", "#ff3b30", "#f6e7e1"),
  ash: palette("#0c0c0d", "#3b3b3d", "#8c8a86", "#040404", "#c1121f", "#efebe4"),
  moss: palette("#0b0f0a", "#2b3a2a", "#77876a", "#050705", "#e6d36a", "#eef0e2"),
  neon: palette("#0b0630", "#5a189a", "#ff4d8d", "#07031c", "#3df5ff", "#f4eaff"),
  cosmos: palette("#05030f", "#2a1458", "#7a4fc0", "#030209", "#ffb3e6", "#f3ecff"),
  ice: palette("#0a2540", "#4f9bc4", "#e3f5fb", "#061524", "#ff6b4a", "#ffffff"),
  paper: palette("#efe8d8", "#f5f0e4", "#fbf8f0", "#22262b", "#d1495b", "#22262b"),
  plain: palette("#dfe5e8", "#edf1f2", "#ffffff", "#1e2a32", "#1b7f9c", "#1e2a32"),
  fairy: palette("#26215f", "#7d5ba6", "#f7c6d9", "#161238", "#ffe8a3", "#fff6fb"),
  meadow: palette("#3a86c8", "#9bd4f0", "#eaf7d0", "#1f4d2b", "#ffca3a", "#ffffff"),
} as const;

/** Every palette there is. */
export const palettes: readonly Palette[] = Object.values(named);

const { dusk, tealOrange, ember, steel, gold, jungle, ocean, desert, canyon, lemon, candy, poppy, sky, blush } = named;
const { lilac, peach, sepia, slate, olive, fog, noir, toxic, midnight, blood, ash, moss, neon, cosmos, ice } = named;
const { paper, plain, fairy, meadow } = named;

/** The palettes a genre is fond of; a genre that is not listed has no preference. */
export const palettesOfGenre: ReadonlyMap<string, readonly Palette[]> = new Map(
  Object.entries({
    Action: [tealOrange, ember, steel, noir, dusk],
    Adventure: [gold, jungle, ocean, dusk, tealOrange],
    Comedy: [lemon, candy, poppy, sky, peach, plain],
    Documentary: [paper, plain, fog, sepia],
    Drama: [slate, sepia, olive, fog, dusk, peach],
    Family: [meadow, sky, lemon, candy, fairy],
    Fantasy: [fairy, jungle, cosmos, dusk, gold],
    History: [sepia, gold, olive, canyon],
    Horror: [blood, ash, moss, noir, toxic],
    Music: [neon, poppy, lilac, dusk],
    Romance: [blush, lilac, peach, poppy],
    "Science Fiction": [midnight, cosmos, ice, neon, tealOrange],
    Thriller: [noir, steel, midnight, toxic, blood],
    Western: [desert, canyon, gold, sepia],
  }),
);

function palette(top: Colour, sky: Colour, low: Colour, ink: Colour, accent: Colour, paper: Colour): Palette {
  return { top, sky, low, ink, accent, paper };
}
