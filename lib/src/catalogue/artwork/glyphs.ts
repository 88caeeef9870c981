/** A letter of the posters: a line to be stroked, on a grid whose capitals reach from y = 0 down to the baseline y = 6. */
export interface Glyph {
  width: number;
  path: string;
}

// own drawing: simple geometric capitals; each entry is width, then the line
const drawn: Record<string, readonly [number, string]> = {
  A: [4, "M0 6L2 0L4 6M.7 4L3.3 4"],
  B: [4, "M0 0L0 6L2.4 6Q4 6 4 4.4Q4 3 2.4 3L0 3M0 0L2.2 0Q3.6 0 3.6 1.5Q3.6 3 2.2 3"],
  C: [4, "M4 1.2Q3.6 0 2.2 0Q0 0 0 3Q0 6 2.2 6Q3.6 6 4 4.8"],
  D: [4, "M0 0L0 6L1.8 6Q4 6 4 3Q4 0 1.8 0Z"],
  E: [3.4, "M3.4 0L0 0L0 6L3.4 6M0 3L2.9 3"],
  F: [3.3, "M3.3 0L0 0L0 6M0 3L2.8 3"],
  G: [4, "M4 1.2Q3.6 0 2.2 0Q0 0 0 3Q0 6 2.2 6Q4 6 4 4.6L4 3.2L2.4 3.2"],
  H: [4, "M0 0L0 6M4 0L4 6M0 3L4 3"],
  I: [0, "M0 0L0 6"],
  J: [3, "M3 0L3 4.4Q3 6 1.5 6Q0 6 0 4.6"],
  K: [3.8, "M0 0L0 6M3.6 0L0 3.6M1.3 2.4L3.8 6"],
  L: [3.2, "M0 0L0 6L3.2 6"],
  M: [5, "M0 6L0 0L2.5 4L5 0L5 6"],
  N: [4, "M0 6L0 0L4 6L4 0"],
  O: [4.2, "M2.1 0Q4.2 0 4.2 3Q4.2 6 2.1 6Q0 6 0 3Q0 0 2.1 0Z"],
  P: [3.8, "M0 6L0 0L2.3 0Q3.8 0 3.8 1.7Q3.8 3.4 2.3 3.4L0 3.4"],
  Q: [4.2, "M2.1 0Q4.2 0 4.2 3Q4.2 6 2.1 6Q0 6 0 3Q0 0 2.1 0ZM2.6 4.4L4.3 6.4"],
  R: [3.9, "M0 6L0 0L2.3 0Q3.8 0 3.8 1.7Q3.8 3.4 2.3 3.4L0 3.4M2 3.4L3.9 6"],
  S: [3.9, "M3.8 1.1Q3.4 0 2 0Q.2 0 .2 1.6Q.2 2.7 2 3Q3.9 3.3 3.9 4.5Q3.9 6 2 6Q.4 6 0 4.8"],
  T: [3.8, "M0 0L3.8 0M1.9 0L1.9 6"],
  U: [4, "M0 0L0 4Q0 6 2 6Q4 6 4 4L4 0"],
  V: [4, "M0 0L2 6L4 0"],
  W: [5.6, "M0 0L1.4 6L2.8 1.2L4.2 6L5.6 0"],
  X: [3.8, "M0 0L3.8 6M3.8 0L0 6"],
  Y: [3.8, "M0 0L1.9 3L3.8 0M1.9 3L1.9 6"],
  Z: [3.8, "M0 0L3.8 0L0 6L3.8 6"],
  "0": [4, "M2 0Q4 0 4 3Q4 6 2 6Q0 6 0 3Q0 0 2 0Z"],
  "1": [1.4, "M0 1.2L1.4 0L1.4 6"],
  "2": [4, "M0 1.4Q.2 0 2 0Q4 0 4 1.7Q4 2.8 2.4 4L0 6L4 6"],
  "3": [4, "M.2 0L3.8 0L1.8 2.5Q4 2.5 4 4.2Q4 6 2 6Q.3 6 0 4.7"],
  "4": [4, "M3 6L3 0L0 4.2L4 4.2"],
  "5": [4, "M3.7 0L.5 0L.2 2.8Q1 2.2 2 2.2Q4 2.2 4 4.1Q4 6 2 6Q.4 6 0 4.8"],
  "6": [4, "M3.6 .6Q3 0 2.1 0Q0 0 0 3.6Q0 6 2 6Q4 6 4 4.2Q4 2.5 2 2.5Q.6 2.5 0 3.8"],
  "7": [3.8, "M0 0L3.8 0L1.4 6"],
  "8": [4, "M2 0Q3.7 0 3.7 1.4Q3.7 2.8 2 2.8Q.3 2.8 .3 1.4Q.3 0 2 0ZM2 2.8Q4 2.8 4 4.4Q4 6 2 6Q0 6 0 4.4Q0 2.8 2 2.8Z"],
  "9": [4, "M.4 5.4Q1 6 1.9 6Q4 6 4 2.4Q4 0 2 0Q0 0 0 1.8Q0 3.5 2 3.5Q3.4 3.5 4 2.2"],
  "'": [0, "M0 0L0 1.4"],
  '"': [1, "M0 0L0 1.4M1 0L1 1.4"],
  ".": [0, "M0 5.7L0 6"],
  ",": [0.4, "M.4 5.5L0 6.8"],
  ":": [0, "M0 1.9L0 2.2M0 5.7L0 6"],
  ";": [0.4, "M.4 1.9L.4 2.2M.4 5.5L0 6.8"],
  "!": [0, "M0 0L0 4M0 5.7L0 6"],
  "?": [3.4, "M0 1.3Q.2 0 1.8 0Q3.4 0 3.4 1.6Q3.4 2.6 1.8 3.2L1.8 4.2M1.8 5.7L1.8 6"],
  "-": [2, "M0 3.2L2 3.2"],
  "/": [2.6, "M0 6L2.6 0"],
  "(": [1, "M1 0Q-.6 3 1 6"],
  ")": [1, "M0 0Q1.6 3 0 6"],
  "+": [3, "M0 3.2L3 3.2M1.5 1.7L1.5 4.7"],
  "#": [3.6, "M1.2 .6L.8 5.4M2.8 .6L2.4 5.4M.2 2L3.6 2M0 4L3.4 4"],
  "*": [2, "M1 .4L1 2.8M0 1L2 2.2M2 1L0 2.2"],
  $: [3.9, "M3.8 1.1Q3.4 0 2 0Q.2 0 .2 1.6Q.2 2.7 2 3Q3.9 3.3 3.9 4.5Q3.9 6 2 6Q.4 6 0 4.8M2 -.8L2 6.8"],
  "&": [4, "M4 6L.9 1.9Q0 0 1.7 0Q3.2 0 2.7 1.6Q2.4 2.4 1.2 3Q0 3.6 0 4.6Q0 6 1.6 6Q3.4 6 4 3.6"],
};

