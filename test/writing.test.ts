import { UserError } from "movie-revenue/errors";
import { piecesOf } from "movie-revenue/model/text";
import { addedByLines, writingRows, writingVocabularyOf } from "movie-revenue/model/writing";
import { describe, expect, it } from "vitest";
import { golden } from "./golden.ts";

const { pieces } = golden<{ pieces: { text: string; pieces: string[] }[] }>("reading.json");

describe("writing", () => {
  it.each(pieces)("falls into pieces as scikit-learn's char_wb: $text", ({ text, pieces }) => {
    expect(piecesOf(text).sort()).toEqual(pieces);
  });

  it("is known by the pieces that two posters share, whatever their spaces and capitals", () => {
    const vocabulary = writingVocabularyOf(["Ann", "a n n\nBo", "Cy"]);
    // of " ann " the pieces of four letters and five; ln(4 / 3) + 1
    expect(vocabulary?.terms).toEqual([" ann", " ann ", "ann "]);
    vocabulary?.idf.forEach((idf) => {
      expect(idf).toBeCloseTo(Math.log(4 / 3) + 1, 12);
    });
    expect(writingVocabularyOf(["Ann", "Bo", ""])).toBeNull();
  });

  it("must be given to a model that reads", () => {
    expect(() => writingRows(undefined, { terms: [], idf: [] })).toThrow(UserError);
  });
});

describe("what lines add", () => {
  const vocabulary = { terms: [" bo ", " cy "], idf: [3, 4] };
  const writing = { vocabulary, weights: Float32Array.of(1, -2) };

  it("is as much as the whole text", () => {
    // tf-idf 3 and 4, of length 5: .6 · 1 and .8 · −2
    expect(addedByLines("Bo\nCY\nunknown", writing)).toEqual([
      { line: "Bo", log10: expect.closeTo(0.6, 6) },
      { line: "CY", log10: expect.closeTo(-1.6, 6) },
      { line: "unknown", log10: 0 },
    ]);
  });

  it("is shared by lines that say the same", () => {
    // 6 and 4, of length √52
    const [first, second, third] = addedByLines("Bo\nbo\nCy", writing);
    expect(first?.log10).toBeCloseTo(3 / Math.sqrt(52), 6);
    expect(second?.log10).toBe(first?.log10);
    expect(third?.log10).toBeCloseTo(-8 / Math.sqrt(52), 6);
    expect(addedByLines("", writing)).toEqual([]);
  });
});
