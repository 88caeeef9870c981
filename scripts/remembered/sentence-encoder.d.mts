/** Pieces with their scores, six reserved ones first → a text's pieces, by their places in that list. */
export function tokenizer(vocabulary: readonly (readonly [piece: string, score: number])[]): (text: string) => number[];
