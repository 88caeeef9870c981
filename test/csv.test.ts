import fc from "fast-check";
import { detectSeparator, parseCsv } from "movie-revenue/catalogue/csv";
import { describe, expect, it } from "vitest";

const fieldsOf = (text: string, separator?: string) =>
  parseCsv(text, { separator }).records.map(({ fields }) => fields);

describe("RFC 4180", () => {
  it.each([
    ["a,b\r\n1,2\r\n", [["1", "2"]]],
    ["a,b\n1,2", [["1", "2"]]],
    [
      "a,b\r1,2\r3,4",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ['a,b\n"1,5","say ""hi"""\n', [["1,5", 'say "hi"']]],
    ['a,b\n"two\r\nlines",x\n', [["two\r\nlines", "x"]]],
    ["a,b\n,\n", [["", ""]]],
    ["a,b\n1,\n", [["1", ""]]],
    ["\uFEFFa,b\n1,2\n", [["1", "2"]]],
    // an empty line is no record, an empty field in quotes is one
    ['a\n\n""\n\nx\n', [[""], ["x"]]],
    ["a\tb\n1,5\t2\n", [["1,5", "2"]]],
    ["a;b\n1,5;2\n", [["1,5", "2"]]],
  ])("%j", (text, records) => expect(fieldsOf(text)).toEqual(records));

  it("counts lines, also those inside quotes", () => {
    const { columns, records } = parseCsv('a,b\n"1\n\n2",x\n\n3,4\n');
    expect(columns).toEqual(["a", "b"]);
    expect(records).toEqual([
      { line: 2, fields: ["1\n\n2", "x"] },
      { line: 6, fields: ["3", "4"] },
    ]);
  });
});

describe("errors", () => {
  it.each([
    ["", "f.csv is empty: it needs a first line with the names of the columns."],
    ['a,b\n1,"open', 'f.csv line 2 has a quote out of place: write a quote in a field as "".'],
    ['a,b\n1,"x"y\n', 'f.csv line 2 has a quote out of place: write a quote in a field as "".'],
    ["a,b,a\n", 'f.csv has two columns named "a": rename one.'],
    ["a,b;c\n", 'f.csv has "," and ";" in its first line: put column names that hold one of them in quotes.'],
  ])("%j", (text, message) => expect(() => parseCsv(text, { file: "f.csv" })).toThrow(message));
});

describe("the separator", () => {
  it.each([
    ["title;revenue\n1,5;2", ";"],
    ["title\trevenue", "\t"],
    ['"a;b",c', ","],
    ["title\n1;2", ","],
  ])("of %j is %j", (text, separator) => expect(detectSeparator(text)).toBe(separator));
});

it("reads back what was written, whatever the fields hold (property)", () => {
  const field = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom('"', ",", ";", "\t", "\r", "\n", "a", "\uFEFF", "\0") }),
  );
  const table = fc.integer({ min: 1, max: 5 }).chain((width) => {
    return fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 });
  });
  const written = (fields: string[], separator: string) =>
    fields.map((text) => (/^$|["\r\n,;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(separator);
  fc.assert(
    fc.property(table, fc.constantFrom(",", ";", "\t"), fc.constantFrom("\n", "\r\n", "\r"), (rows, separator, end) => {
      const header = rows[0]!.map((_, i) => `column ${i}`);
      const text = [header, ...rows].map((fields) => written(fields, separator) + end).join("");
      expect(fieldsOf(text, separator)).toEqual(rows);
      expect(fieldsOf(`\uFEFF${text.slice(0, -end.length)}`, separator)).toEqual(rows);
    }),
    { numRuns: 500 },
  );
});
