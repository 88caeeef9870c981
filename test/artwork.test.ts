import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { plainTitle } from "movie-revenue/catalogue/artwork/lettering";
import { palettes, palettesOfGenre } from "movie-revenue/catalogue/artwork/palettes";
import { type PosterFacts, posterSvg } from "movie-revenue/catalogue/artwork/poster";
import { loadRenderer, renderSvg } from "movie-revenue/catalogue/artwork/render";
import { sha256 } from "movie-revenue/system/files";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(loadRenderer);

function facts(changed: Partial<PosterFacts> = {}): PosterFacts {
  return { id: 1, title: "A Film", genres: ["Drama"], year: 2004, runtime: 100, budget: 20e6, ...changed };
}

/** What `read` finds in the posters of that many films that differ by id alone. */
function over<T>(count: number, changed: Partial<PosterFacts>, read: (svg: string) => T): T[] {
  return Array.from({ length: count }, (_, i) => read(posterSvg(facts({ ...changed, id: i + 1 }))));
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (values: boolean[]): number => mean(values.map(Number));

describe("the same bytes everywhere", () => {
  // This is the contract, not a check of what is drawn: whoever changes the artwork on purpose replaces these, and
  // with them the posters that every figure on the sample was made from. A machine where they differ is a fault.
  const contract: [Partial<PosterFacts>, number, string][] = [
    [{ id: 1, title: "A Film" }, 0, "24f532523ef58e3605917bd5844917888cd05450036e7c4ba6a7569a68d7cfde"],
    [
      { id: 1235, title: "Avatar", genres: ["Action", "Science Fiction"], year: 2009, budget: 237e6 },
      0,
      "67b89959edbe2e66725dfa237df16e8de42484c5ec65bd4021a3fbb8fa1683a5",
    ],
    [
      { id: 401, title: "Gone with the Wind", genres: ["Drama", "History"], year: 1939, runtime: 222 },
      1,
      "8063a38a0d0c03aad504298527f4690143868c018f36ff18c9c9b3ea72cf8a92",
    ],
    [
      { id: 9, title: "", genres: [], year: null, runtime: null, budget: null },
      0,
      "a6af2b0e905d0e0397887a220c9b5d045083613a2389491f9edbe912a6c3ac39",
    ],
  ];

  it.each(contract)("%o, artwork %i", (changed, artwork, expected) => {
    expect(sha256(renderSvg(posterSvg(facts(changed), artwork)))).toBe(expected);
  });

  it("whatever the environment: no fonts, no home, another language and time", () => {
    const program = `
      const { posterSvg } = require("movie-revenue/catalogue/artwork/poster");
      const { loadRenderer, renderSvg } = require("movie-revenue/catalogue/artwork/render");
      const { sha256 } = require("movie-revenue/system/files");
      loadRenderer().then(() => console.log(sha256(renderSvg(posterSvg(${JSON.stringify(facts())})))));`;
    const env = { LC_ALL: "tr_TR.UTF-8", TZ: "Pacific/Apia", FONTCONFIG_PATH: "/nowhere", HOME: "/nowhere" };
    const printed = execFileSync(process.execPath, ["-e", program], { env, encoding: "utf8" });
    expect(printed.trim()).toBe(sha256(renderSvg(posterSvg(facts()))));
  });

  it("asks for no font and no file", () => {
    for (const svg of over(200, {}, String)) expect(svg).not.toMatch(/<text|font|href|<image|<style/);
  });
});

describe("a poster", () => {
  it("is a PNG of 185 × 278 without a transparent pixel", async () => {
    const { info, data } = await sharp(renderSvg(posterSvg(facts())))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.format, info.width, info.height]).toEqual(["raw", 185, 278]);
    const alpha = data.filter((_, i) => info.channels === 4 && i % 4 === 3);
    expect(alpha.every((value) => value === 255)).toBe(true);
  });

  it("is another one for another id, and for another artwork of the same film", () => {
    expect(posterSvg(facts())).toBe(posterSvg(facts()));
    expect(posterSvg(facts({ id: 2 }))).not.toBe(posterSvg(facts()));
    expect(posterSvg(facts(), 1)).not.toBe(posterSvg(facts(), 0));
  });

  it("shows the title", () => {
    const [one, other] = ["Sun", "Moon"].map((title) => posterSvg(facts({ title })));
    expect(one).not.toBe(other);
    // an accent is not drawn, and capitals are all there is
    expect(posterSvg(facts({ title: "Léon" }))).toBe(posterSvg(facts({ title: "LEON" })));
  });
});

