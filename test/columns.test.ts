import { FACT_COLUMNS, printable, requireColumns } from "movie-revenue/catalogue/columns";
import { UserError } from "movie-revenue/errors";
import { describe, expect, it } from "vitest";

describe("printable", () => {
  it.each([
    ["abc", '"abc"'],
    ['a"b', '"a\\"b"'],
    ["a\nb\u0000", '"a\\nb\\u0000"'],
    // a right-to-left override and a zero-width space would change or hide what the user reads
    ["a\u202eb\u200b", '"a\\u{202e}b\\u{200b}"'],
    ["\ud800", '"\\ud800"'],
    ["été 東京", '"été 東京"'],
    [12n, "12"],
    [Number.NaN, "NaN"],
    [undefined, "undefined"],
    [null, "null"],
    [[1n], "[1]"],
  ])("writes %o as %s", (value, expected) => expect(printable(value)).toBe(expected));

  it("cuts after 40 characters, never inside one", () => {
    expect(printable("x".repeat(41))).toBe(`"${"x".repeat(40)}…"`);
    expect(printable("🎬".repeat(50))).toBe(`"${"🎬".repeat(40)}…"`);
  });

  it("does not fail on a value that refers to itself", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(printable(loop)).toBe("");
  });
});

describe("requireColumns", () => {
  it("accepts a source that has all it needs", () => {
    expect(() => requireColumns(["revenue", "title", "id", "other"], "f.csv")).not.toThrow();
  });

  it("names the file, the column, the columns found and the likely slip", () => {
    expect(() => requireColumns(["id", "title", "revnue"], "f.csv")).toThrow(
      new UserError(
        'f.csv has no column "revenue": add it (the columns found: "id", "title", "revnue"). Did you mean "revnue"?',
      ),
    );
  });

  it("says so where there are no columns", () => {
    expect(() => requireColumns([], "f.csv")).toThrow('f.csv has no column "id": add it (the columns found: none).');
  });
});

it("never reads popularity, which leaks the answer", () => {
  expect(FACT_COLUMNS).not.toContain("popularity");
});