// what stands for a letter of another script: signs that belong to none
const signs: readonly Glyph[] = [
  { width: 3.6, path: "M0 0L3.6 0L3.6 6M0 3L3.6 3L0 6" },
  { width: 3.6, path: "M0 6L0 0L3.6 3L3.6 6" },
  { width: 3.4, path: "M1.7 0L3.4 3L1.7 6L0 3Z" },
  { width: 3.4, path: "M0 0L3.4 0M0 2L3.4 2M1.7 2L1.7 6" },
  { width: 3.6, path: "M0 0L0 6L3.6 6M1.8 0L1.8 4L3.6 4" },
  { width: 3.4, path: "M0 0Q3.4 0 3.4 3Q3.4 6 0 6M0 3L1.8 3" },
];

const blank: Glyph = { width: 2, path: "" };
const alike: Record<string, string> = {
  "’": "'",
  "‘": "'",
  "“": '"',
  "”": '"',
  "`": "'",
  "–": "-",
  "—": "-",
  "⁄": "/",
  "¢": "C",
};

/** The glyph of one character, whatever it is: its own, that of its look-alike, or a sign of no script. */
export function glyphOf(character: string): Glyph {
  if (/\s/.test(character)) return blank;
  const known = alike[character] ?? character;
  const own = Object.hasOwn(drawn, known) ? drawn[known] : undefined;
  if (own) return { width: own[0], path: own[1] };
  return signs[(character.codePointAt(0) ?? 0) % signs.length] as Glyph;
}
