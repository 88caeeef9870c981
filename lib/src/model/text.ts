import { z } from "zod";
import type { Film } from "../catalogue/film";
import { type SparseMatrix, sparseOf } from "./sparse";

/** The terms of the training texts, as words, and how rare each is, as JSON. */
export interface TextVocabulary {
  /** In order of code units. */
  terms: string[];
  /** ln((1 + films) / (1 + films with the term)) + 1. */
  idf: number[];
}

/** A vocabulary as files of models hold it. */
export const textVocabularySchema = z
  .object({ terms: z.array(z.string()), idf: z.array(z.number()) })
  .refine(({ terms, idf }) => terms.length === idf.length);

export interface TextOptions {
  /** The fewest training films that a term must occur in. */
  minFilms?: number;
  /** What a text is cut into; `wordsOf` unless given. */
  termsOf?: (text: string) => string[];
}

/** What a film says of itself before release: its title and overview. */
export function textOf({ title, overview }: Pick<Film, "title" | "overview">): string {
  return `${title}\n${overview}`;
}

/** Lower-case words of two characters or more, as scikit-learn's `token_pattern`. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
}

/** Lengths of the pieces that lines are cut into, letters: by cross-validation of what is read on real posters. */
const PIECES = [4, 5, 6];

/**
 * Pieces of a text's lines, as scikit-learn's `analyzer="char_wb"` of lines without anything but letters and digits: what
 * is read on a poster loses its spaces, and a letter here and there. A shorter line is a piece as a whole.
 */
export function piecesOf(text: string): string[] {
  const lines = text.toLowerCase().split("\n");
  return lines.map((line) => line.replace(/[^\p{L}\p{N}]/gu, "")).flatMap((line) => (line ? piecesOfLine(line) : []));
}

function piecesOfLine(line: string): string[] {
  const letters = [...` ${line} `];
  const lengths = PIECES.filter((length, i) => i === 0 || length <= letters.length);
  return lengths.flatMap((length) =>
    Array.from({ length: Math.max(1, letters.length - length + 1) }, (_, at) =>
      letters.slice(at, at + length).join(""),
    ),
  );
}

/** The vocabulary of training texts, as `TfidfVectorizer(min_df=minFilms)`; null where no term is left. */
export function textVocabularyOf(
  texts: readonly string[],
  { minFilms = 2, termsOf = wordsOf }: TextOptions = {},
): TextVocabulary | null {
  const films = new Map<string, number>();
  for (const text of texts) {
    for (const term of new Set(termsOf(text))) films.set(term, (films.get(term) ?? 0) + 1);
  }
  const terms = [...films.keys()].filter((term) => films.get(term)! >= minFilms).sort();
  if (terms.length === 0) return null;
  return { terms, idf: terms.map((term) => Math.log((1 + texts.length) / (1 + films.get(term)!)) + 1) };
}

/** Each text's counts of the terms times their idf, of length 1: a row of zeros where no term occurs. */
export function tfidfOf(
  texts: readonly string[],
  { terms, idf }: TextVocabulary,
  { termsOf = wordsOf }: Pick<TextOptions, "termsOf"> = {},
): SparseMatrix {
  const columns = new Map(terms.map((term, column) => [term, column]));
  const rows = texts.map((text) => {
    const row = new Map<number, number>();
    for (const term of termsOf(text)) {
      const column = columns.get(term);
      if (column !== undefined) row.set(column, (row.get(column) ?? 0) + idf[column]!);
    }
    const length = Math.sqrt([...row.values()].reduce((sum, value) => sum + value * value, 0));
    return new Map([...row].map(([column, value]) => [column, value / length]));
  });
  return sparseOf(rows, terms.length);
}
