import { startsOf, stemsOf, type TitleStems } from "./title-stems";

/** Films whose titles name one franchise, as their positions in the list they came from, ascending. */
export type TitleGroup = number[];

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
  return stemGroups(titles.map(stemsOf));
}

/** Where the group of another title is found among films that are grouped already. */
export type TitleFinder = (stems: TitleStems) => TitleGroup;

/**
 * A search that costs no more for many films than for few: of another title's stems, the films that `titleGroups` would
 * put together with it, ascending.
 */
export function titleFinder(stems: readonly TitleStems[]): TitleFinder {
  const groups = stemGroups(stems);
  const byHead = new Map<string, Set<number>>();
  const byHero = new Map<string, Set<number>>();
  const byMention = new Map<string, Set<number>>();
  groups.forEach((films, group) => {
    for (const film of films) {
      const { head, hero } = stems[film]!;
      if (head !== "") addTo(byHead, head, group);
      if (hero !== null) addTo(byHero, hero, group);
      for (const mention of mentionsOf(stems[film]!)) addTo(byMention, mention, group);
    }
  });
  return (title) => {
    const named = [title.head, ...mentionsOf(title)].map((name) => byHead.get(name));
    const alike = [...named, byMention.get(title.head), title.hero === null ? undefined : byHero.get(title.hero)];
    const found = new Set(alike.flatMap((some) => [...(some ?? [])]));
    return [...found].flatMap((group) => groups[group]!).sort((a, b) => a - b);
  };
}

function stemGroups(stems: readonly TitleStems[]): TitleGroup[] {
  const sets = new DisjointSets(stems.length);
  const byHead = new Map<string, number>();
  const byHero = new Map<string, number>();
  stems.forEach(({ head, hero }, film) => {
    if (head !== "") sets.joinKnown(byHead.get(head), film);
    if (hero !== null) sets.joinKnown(byHero.get(hero), film);
    if (!byHead.has(head)) byHead.set(head, film);
    if (hero !== null && !byHero.has(hero)) byHero.set(hero, film);
  });
  stems.forEach((title, film) => {
    for (const mention of mentionsOf(title)) sets.joinKnown(byHead.get(mention), film);
  });
  return sets.groups();
}

/** The heads that a title names: a film with one of them belongs to it. */
function mentionsOf({ head, hero, subtitle }: TitleStems): string[] {
  const within = subtitle === null ? [] : [subtitle, ...startsOf(subtitle)].filter((start) => start.includes(" "));
  return [...(hero === null ? [] : [hero]), ...startsOf(head), ...within];
}

function addTo(map: Map<string, Set<number>>, key: string, group: number): void {
  const held = map.get(key);
  if (held) held.add(group);
  else map.set(key, new Set([group]));
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
