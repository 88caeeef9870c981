/** What a title says, as plain words without articles, signs of a sequel and accents. */
export interface TitleStems {
  /** The words before a subtitle: "mad max" of "Mad Max: Fury Road". */
  head: string;
  /** The words before "and" where they are two or more: "harry potter" of "Harry Potter and the Goblet of Fire". */
  hero: string | null;
  /** The words of the subtitle: "jurassic park" of "The Lost World: Jurassic Park". */
  subtitle: string | null;
}

// what may follow a title of a single word without making it another film's: "Batman Begins", not "Taxi Driver"
const SEQUEL_WORDS = new Set(
  (
    "after again ascension awakening awakens begins beginning beyond chapter continues evolution final forever genesis " +
    "genisys legacy lives meets next origins reborn redemption reloaded resurrection resurrections resurgence " +
    "retaliation retribution return returns reunion revelation revelations revenge revolution revolutions rides rise " +
    "rises rising saga salvation sequel strikes unleashed uprising"
  ).split(" "),
);

const NUMBERS = new Set(
  "two three four five six seven eight nine ten eleven twelve thirteen ii iii iv v vi vii viii ix xi xii xiii deux 2nd 3d".split(
    " ",
  ),
);
const PARTS = /^(part|chapter|episode|volume|vol|number|no)$/;

/** The beginnings of a head that may be the title of the film it continues. */
export function startsOf(head: string): string[] {
  const parts = words(head);
  const starts = parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join(" "));
  const single = parts.slice(1).every((word) => SEQUEL_WORDS.has(word));
  return starts.filter((start) => start.includes(" ") || single);
}

/** Cuts a title into its stems. */
export function stemsOf(title: string): TitleStems {
  const [whole = "", ...rest] = plain(title).split(/\s*:\s*/);
  const head = withoutNumbers(words(whole));
  const before = whole.split(/\band\b/)[0]!;
  const hero = before === whole ? [] : withoutNumbers(words(before));
  const subtitle = withoutNumbers(words(rest.join(" ")));
  return {
    head: head.join(" "),
    hero: hero.length >= 2 ? hero.join(" ") : null,
    subtitle: subtitle.length > 0 ? subtitle.join(" ") : null,
  };
}

/** Lower case without accents; "&" is "and", a colon or a dash between spaces parts the subtitle, other signs are spaces. */
function plain(title: string): string {
  return title
    .replace(/&amp;/gi, "&")
    .replace(/[\p{No}]/gu, (sign) => ` ${sign} `)
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/['’ʼ`]/g, "")
    .replace(/&/g, " and ")
    .replace(/\s[-–—]+\s/g, " : ")
    .replace(/[^\p{L}\p{N}:]+/gu, " ");
}

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "" && !/^(the|a|an)$/.test(word));
}

/** The words before the numbers at the end, with "part" or its like; at least one word remains. */
function withoutNumbers(parts: readonly string[]): string[] {
  let end = parts.length;
  while (end > 1 && isSequelNumber(parts[end - 1]!, parts[end - 2]!)) {
    end -= end > 2 && PARTS.test(parts[end - 2]!) ? 2 : 1;
  }
  return parts.slice(0, end);
}

function isSequelNumber(word: string, before: string): boolean {
  // "Apollo 13" and "District 9" are no sequels, but no rule tells "Saw 9" from them
  if (/^(of|in|to|at|from|since)$/.test(before)) return false;
  if (/^\d+$/.test(word)) return Number(word) <= 12 || /^(19|20)\d\d$/.test(word);
  return NUMBERS.has(word) || (word === "i" && PARTS.test(before));
}