describe("titles", () => {
  it("become plain capitals", () => {
    expect(plainTitle("  Déjà   Vu ")).toBe("DEJA VU");
    expect(plainTitle("Alien³")).toBe("ALIEN3");
    expect(plainTitle("Straße\u0000\u202e!")).toBe("STRASSE!");
    expect(plainTitle("")).toBe("");
  });

  it("are cut between words after 54 letters", () => {
    // "WORD " eleven times is 55 letters: ten words and the cut eleventh are 54, of which whole words are 49 + "WORD"
    expect(plainTitle("word ".repeat(30))).toBe("WORD ".repeat(10).trim());
    expect(plainTitle("x".repeat(500))).toBe("X".repeat(54));
  });

  const hostile = [
    "<script>alert(1)</script>",
    `"/><image href="file:///etc/passwd"/>`,
    "]]> & &amp; &#0;",
    "عنوان الفيلم",
    "千と千尋の神隠し",
    "👩‍👩‍👧 🎬",
    "\ud800 \u0000 \uffff",
    "__proto__ constructor toString",
    "url(#g0)",
    "   ",
    "A".repeat(10_000),
  ];

  it.each(hostile.map((title) => [title.slice(0, 40), title]))("draw %j as shapes, never as markup", (_, title) => {
    const svg = posterSvg(facts({ title }));
    expect(isPlainDrawing(svg)).toBe(true);
    expect(renderSvg(svg).length).toBeGreaterThan(1000);
  });

  it("of any kind leave the drawing plain", () => {
    const title = fc.string({ unit: "binary", maxLength: 80 });
    const genres = fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 3 });
    fc.assert(
      fc.property(title, genres, fc.nat(), (t, g, id) => isPlainDrawing(posterSvg(facts({ id, title: t, genres: g })))),
    );
  });
});

/** Only the elements, attributes and values that the sheet can write, and no NaN. */
function isPlainDrawing(svg: string): boolean {
  const inside = svg.replace(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^<>]*>(.*)<\/svg>$/s, "$1");
  const value = `(?:[-\\d. MLHVQCZAmlhvqcza]*|#[0-9a-f]{6}|none|round|miter|square|g\\d+|url\\(#g\\d+\\)|(?:(?:translate|rotate)\\([-\\d. ]+\\) ?)+)`;
  const element = `</?(?:path|rect|circle|ellipse|linearGradient|radialGradient|stop)(?: [a-z\\d-]+="${value}")* ?/?>`;
  return inside !== svg && new RegExp(`^(?:${element})*$`, "i").test(inside);
}

describe("the link with the facts", () => {
  const skyOf = (svg: string): string =>
    svg
      .match(/stop-color="(#\w+)"/g)
      ?.slice(0, 3)
      .join(" ") ?? "";

  it.each(["Horror", "Comedy", "Western"])(
    "%s has its own palettes in 60 % of the posters, any in the rest",
    (genre) => {
      const own = new Set(
        palettesOfGenre
          .get(genre)
          ?.map(({ top, sky, low }) => [top, sky, low].map((c) => `stop-color="${c}"`).join(" ")),
      );
      const expected = 0.6 + (0.4 * own.size) / palettes.length;
      const found = share(over(2000, { genres: [genre] }, (svg) => own.has(skyOf(svg))));
      // four standard errors of a share of 2,000
      expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 2000));
    },
  );

  it("horror is darker than comedy once drawn, though not every time", async () => {
    const brightness = async (svg: string): Promise<number> =>
      (await sharp(renderSvg(svg)).greyscale().stats()).channels[0]!.mean;
    const [horror, comedy] = await Promise.all(
      ["Horror", "Comedy"].map((genre) => Promise.all(over(40, { genres: [genre] }, brightness))),
    );
    expect(mean(comedy!) - mean(horror!)).toBeGreaterThan(25);
    expect(Math.max(...horror!)).toBeGreaterThan(Math.min(...comedy!));
  });

  it.each([
    // share of the haze: .34 · (1 − lavish), lavish = .7 · step + .3 · chance (mean .5), + .08 from two hours on
    [1e6, null, 0.34 * (1 - 0.15)],
    [28e6, null, 0.34 * (1 - 0.7 * 0.5 - 0.15)],
    [28e6, 120, 0.34 * (1 - 0.7 * 0.5 - 0.15 - 0.08)],
    [200e6, null, 0.34 * (1 - 0.7 - 0.15)],
    [null, null, 0.34 * (1 - 0.7 * 0.4 - 0.15)],
  ])("a budget of %d and %d minutes leaves haze of %d on average", (budget, runtime, expected) => {
    const whole = /<rect x="0" y="0" width="185" height="278" fill="#(?!c9a66b)\w+" opacity="([\d.]+)"/;
    const haze = over(500, { budget, runtime }, (svg) => Number(whole.exec(svg)?.[1]));
    // chance spreads it evenly over .34 · .3; four standard errors of a mean of 500
    expect(Math.abs(mean(haze) - expected)).toBeLessThan((4 * 0.34 * 0.3) / Math.sqrt(12 * 500));
  });

  it.each([
    // 70 % follow the year, the rest any of the four eras
    [1950, 0.7 + 0.3 / 4],
    [2005, 0.3 / 4],
    [null, 1 / 4],
  ])("a film of %d is framed with probability %d", (year, expected) => {
    const framed = over(1000, { year }, (svg) => svg.includes("M4 4H181V274H4Z"));
    expect(Math.abs(share(framed) - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 1000));
  });
});
