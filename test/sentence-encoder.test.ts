import { describe, expect, it } from "vitest";
import { tokenizer } from "../scripts/remembered/sentence-encoder.mjs";

const WORD = "\u2581";
const RESERVED = ["\ufffd", "<s>", "</s>", "1", "2", "3"].map((name) => [name, 0] as const);

/** Ids count from 6, after the reserved ones. */
const piecesOf = tokenizer([
  ...RESERVED,
  [`${WORD}a`, -1], // 6
  ["b", -1], // 7
  ["c", -2], // 8
  [`${WORD}ab`, -1.5], // 9
  ["bc", -2.6], // 10
  [WORD, -3], // 11
  ["a", -4], // 12
  ["fi", -1], // 13
]);

describe("tokenizer", () => {
  it.each([
    ["abc", [9, 8], "▁ab c, −3.5: not ▁a bc, −3.6, nor ▁a b c, −4"],
    ["a b", [6, 11, 7], "a word begins with the mark, though no piece has both"],
    ["ba", [11, 7, 12], "a letter inside a word is another piece than at its start"],
    ["a?!b", [6, 0, 7], "what is unknown is unknown once, however long"],
    ["\ufb01", [11, 13], "a ligature is its letters (NFKC)"],
    ["", [11], "no text is the mark alone"],
  ])("cuts %j into %j: %s", (text, ids) => {
    expect(piecesOf(text)).toEqual(ids);
  });
});
