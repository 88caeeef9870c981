import type { Evaluation, Metrics } from "movie-revenue/evaluation/metrics";
import {
  displayWidth,
  formatValue,
  frameToHtml,
  htmlTable,
  invalidTable,
  leakPairs,
  leakTable,
  leftOutTables,
  markdownTable,
  metricsTable,
  RANKING_COLUMNS,
  rankingRows,
  rankingTable,
  textTable,
  toFrame,
} from "movie-revenue/reporting/tables";
import { describe, expect, it, test } from "vitest";

/** The texts of a table's cells, row by row, with the alignment of each. */
function cellsOf(html: string): string[][] {
  const rows = html.match(/<tr>.*?<\/tr>/g) ?? [];
  return rows.map((row) =>
    [...row.matchAll(/<t[hd][^>]*text-align:(\w)[^>]*>(.*?)<\/t[hd]>/g)].map(([, align, text]) => `${align} ${text}`),
  );
}

test.each([
  [null, "–"],
  [undefined, "–"],
  [Number.NaN, "–"],
  [0.123456, "0.1235"],
  [-0.5, "−0.5"],
  [2022, "2022"],
  [12_345, "12,345"],
  [159_374_080.3, "159,374,080"],
  [-2_923_706_026n, "−2,923,706,026"],
  [true, "yes"],
  [["Drama", "War"], "Drama, War"],
  [{ id: 18n }, '{"id":18}'],
  [new Date("1997-12-19"), "1997-12-19"],
])("formatValue(%s) is %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

describe("htmlTable", () => {
  const rows = [
    { id: 123456, title: "Tom & <b>Jerry</b>", revenue: 12_345_678 },
    { id: 2, title: "x", revenue: null },
  ];

  it("leaves room for a sentence beside numbers, which do not break, and for no short name or picture", () => {
    const cells = ["a row whose name is a sentence", "a short one", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="];
    const { html } = htmlTable(cells.map((what) => ({ what, n: 1 })));
    const roomy = [...html.matchAll(/<td style="([^"]*)">/g)].map(([, style]) => style!.includes("min-width:14em"));
    expect(roomy).toEqual([true, false, false, false, false, false]);
  });

  it("escapes texts and stands numbers at the right", () => {
    expect(cellsOf(htmlTable(rows).html)).toEqual([
      ["r id", "l title", "r revenue"],
      ["r 123456", "l Tom &#38; &#60;b&#62;Jerry&#60;/b&#62;", "r 12,345,678"],
      ["r 2", "l x", "r –"],
    ]);
  });

  it("shows a picture for a data URI of one, and the text of what only begins like it", () => {
    const jpeg = "data:image/jpeg;base64,/9j/4A==";
    const broken = 'data:image/jpeg;base64,AA"onerror="x()';
    const [, first, second] = cellsOf(htmlTable([{ poster: jpeg }, { poster: broken }]).html);
    expect(first).toEqual([`l <img alt="" src="${jpeg}" style="height:64px;max-width:none">`]);
    expect(second).toEqual(["l data:image/jpeg;base64,AA&#34;onerror=&#34;x()"]);
  });

  it("is sortable where every row stands alone, not where one continues the row above", () => {
    const isSortable = (rows: object[]) => htmlTable(rows).html.includes('<table class="sortable"');
    expect(
      isSortable([
        { poster: "a", like: "x" },
        { poster: "b", like: "" },
      ]),
    ).toBe(true);
    expect(
      isSortable([
        { poster: "a", like: "x" },
        { poster: "", like: "y" },
      ]),
    ).toBe(false);
  });

  it("keeps MathJax from reading two prices as a formula", () => {
    expect(htmlTable([{ bracket: "$10M to $100M" }]).html).toMatch(/^<div class="mathjax_ignore"/);
  });

  it("shows the columns asked for, in their order, named, formatted and aligned", () => {
    const columns = {
      revenue: { title: "Revenue ($)", format: (value: unknown) => `<${value}>`, align: "center" as const },
      title: {},
    };
    expect(cellsOf(htmlTable(rows.slice(0, 1), { columns }).html)).toEqual([
      ["c Revenue ($)", "l title"],
      ["c &#60;12345678&#62;", "l Tom &#38; &#60;b&#62;Jerry&#60;/b&#62;"],
    ]);
  });

  it("says how many rows it does not show", () => {
    const many = Array.from({ length: 3923 }, (_, i) => ({ i }));
    const { html } = htmlTable(many, { caption: "Films", limit: 3 });
    expect(html).toContain("Films · first 3 of 3,923 rows</caption>");
    expect(cellsOf(html)).toHaveLength(4);
    expect(htmlTable([]).html).toContain("no rows");
  });
});

describe("toFrame and frameToHtml", () => {
  it("states the shape, and how much of a long one is shown", () => {
    const captionOf = (rows: number) => {
      const values = Array.from({ length: rows }, (_, i) => [i, "x"]);
      return frameToHtml({ columns: ["i", "title"], values }).html.match(/>([^<]*)<\/caption>/)?.[1];
    };
    expect([captionOf(20), captionOf(21)]).toEqual(["20 rows × 2 columns", "2 columns · first 20 of 21 rows"]);
  });

  const rows = [
    { id: 1, title: "A", revenue: 2_923_706_026, genres: ["Drama", "War"], seen: true, budget: null },
    { id: 2, title: "B", revenue: 1e7, genres: [], seen: false, budget: 5e6 },
  ];

  it("keeps dollars that an int32 cannot hold", async () => {
    const frame = await toFrame(rows);
    expect(frame.columns).toEqual(["id", "title", "revenue", "genres", "seen", "budget"]);
    expect(frame.dtypes).toEqual(["float32", "string", "float32", "string", "boolean", "float32"]);
    expect(frame.values).toEqual([
      [1, "A", 2_923_706_026, "Drama, War", true, Number.NaN],
      [2, "B", 1e7, "", false, 5e6],
    ]);
    // a float32 has 24 bits of mantissa, so at 2^31 it steps by 256; an int32 would have turned negative
    const tensor = frame.loc({ columns: ["revenue"] }).tensor.dataSync();
    expect(Math.abs(tensor[0] - 2_923_706_026)).toBeLessThanOrEqual(128);
  });

  it("makes numbers that danfojs can reckon with, nulls and all", async () => {
    const frame = await toFrame(rows);
    // one budget is known, and danfojs throws where null stands among numbers
    expect([frame.column("budget").mean(), frame.column("budget").count()]).toEqual([5e6, 1]);
    expect(() => frame.describe()).not.toThrow();
  });

  it("shows a frame as it shows rows", async () => {
    expect(cellsOf(frameToHtml(await toFrame(rows)).html)).toEqual([
      ["r id", "l title", "r revenue", "l genres", "l seen", "r budget"],
      ["r 1", "l A", "r 2,923,706,026", "l Drama, War", "l yes", "r –"],
      ["r 2", "l B", "r 10,000,000", "l ", "l no", "r 5,000,000"],
    ]);
  });

  it("takes an empty frame, and a column with a trap for a name", async () => {
    expect((await toFrame([])).shape).toEqual([0, 0]);
    expect(cellsOf(frameToHtml({ columns: ["__proto__", "constructor"], values: [["a", "b"]] }).html)).toEqual([
      ["l __proto__", "l constructor"],
      ["l a", "l b"],
    ]);
  });
});

describe("textTable", () => {
  it("aligns columns, wide characters included", () => {
    const rows = [
      { title: "君の名は", gross: 12_345 },
      { title: "Up", gross: 7 },
    ];
    // 君の名は takes eight columns
    expect(textTable(rows)).toBe(
      ["title      gross", "────────  ──────", "君の名は  12,345", "Up             7"].join("\n"),
    );
  });

  it("lets no title move the cursor or colour the terminal", () => {
    const text = textTable([{ title: "\u001b[2J\u0007evil\r\nline\u202E" }]);
    expect(text).toBe("title\n────────────\n[2Jevil line");
  });

  it("has titles even without rows", () => {
    expect(textTable([], { a: { title: "A" }, b: {} })).toBe("A  b\n─  ─");
  });
});

test.each([
  ["abc", 3],
  ["東京", 4],
  ["한국", 4],
  ["é", 1],
  ["e\u0301", 1],
  ["🎬", 2],
  ["👨‍👩‍👧", 2],
])("displayWidth(%s) is %i", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

const metrics = (mse: number): Metrics => ({
  ...{ n: 393, mse, mae: 0.37, r2: -0.0123, within25: 0.178, within50: 0.356, medianError: 0.61 },
  medianSplit: { threshold: 6e7, accuracy: 0.578, precision: null, recall: 0, f1: null },
  ci95: {
    mse: [0.2, 0.28],
    mae: null,
    r2: [-0.05, 0.02],
    within25: [0.14, 0.22],
    within50: null,
    medianError: null,
    accuracy: null,
  },
});

test("metricsTable puts the model beside its baselines, an interval under each number", () => {
  const evaluation = {
    n: 393,
    model: metrics(0.2399),
    baselines: { mean: metrics(0.25), "<i>": metrics(0.3) },
  } as unknown as Evaluation;
  const { html } = metricsTable(evaluation);
  const small = (text: string) => `<br><small style="opacity:.7">${text}</small>`;
  const cells = cellsOf(html);
  expect(cells[0]).toEqual(["l ", "r model", "r mean", "r &#60;i&#62;"]);
  expect(cells[1]!.slice(0, 2)).toEqual(["l MSE (log10 dollars²)", `r 0.2399${small("0.2000 to 0.2800")}`]);
  expect(cells[3]![1]).toBe(`r −0.012${small("−0.050 to 0.020")}`);
  expect(cells.slice(4).map((row) => row[1])).toEqual([
    `r 17.8%${small("14.0% to 22.0%")}`,
    "r 35.6%",
    "r 61.0%",
    "r 57.8%",
  ]);
  expect(cellsOf(metricsTable(evaluation, { beside: ["mean"] }).html)[0]).toEqual(["l ", "r model", "r mean"]);
});

test("rankingTable sorts by predicted rank and tells the error of each", () => {
  const film = { low: 5e7, high: 2e8, title: "A", file: "a.jpg", predicted: 1e8 };
  const rows = [
    { ...film, actual: null, error: null, predictedRank: 2, actualRank: null },
    { ...film, actual: 4e7, error: 1.5, predictedRank: 1, actualRank: 1 },
  ];
  expect(cellsOf(rankingTable(rows).html)[1]).toEqual([
    "r 1",
    "r 1",
    "l A",
    "r $100M",
    "r $50M – $200M",
    "r $40M",
    "r +150%",
    "l a.jpg",
  ]);
  expect(textTable(rankingRows(rows), RANKING_COLUMNS).split("\n")[3]).toBe(
    "             2            –  A         $100M  $50M – $200M       –      –  a.jpg",
  );
});

test("invalidTable lists rows with their reasons", () => {
  const { html } = invalidTable(
    [
      { row: 17, reason: "title is <missing>" },
      { row: 20_000, reason: "x" },
    ],
    { limit: 1 },
  );
  expect(html).toContain("Invalid rows · first 1 of 2 rows");
  expect(cellsOf(html)[1]).toEqual(["r 17", "l title is &#60;missing&#62;"]);
});

test("leaks are counted by kind and named by both films", () => {
  const side = (split: "train" | "test", id: number, title: string, year: number | null) => ({
    split,
    id,
    title,
    year,
  });
  const none = { count: 0, pairs: [] };
  const pair: [ReturnType<typeof side>, ReturnType<typeof side>] = [
    side("train", 1, "<b>Puss</b>", 2011),
    side("test", 2, "Puss", null),
  ];
  const leaks = { sameId: none, sameBytes: none, samePicture: { count: 7, pairs: [pair] }, sameTitleAndYear: none };
  expect(leakTable(leaks).html).toMatch(/one picture<\/td>\s*<td[^>]*>7<\/td>/);
  const { html } = leakPairs(leaks);
  expect(html).toContain("&#60;b&#62;Puss&#60;/b&#62; (2011), id 1, train");
  expect(html).toContain("Puss (year unknown), id 2, test");
});

test("only what was left out has a table", () => {
  const inexact = [{ name: "a.jpg", file: "<a>.png", how: "extension" }];
  const tables = leftOutTables({ skipped: [], inexact, unmatched: [] });
  expect(tables).toHaveLength(1);
  expect(tables[0]!.html).toContain("Labels matched to a file of another name");
  expect(tables[0]!.html).toContain("&#60;a&#62;.png");
});

it("a table of Markdown keeps each text in its cell, and a text", () => {
  const rows = [{ name: "a | *b*\nc", value: 0.5 }];
  expect(markdownTable(rows, { name: { title: "Name" }, value: { title: "" } })).toBe(
    "| Name |  |\n| --- | --- |\n| a &#124; \\*b\\* c | 0.5 |",
  );
});
