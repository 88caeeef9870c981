import { textTable } from "movie-revenue/reporting/tables";
import { describe, expect, it } from "vitest";
import { everyView, HOSTILE } from "./hostile.ts";

// what the reporting room itself writes into labels and tables; anything else came from outside
const LABEL_TAGS = /^<(br|\/?b|span style="color:#[0-9A-F]{6}"|\/span)>$/i;
const TABLE_TAGS = /^<\/?(div|table|caption|thead|tbody|tr|th|td|br|small)( (style|scope|class)="[^"<>]*")*>$/;

const UNSEEN = /[\p{Cc}\u202a-\u202e]/u;

/** Every string of a figure, wherever it stands, its keys too. */
function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...stringsOf(part)]);
}

describe.each(HOSTILE)("%j", (text) => {
  it("comes out of every figure and table as text", async () => {
    for (const [name, view] of Object.entries(await everyView(text))) {
      const strings = "html" in view ? [view.html] : stringsOf(view);
      const allowed = "html" in view ? TABLE_TAGS : LABEL_TAGS;
      const tags = strings.flatMap((string) => string.match(/<[^>]*>?/g) ?? []);
      expect(
        tags.filter((tag) => !allowed.test(tag)),
        name,
      ).toEqual([]);
      expect(
        strings.filter((string) => UNSEEN.test(string)),
        name,
      ).toEqual([]);
      expect(
        strings.filter((string) => string.startsWith("javascript:")),
        name,
      ).toEqual([]);
      // two dollar signs in one label are TeX to MathJax
      if (!("html" in view))
        expect(
          strings.filter((string) => string.includes("$")),
          name,
        ).toEqual([]);
    }
  });

  it("stays on its line in a terminal", () => {
    const lines = textTable([Object.fromEntries([[text, text]])]).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => UNSEEN.test(line))).toEqual([]);
  });
});
