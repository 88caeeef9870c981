import fc from "fast-check";
import { escapeHtml, jsonForScript, plotLines, plotText, shorten, visibleText } from "movie-revenue/reporting/escape";
import { describe, expect, it, test } from "vitest";

test.each([
  ["line\r\nbreaks\tand  spaces", "line breaks and spaces"],
  ["\u001b[31mred\u0007\u0000", "[31mred"],
  ["invoice\u202Efdp.exe\u2066", "invoicefdp.exe"],
  ["half \ud83d pair", "half \uFFFD pair"],
  ["whole 🎬 pair", "whole 🎬 pair"],
  [null, ""],
  [undefined, ""],
  [42, "42"],
])("visibleText(%j) is %j", (text, seen) => {
  expect(visibleText(text)).toBe(seen);
});

test.each([
  [`<img src=x onerror="alert('1')">`, "&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;"],
  ["Tom & Jerry &lt;", "Tom &#38; Jerry &#38;lt;"],
  ["`tick`", "&#96;tick&#96;"],
])("escapeHtml(%j)", (text, html) => {
  expect(escapeHtml(text)).toBe(html);
});

test.each([
  ['<b>Bold</b> <a href="x">', '&#60;b&#62;Bold&#60;/b&#62; &#60;a href="x"&#62;'],
  ["R&amp;D", "R&#38;amp;D"],
  // two dollar signs are TeX where MathJax is loaded
  ["$1M of $2M", "&#36;1M of &#36;2M"],
])("plotText(%j)", (text, label) => {
  expect(plotText(text)).toBe(label);
});

test("plotLines breaks between its lines only", () => {
  expect(plotLines("a<br>b", "c\nd")).toBe("a&#60;br&#62;b<br>c d");
});

describe("jsonForScript", () => {
  it("writes no character that could end the script", () => {
    expect(jsonForScript({ a: "</script><!--&\u2028" })).toBe('{"a":"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028"}');
  });

  it("says the same as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonForScript(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

test.each([
  ["short", 5, "short"],
  ["longer", 5, "long…"],
  ["two words", 5, "two…"],
  // one family emoji is one character to a reader, though it is eleven code units
  ["👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2, "👨‍👩‍👧‍👦…"],
])("shorten(%j, %i) is %j", (text, length, short) => {
  expect(shorten(text, length)).toBe(short);
});
