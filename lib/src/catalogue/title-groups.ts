/** Films whose titles name one franchise, as their positions in the list they came from, ascending. */
export type TitleGroup = number[];

/** What a title says, as plain words without articles, signs of a sequel and accents. */
interface Stems {
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

/**
 * Groups of films that are franchise-like by title; a film alike to no other is a group of one. Groups stand in the
 * order of their first film. Two films are in one group, directly or through others, where
 * 1. the words before a subtitle are equal once articles and sequel numbers are gone ("The Avengers", "Avengers: Endgame");
 * 2. or the two or more words before "and" are ("Harry Potter and the …"), or equal another film's whole head;
 * 3. or those of one film, two or more words, begin the other's ("Step Up", "Step Up Revolution"); a single word joins
 *    only where nothing but words of sequels follows ("The Matrix Reloaded", but not "The Man Who Wasn't There");
 * 4. or the subtitle of one begins with the other's head of two or more words ("Rogue One: A Star Wars Story").
 * What titles do not show (the Bond films) stays apart; two unlike films of one name fall together, which costs nothing.
 */
export function titleGroups(titles: readonly string[]): TitleGroup[] {
  const stems = titles.map(stemsOf);
  const sets = new DisjointSets(titles.length);
  const byHead = new Map<string, number>();
  stems.forEach(({ head }, film) => {
    const first = byHead.get(head);
    if (first === undefined) byHead.set(head, film);
    else if (head !== "") sets.join(first, film);
  });
  joinHeroes(stems, byHead, sets);
  stems.forEach(({ head, subtitle }, film) => {
    for (const start of startsOf(head)) sets.joinKnown(byHead.get(start), film);
    if (subtitle === null) return;
    const named = startsOf(subtitle).filter((start) => start.includes(" "));
    for (const start of [subtitle, ...named]) if (start.includes(" ")) sets.joinKnown(byHead.get(start), film);
  });
  return sets.groups();
}

/** Heroes join each other, and the film whose whole head is the hero. */
function joinHeroes(stems: readonly Stems[], byHead: ReadonlyMap<string, number>, sets: DisjointSets): void {
  const byHero = new Map<string, number>();
  stems.forEach(({ hero }, film) => {
    if (hero === null) return;
    sets.joinKnown(byHead.get(hero) ?? byHero.get(hero), film);
    if (!byHero.has(hero)) byHero.set(hero, film);
  });
}

/** The beginnings of a head that may be the title of the film it continues. */
function startsOf(head: string): string[] {
  const parts = words(head);
  const starts = parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join(" "));
  const single = parts.slice(1).every((word) => SEQUEL_WORDS.has(word));
  return starts.filter((start) => start.includes(" ") || single);
}

function stemsOf(title: string): Stems {
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

/** Which of n things belong together: union-find (Tarjan 1975), the earliest of a set stands for it. */
class DisjointSets {
  private readonly parent: Uint32Array;

  constructor(n: number) {
    this.parent = Uint32Array.from({ length: n }, (_, i) => i);
  }

  join(one: number, other: number): void {
    const [a, b] = [this.find(one), this.find(other)];
    this.parent[Math.max(a, b)] = Math.min(a, b);
  }

  joinKnown(one: number | undefined, other: number): void {
    if (one !== undefined) this.join(one, other);
  }

  groups(): number[][] {
    const sets = new Map<number, number[]>();
    this.parent.forEach((_, i) => {
      const root = this.find(i);
      const set = sets.get(root);
      if (set) set.push(i);
      else sets.set(root, [i]);
    });
    return [...sets.values()];
  }

  private find(i: number): number {
    let root = i;
    while (this.parent[root] !== root) root = this.parent[root]!;
    this.parent[i] = root;
    return root;
  }
}
