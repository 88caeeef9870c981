import { UserError } from "movie-revenue/errors";
import { fitSparseRidge, predictSparseRidge, sparseOf, takeSparseRows } from "movie-revenue/model/sparse";
import { textOf, textVocabularyOf, tfidfOf, wordsOf } from "movie-revenue/model/text";
import { describe, expect, it } from "vitest";
import { golden, largestDifference } from "./golden.ts";

interface Golden {
  text: { texts: string[]; words: string[][]; terms: string[]; idf: number[]; tfidf: number[][]; ridge: number[] };
}

const expected = golden<Golden>("ridge.json").text;

function dense({ rows, columns, starts, indices, values }: ReturnType<typeof sparseOf>): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const numbers = new Array<number>(columns).fill(0);
    for (let at = starts[row]!; at < starts[row + 1]!; at++) numbers[indices[at]!] = values[at]!;
    return numbers;
  });
}

describe("text", () => {
  const vocabulary = textVocabularyOf(expected.texts)!;

  it("falls into words as scikit-learn's does, in any script", () => {
    expect(expected.texts.map(wordsOf)).toEqual(expected.words);
  });

  it("has scikit-learn's terms and idf", () => {
    expect(vocabulary.terms).toEqual(expected.terms);
    expect(largestDifference(vocabulary.idf, expected.idf)).toBeLessThan(1e-12);
  });

  it("has scikit-learn's tf-idf; zeros where no term occurs", () => {
    const rows = dense(tfidfOf(expected.texts, JSON.parse(JSON.stringify(vocabulary))));
    expect(largestDifference(rows.flat(), expected.tfidf.flat())).toBeLessThan(1e-12);
    expect(
      dense(tfidfOf(["zebra", ""], vocabulary))
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
  });

  it("predicts as scikit-learn's ridge of the dense matrix", () => {
    const features = tfidfOf(expected.texts, vocabulary);
    const model = fitSparseRidge(features, [3, 1, 4, 1, 5, 9], { penalties: [0.5] });
    expect(largestDifference(predictSparseRidge(model, features), expected.ridge)).toBeLessThan(1e-8);
  });

  it("is a film's title and overview, nothing else", () => {
    const film = { title: "Heat", overview: "A thief.", tagline: "no" };
    expect(wordsOf(textOf(film))).toEqual(["heat", "thief"]);
  });

  it("needs a word that is common enough", () => {
    expect(textVocabularyOf(["one", "two"])).toBeNull();
  });

  it("takes prototype names as words", () => {
    expect(textVocabularyOf(["constructor __proto__", "__proto__ constructor"])?.terms).toEqual([
      "__proto__",
      "constructor",
    ]);
  });
});

describe("fitSparseRidge", () => {
  // the first word decides, the second is chance
  const rows = Array.from(
    { length: 40 },
    (_, i) =>
      new Map([
        [i % 2, 1],
        [2 + (i % 3), 1],
      ]),
  );
  const features = sparseOf(rows, 5);
  const targets = rows.map((_, i) => (i % 2 ? 8 : 6));

  it("chooses the penalty by folds: a small one where the words decide", () => {
    const { penalty, scores } = fitSparseRidge(features, targets, { penalties: [100, 0.01, 1] });
    expect(penalty).toBe(0.01);
    expect(scores.map((score) => score.penalty)).toEqual([0.01, 1, 100]);
    expect(scores[0]!.mse).toBeLessThan(scores[1]!.mse);
    // at a huge penalty the mean is left, whose error on balanced folds is about 1
    expect(scores[2]!.mse).toBeGreaterThan(0.4);
  });

  it("chooses a large one where nothing decides", () => {
    const chance = rows.map((_, i) => [7, 9, 4, 1, 8, 2, 6][(i * 5) % 7]!);
    expect(fitSparseRidge(features, chance, { penalties: [0.01, 1000] }).penalty).toBe(1000);
  });

  it("gives a single film its own target, and films without words the intercept", () => {
    const single = fitSparseRidge(takeSparseRows(features, [3]), [8]);
    expect([...predictSparseRidge(single, sparseOf([new Map()], 5))]).toEqual([8]);
    const model = fitSparseRidge(features, targets, { penalties: [1] });
    expect([...predictSparseRidge(model, sparseOf([new Map()], 5))]).toEqual([model.intercept]);
  });

  it.each([
    [[1], {}, "There are 1 targets for 40 rows: give one each."],
    [targets, { penalties: [-1] }, "The penalties of a ridge regression must be above 0, not -1."],
  ])("refuses what it cannot learn from: %#", (y, options, message) => {
    expect(() => fitSparseRidge(features, y, options)).toThrow(new UserError(message));
  });
});
