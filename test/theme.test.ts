import { COLOURS, dollarAxis, dollarTicks, emptyFigure, logRange, makeFigure } from "movie-revenue/reporting/theme";
import { expect, test } from "vitest";

test.each([
  // three decades alone would be too few ticks, so 1–3 steps
  [1e7, 3e9, [1e7, 3e7, 1e8, 3e8, 1e9, 3e9]],
  // four decades are enough
  [5e3, 2e7, [1e4, 1e5, 1e6, 1e7]],
  // 1–3 would give 30, 100: too few; 1–2–5 gives 20, 50, 100 and 200
  [1.5e7, 2.5e8, [2e7, 5e7, 1e8, 2e8]],
  // 1–2–5 would give two ticks; the finest steps are the last resort
  [9e7, 2.1e8, [1e8, 1.5e8, 2e8]],
])("dollarTicks(%s, %s)", (low, high, ticks) => {
  expect(dollarTicks(low, high)).toEqual(ticks);
});

test("logRange leaves 4% of air and ignores what a log axis cannot show", () => {
  // log10: 7 to 9, so 0.08 of air at each end
  expect(logRange([1e7, 0, -5, Number.NaN, 1e9])).toEqual([6.92, 9.08]);
  expect(logRange([])).toEqual([7, 9]);
});

test("a dollar axis has its name and dollars at its ticks", () => {
  const axis = dollarAxis([1e7, 1e9], "Revenue (dollars)");
  expect(axis).toMatchObject({
    type: "log",
    title: { text: "Revenue (dollars)" },
    tickvals: [1e7, 3e7, 1e8, 3e8, 1e9],
    ticktext: ["&#36;10M", "&#36;30M", "&#36;100M", "&#36;300M", "&#36;1B"],
  });
});

test("a figure stands on white paper and offers no upload", () => {
  const { layout } = makeFigure({ title: "A <title>", notes: ["about $1"], data: [] });
  expect(layout).toMatchObject({
    title: { text: "A &#60;title&#62;", subtitle: { text: "about &#36;1" } },
    paper_bgcolor: "#ffffff",
    modebar: { remove: expect.arrayContaining(["sendChartToCloud"]) },
  });
});

test("a long note is broken between words, and the plot moves down for it", () => {
  const long = `${"word ".repeat(30)}end`;
  const { layout } = makeFigure({ title: "t", notes: [long], data: [] }) as { layout: Record<string, unknown> };
  // "word " × 18 is 90 characters, and 19 words are 94: too long for 92
  const lines = (layout.title as { subtitle: { text: string } }).subtitle.text.split("<br>");
  expect(lines.map((line) => line.split(" ").length)).toEqual([18, 13]);
  expect((layout.margin as { t: number }).t).toBe(58 + 2 * 18);
});

test("an empty figure says why", () => {
  expect(emptyFigure("t", "No <film>.").layout).toMatchObject({ annotations: [{ text: "No &#60;film&#62;." }] });
});

test("the palette is Okabe and Ito's", () => {
  // https://jfly.uni-koeln.de/color/: blue 0,114,178; orange 230,159,0; green 0,158,115; vermillion 213,94,0
  const { blue, orange, green, vermillion } = COLOURS;
  expect([blue, orange, green, vermillion]).toEqual(["#0072B2", "#E69F00", "#009E73", "#D55E00"]);
});
