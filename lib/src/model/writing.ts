import { UserError } from "../errors";
import type { SparseMatrix } from "./sparse";
import { piecesOf, type TextVocabulary, textVocabularyOf, tfidfOf } from "./text";

/** What pieces of writing on posters add to a prediction. */
export interface Writing {
  vocabulary: TextVocabulary;
  /** Log10 dollars of each piece in a text that is nothing else, [pieces]. */
  weights: Float32Array;
}

const PIECES = { termsOf: piecesOf };

/** The pieces that two training posters or more share; null where there is none, for then writing says nothing. */
export function writingVocabularyOf(texts: readonly string[]): TextVocabulary | null {
  return textVocabularyOf(texts, PIECES);
}

/** Texts as tf-idf of their pieces, [texts, pieces]; a `UserError` where posters were not read. */
export function writingRows(texts: readonly string[] | undefined, vocabulary: TextVocabulary): SparseMatrix {
  if (texts) return tfidfOf(texts, vocabulary, PIECES);
  throw new UserError(
    "The model reads what is written on posters, and these were not read: give what is written on each.",
  );
}

/** A line of a poster's writing, and what it adds to the prediction, log10 dollars. */
export interface LineAdded {
  line: string;
  log10: number;
}

/** What each line of a text adds: together as much as the whole text does. */
export function addedByLines(text: string, { vocabulary, weights }: Writing): LineAdded[] {
  const { indices, values } = writingRows([text], vocabulary);
  const whole = countsOf(piecesOf(text));
  // a piece that is there twice adds half of its share each time
  const added = new Map<string, number>();
  indices.forEach((column, at) => {
    const piece = vocabulary.terms[column]!;
    added.set(piece, (weights[column]! * values[at]!) / whole.get(piece)!);
  });
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => ({ line, log10: piecesOf(line).reduce((sum, piece) => sum + (added.get(piece) ?? 0), 0) }));
}

function countsOf(pieces: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const piece of pieces) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  return counts;
}
