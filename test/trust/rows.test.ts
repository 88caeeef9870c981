import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { readFacts } from "movie-revenue/catalogue/facts";
import { parseRow } from "movie-revenue/catalogue/row";
import { makeConfig, readConfig } from "movie-revenue/config";
import { predict } from "movie-revenue/predict";
import { readManifest } from "movie-revenue/runs/manifest";
import { readMetrics, runNamed, trainedRun } from "movie-revenue/runs/run";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../fixtures.ts";
import { checkSentence, refusal, suite } from "./suite.ts";

const tried = suite("rows, CSV, JSON and configuration");
const COLUMNS = "id title genres overview tagline original_language release_date runtime budget revenue".split(" ");
const samples = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { numRuns: tried.seeds(count).length, seed: 42 });

const nasty = fc.constantFrom<unknown>(
  ...[
    null,
    undefined,
    0,
    -0,
    -1,
    0.5,
    Number.NaN,
    Infinity,
    -Infinity,
    1e308,
    5e-324,
    2 ** 53,
    -(2 ** 53),
    0n,
    -1n,
    7n,
  ],
  ...[
    2n ** 53n,
    2n ** 64n,
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udc00x",
    "\u202eevil",
    "=1+1",
    "NaN",
    "1,000",
    "1e999",
    "-3",
  ],
  ...["0x10", "２０", "2001-02-30", "0000-01-01", "2001", "01/02/2001", "2001-02-03T04:05:06Z", "+12001-01-01"],
  ...[new Date(Number.NaN), new Date(8.64e15), new Date(-8.64e15), [], {}, [[]], [null], [{ name: 3 }], { name: "x" }],
  ...["[", "[1", '["a"]', "__proto__", true, "x".repeat(100_000), JSON.parse("[".repeat(20_000) + "]".repeat(20_000))],
);
const value = fc.oneof(nasty, fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), fc.double());
const film = { id: 1n, title: "Film", revenue: 20_000_000n };

describe("a row", () => {
  it("of any values becomes a sound film, or a reason on one line", async () => {
    const record = fc.record(Object.fromEntries(COLUMNS.map((column) => [column, value])), { requiredKeys: [] });
    // the rest of the row is sound in half of them, for one fault would hide the others
    const rows = samples(
      fc.oneof(
        record,
        fc.tuple(fc.constantFrom(...COLUMNS), value).map(([c, v]) => ({ ...film, [c]: v })),
      ),
      10_000,
    );
    await tried.all(rows, (facts) => {
      const result = parseRow({ row: 7, where: "f.parquet row 7", facts });
      if ("invalid" in result) return checkSentence(result.invalid.reason);
      const { id, title, genres, releaseDate, year, runtime, budget, revenue } = result.row;
      expect(Number.isSafeInteger(id) && id > 0).toBe(true);
      expect(typeof title).toBe("string");
      expect(genres.every((genre) => typeof genre === "string" && genre !== "")).toBe(true);
      expect(releaseDate).toMatch(/^(\d{4}(-\d\d-\d\d)?)?$/);
      expect(year).toBe(releaseDate === "" ? null : Number(releaseDate.slice(0, 4)));
      for (const amount of [runtime, budget, revenue]) {
        expect(amount === null || (amount > 0 && amount <= Number.MAX_SAFE_INTEGER)).toBe(true);
      }
    });
  });
});

