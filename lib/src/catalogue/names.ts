import { printable } from "./columns";

/** How a name was found to mean a file; all but "exact" are worth telling the user. */
export type MatchKind = "exact" | "letter case" | "extension" | "spelling" | "title" | "nearest";

/** A name and the file that it means. */
export interface NameMatch {
  name: string;
  file: string;
  how: MatchKind;
}

/** A one-to-one pairing of names with files; what could not be paired without doubt is listed. */
export interface NameMatches {
  /** Name → file. */
  matched: Map<string, string>;
  /** The pairs that are not written alike. */
  inexact: NameMatch[];
  unmatched: { name: string; reason: string }[];
  /** Files that no name means. */
  unused: string[];
}

/**
 * Pairs the file names that records give with the files that exist, from the strictest rule to the loosest: the same
 * name; but for letter case and folder; but for the extension; but for accents, punctuation and a leading article; the
 * record's title (name → title); the words of one among those of the other. A rule pairs a name with a file only where,
 * of what is left, it calls no other name and no other file alike.
 */
export function matchNames(
  files: readonly string[],
  names: readonly string[],
  titles: ReadonlyMap<string, string> = new Map(),
): NameMatches {
  const open = { names: new Set(names), files: new Set(files) };
  const entries = (): Entry[] => [...open.names].map((name) => ({ name, title: titles.get(name) ?? "" }));
  const pairs: NameMatch[] = [];
  for (const { how, pair } of RULES) {
    for (const [name, file] of pair(entries(), [...open.files])) {
      open.names.delete(name);
      open.files.delete(file);
      pairs.push({ name, file, how });
    }
  }
  return {
    matched: new Map(pairs.map(({ name, file }) => [name, file])),
    inexact: pairs.filter(({ how }) => how !== "exact"),
    unmatched: unmatchedReasons(entries(), [...open.files]),
    unused: [...open.files],
  };
}

/** A name that is still to be paired, with its record's title, or "". */
interface Entry {
  name: string;
  title: string;
}
type Rule = (entries: readonly Entry[], files: readonly string[]) => [name: string, file: string][];

const RULES: readonly { how: MatchKind; pair: Rule }[] = [
  {
    how: "exact",
    pair: sameKey(
      ({ name }) => name,
      (file) => file,
    ),
  },
  { how: "letter case", pair: sameKey(({ name }) => folded(baseOf(name)), folded) },
  {
    how: "extension",
    pair: sameKey(
      ({ name }) => folded(stemOf(name)),
      (file) => folded(stemOf(file)),
    ),
  },
  {
    how: "spelling",
    pair: sameKey(
      ({ name }) => spelling(stemOf(name)),
      (file) => spelling(stemOf(file)),
    ),
  },
  {
    how: "title",
    pair: sameKey(
      ({ title }) => spelling(title),
      (file) => spelling(stemOf(file)),
    ),
  },
  { how: "nearest", pair: nearest },
];

/** Pairs the names and files whose keys are equal, not empty, and each the only one of its key. */
function sameKey(nameKey: (entry: Entry) => string, fileKey: (file: string) => string): Rule {
  return (entries, files) => {
    const filesOf = groupBy(files, fileKey);
    return [...groupBy(entries, nameKey)].flatMap(([key, group]): [string, string][] => {
      const candidates = filesOf.get(key) ?? [];
      return key && group.length === 1 && candidates.length === 1 ? [[group[0]!.name, candidates[0]!]] : [];
    });
  };
}

function nearest(entries: readonly Entry[], files: readonly string[]): [string, string][] {
  const near = nearFiles(files);
  const candidates = entries.map(near);
  const claims = groupBy(candidates.flat(), (file) => file);
  return entries.flatMap(({ name }, i): [string, string][] => {
    const [file, ...others] = candidates[i]!;
    return file !== undefined && others.length === 0 && claims.get(file)?.length === 1 ? [[name, file]] : [];
  });
}

/** For an entry, the files whose words hold, or are held by, those of its name or its title. */
function nearFiles(files: readonly string[]): (entry: Entry) => string[] {
  const fileWords = files.map((file) => wordsOf(stemOf(file)));
  return ({ name, title }) => {
    const wanted = [wordsOf(stemOf(name)), wordsOf(title)];
    return files.filter((_, i) => wanted.some((words) => oneHoldsTheOther(words, fileWords[i]!)));
  };
}

/** True where all words of one are among those of the other, and both have the same numbers: a sequel is another film. */
function oneHoldsTheOther(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  for (const word of few) if (!many.has(word)) return false;
  return [...few].join("").length >= 4 && numbersIn(few) === numbersIn(many);
}

function numbersIn(words: ReadonlySet<string>): string {
  return [...words]
    .filter((word) => /\d/.test(word))
    .sort()
    .join(" ");
}

/** Says of each name that no rule paired what stood in the way. */
function unmatchedReasons(entries: readonly Entry[], files: readonly string[]): NameMatches["unmatched"] {
  const near = nearFiles(files);
  const spelt = groupBy(files, (file) => spelling(stemOf(file)));
  return entries.map((entry) => {
    const candidates = [...new Set([...(spelt.get(spelling(stemOf(entry.name))) ?? []), ...near(entry)])];
    return { name: entry.name, reason: whyUnmatched(printable(entry.name), candidates.map(printable)) };
  });
}

function whyUnmatched(name: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return `no image is named ${name}, nor nearly so`;
  if (candidates.length === 1) return `${name} is not the only name that could mean the image ${candidates[0]}`;
  return `${name} could mean several images: ${candidates.slice(0, 5).join(", ")}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

function baseOf(name: string): string {
  return name.split(/[/\\]/).at(-1) ?? "";
}

function stemOf(name: string): string {
  return baseOf(name).replace(/\.[a-z]{3,5}$/i, "");
}

/** Lower-case letters and digits without accents or a leading article; a mark stays only between digits: 1-2 is not 12. */
function spelling(text: string): string {
  return plain(text).replace(/ (?=\P{N})|(?<=\P{N}) /gu, "");
}

function wordsOf(text: string): Set<string> {
  return new Set(plain(text).split(" ").filter(Boolean));
}

function plain(text: string): string {
  const letters = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("&", " and ");
  return letters
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .replace(/^(the|an|a) (?=.)/, "");
}
