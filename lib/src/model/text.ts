import type { Film } from "../catalogue/film";
import { UserError } from "../errors";
import { type SparseMatrix, sparseOf } from "./sparse";

/** The words of the training films and how rare each is, as JSON. */
export interface TextVocabulary {
  /** In order of code units. */
  terms: string[];
  /** ln((1 + films) / (1 + films with the term)) + 1. */
  idf: number[];
}

export interface TextOptions {
  /** The fewest training films that a term must occur in. */
  minFilms?: number;
}

/** What a film says of itself before release: its title and overview. */
export function textOf({ title, overview }: Pick<Film, "title" | "overview">): string {
  return `${title}\n${overview}`;
}

/** Lower-case words of two characters or more, as scikit-learn's `token_pattern`. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
}

/** The vocabulary of training texts, as `TfidfVectorizer(min_df=minFilms)`; a `UserError` where no term is left. */
export function textVocabularyOf(texts: readonly string[], { minFilms = 2 }: TextOptions = {}): TextVocabulary {
  const films = new Map<string, number>();
  for (const text of texts) {
    for (const word of new Set(wordsOf(text))) films.set(word, (films.get(word) ?? 0) + 1);
  }
  const terms = [...films.keys()].filter((word) => films.get(word)! >= minFilms).sort();
  if (terms.length === 0)
    throw new UserError(`No word occurs in ${minFilms} of the training films: add films with texts.`);
  return { terms, idf: terms.map((term) => Math.log((1 + texts.length) / (1 + films.get(term)!)) + 1) };
}

/** Each text's counts of the terms times their idf, of length 1: a row of zeros where no term occurs. */
export function tfidfOf(texts: readonly string[], { terms, idf }: TextVocabulary): SparseMatrix {
  const columns = new Map(terms.map((term, column) => [term, column]));
  const rows = texts.map((text) => {
    const row = new Map<number, number>();
    for (const word of wordsOf(text)) {
      const column = columns.get(word);
      if (column !== undefined) row.set(column, (row.get(column) ?? 0) + idf[column]!);
    }
    const length = Math.sqrt([...row.values()].reduce((sum, value) => sum + value * value, 0));
    return new Map([...row].map(([column, value]) => [column, value / length]));
  });
  return sparseOf(rows, terms.length);
}