describe("a file of facts", () => {
  const names = fc.oneof(
    fc.constantFrom("file", "title", "revenue", "actual_revenue", "id", "Title", "__proto__", ""),
    fc.string(),
  );
  const cell = fc.oneof(
    fc.constantFrom('"', '""', '"a', "\0", "a.jpg", "1e7", "\r", "=cmd()", "\ufeff", "\ud800"),
    fc.string(),
  );

  const readText = async (path: string, content: string | Uint8Array): Promise<number | null> => {
    await writeFile(path, content);
    let count = 0;
    const refused = await refusal(async () => {
      for (const record of await readFacts(path)) {
        count++;
        expect(typeof record.file).toBe("string");
        if (record.problem) checkSentence(record.problem);
      }
    });
    return refused === null ? count : null;
  };

  it("of any cells in CSV is read or refused in one sentence", async () => {
    const path = join(await tempFolder(), "facts.csv");
    const line = fc.array(cell, { maxLength: 5 });
    const table = fc.tuple(
      fc.array(names, { maxLength: 5 }),
      fc.array(line, { maxLength: 5 }),
      fc.constantFrom(",", ";", "\t"),
    );
    await tried.all(samples(table, 1500), ([header, lines, mark]) =>
      readText(path, [["file", "title", "revenue", ...header], ...lines].map((fields) => fields.join(mark)).join("\n")),
    );
  });

  it("of any JSON is read or refused in one sentence", async () => {
    const path = join(await tempFolder(), "facts.json");
    const record = fc.dictionary(names, fc.jsonValue());
    const content = fc.oneof(
      fc.json(),
      fc.array(record).map((list) => JSON.stringify(list)),
    );
    const whole = JSON.stringify([{ file: "a.jpg", title: "A", revenue: 1e8 }]);
    await tried.all([...samples(content, 1500), ...tried.seeds(whole.length).map((n) => whole.slice(0, n))], (text) =>
      readText(path, text),
    );
  });

  it("of a hundred megabytes in one field is read, or refused", async () => {
    const path = join(await tempFolder(), "facts.csv");
    const head = "file,title,revenue\n";
    const long: Record<string, [string, number | null]> = {
      bare: [`${head}a.jpg,${"x".repeat(1e8)},1\n`, 1],
      quoted: [`${head}a.jpg,"${"x".repeat(1e8)}",1\n`, 1],
      "doubled quotes": [`${head}a.jpg,"${'""'.repeat(5e6)}",1\n`, 1],
      "an open quote": [`${head}a.jpg,"${'""'.repeat(5e7)},1\n`, null],
      "quotes in the header": [`"${'""'.repeat(5e6)}`, null],
      "line ends in quotes": [`${head}a.jpg,"${"\n".repeat(5e7)}",1\n`, 1],
      "thirty thousand columns and lines": [
        `${head.trim()},${Array.from({ length: 3e4 }, (_, i) => `c${i}`)}\n${"x\n".repeat(3e4)}`,
        3e4,
      ],
    };
    await tried.all(Object.keys(long), async (name) =>
      expect(await readText(path, long[name]![0])).toBe(long[name]![1]),
    );
  });

  it("of bytes that are no text, or a list within lists, costs a sentence or a row", async () => {
    const folder = await tempFolder();
    await tried.all(["utf16le", "latin1"] as const, async (encoding) => {
      expect(await readText(join(folder, "facts.csv"), Buffer.from("\ufffdfile,títle\n", encoding))).toBeNull();
    });
    const deep = `[{"file":"a.jpg","title":"A","revenue":1},${"[".repeat(1e5)}${"]".repeat(1e5)}]`;
    await tried.all(["deep"], async () => expect(await readText(join(folder, "facts.json"), deep)).toBe(2));
  });
});

describe("a configuration", () => {
  it("of any settings is made, or refused in one sentence", async () => {
    const key = fc.oneof(
      fc.constantFrom("training.maxEpochs", "model.hidden", "data.source", "__proto__.x", "data", "constructor"),
      fc.string(),
    );
    const settings = fc.array(
      fc.tuple(key, fc.oneof(fc.json(), fc.string())).map(([k, v]) => `${k}=${v}`),
      { minLength: 1, maxLength: 3 },
    );
    await tried.all(samples(settings, 2000), (set) => refusal(() => makeConfig({ set })));
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("and every other file of a run, of any JSON, is read or refused in one sentence", async () => {
    const runs = await tempFolder();
    const before = process.env.MOVIE_REVENUE_RUNS;
    process.env.MOVIE_REVENUE_RUNS = runs;
    const run = runNamed("fuzzed");
    const poster = join(runs, "posters");
    await mkdir(run.folder);
    await mkdir(poster);
    await writeFile(join(poster, "a.jpg"), "no picture");
    const config = JSON.stringify(makeConfig());
    const splits = { train: [], validation: [], test: [] };
    const reference = { trainMeanLog10: 1, trainMedian: 1, brackets: { lowMax: 1, mediumMax: 2 } };
    const calibration = JSON.stringify({ splits, reference, residuals: [], baseline: 1 });
    await writeFile(run.file("best.safetensors"), "");
    const write = async (changed: string, content: string): Promise<void> => {
      await writeFile(run.file("config.json"), changed === "config" ? content : config);
      await writeFile(run.file("calibration.json"), changed === "calibration" ? content : calibration);
      await writeFile(run.file("manifest.json"), changed === "manifest" ? content : "{}");
      await writeFile(run.file("metrics.jsonl"), changed === "metrics" ? content : "");
      await writeFile(join(runs, "labels.json"), changed === "labels" ? content : "{}");
    };
    const readers: Record<string, () => Promise<unknown>> = {
      config: () => readConfig(run.file("config.json")),
      calibration: () => trainedRun("fuzzed"),
      manifest: () => readManifest(run),
      metrics: () => readMetrics(run),
      labels: () => predict("fuzzed", poster, { labels: join(runs, "labels.json") }),
    };
    const label = fc.dictionary(
      fc.string(),
      fc.record(
        { title: fc.jsonValue(), actual_revenue: fc.jsonValue(), genres: fc.jsonValue() },
        { requiredKeys: [] },
      ),
    );
    const content = fc.oneof(
      fc.json(),
      fc.string(),
      label.map((labels) => JSON.stringify(labels)),
      fc.constantFrom("\u001b[2J", "{\u0007", config.slice(0, 99)),
    );
    const cases = Object.keys(readers).flatMap((what) => samples(content, 200).map((text) => ({ what, text })));
    try {
      await tried.all(
        cases,
        async ({ what, text }) => {
          await write(what, text);
          await refusal(readers[what]!);
        },
        ({ what, text }) => `${what} ${JSON.stringify(text)}`,
      );
    } finally {
      if (before === undefined) delete process.env.MOVIE_REVENUE_RUNS;
      else process.env.MOVIE_REVENUE_RUNS = before;
    }
  });
});
