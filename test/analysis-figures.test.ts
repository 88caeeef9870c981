import { analysisOf, type JudgedFilm } from "movie-revenue/evaluation/analysis";
import { calibrationOf } from "movie-revenue/evaluation/calibration";
import { driftOf } from "movie-revenue/evaluation/drift";
import { calibrationPlot, coverageByBracket, driftByYear, residualByGroup } from "movie-revenue/reporting/figures";
import { findingsTable, groupTable, missesTable } from "movie-revenue/reporting/tables";
import type { Figure, Html } from "movie-revenue/reporting/view";
import { describe, expect, it } from "vitest";

const HOSTILE = `<b>"Drama" & $x$</b>`;
const film = (id: number, actual: number, predicted: number, facts: Partial<JudgedFilm> = {}): JudgedFilm => ({
  ...{ id, title: `film ${id}`, split: "test", genres: ["Drama"], year: 1990 + id, budget: null, language: "en" },
  ...{ actual, predicted, low: predicted / 10, high: predicted * 10, ...facts },
});
// twelve films of $20M predicted $40M, one of $1B predicted $40M: outside its interval, which ends at $400M
const films = [
  ...Array.from({ length: 12 }, (_, i) => film(i, 2e7, 4e7)),
  film(12, 1e9, 4e7, { genres: [HOSTILE], title: HOSTILE }),
];
const analysis = analysisOf(films, { trainMeanLog10: 7 }, { level: 0.8, samples: 20 });

interface Trace {
  x: number[];
  y: number[];
  hovertext: string[];
  name?: string;
  error_x?: { array: number[]; arrayminus: number[] };
  error_y?: { array: number[]; arrayminus: number[] };
}
const read = (text: unknown) => String(text).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
const traces = (figure: Figure) => figure.data as Trace[];
const layout = (figure: Figure) => figure.layout as Record<string, { title: { text: string }; ticktext: string[] }>;
const axes = (figure: Figure) =>
  Object.keys(figure.layout)
    .filter((key) => /^[xy]axis/.test(key))
    .map((key) => read(layout(figure)[key]!.title.text));
const notes = ({ layout }: Figure) =>
  read((layout as { title: { subtitle: { text: string } } }).title.subtitle.text).replaceAll("<br>", " ");
const text = ({ html }: Html) => read(html.replace(/<[^>]*>/g, "|")).replace(/\|+/g, "|");

describe("calibrationPlot", () => {
  const figure = calibrationPlot(calibrationOf([...films, film(13, 1e8, 1e8)], { bins: 2, samples: 20 }));

  it("draws what each group of predictions earned, in dollars", () => {
    const mean = traces(figure).find(({ name }) => name?.startsWith("mean"))!;
    // ranks 7 (thirteen times) and 14 of 14 in two bins: ⌊2 · 6.5 / 14⌋ = 0 and 1; 10^((12 · log10 2e7 + 9) / 13) = $27M
    expect(mean.x.map(Math.round)).toEqual([4e7, 1e8]);
    expect(mean.y[0]! / 1e6).toBeCloseTo(10 ** ((12 * Math.log10(2e7) + 9) / 13 - 6), 6);
    expect(read(mean.hovertext[0])).toMatch(
      /^13 films predicted \$40M<br>mean of what they earned \$27M \(95%: \$20M to /,
    );
    expect(read(mean.hovertext[1])).toBe("1 film predicted $100M<br>mean of what they earned $100M");
    // without an interval, no whisker
    expect([mean.error_y!.array[1], mean.error_y!.arrayminus[1]]).toEqual([0, 0]);
  });

  it("names its axes with units, and says what to see", () => {
    expect(axes(figure)).toEqual([
      "Predicted revenue (mean of log10, in dollars, log scale)",
      "Actual revenue (dollars, log scale)",
    ]);
    expect(notes(figure)).toContain("On the line predictions come true");
    expect(notes(figure)).toContain("Slope of actual on predicted ");
  });

  it("says where there is nothing to draw", () => {
    expect(calibrationPlot(calibrationOf([])).data).toEqual([]);
  });
});

describe("coverageByBracket", () => {
  const figure = coverageByBracket(analysis);

  it("draws all films and each bracket that has any, with Wilson's interval", () => {
    const [bars] = traces(figure) as [Trace];
    // 12 of 13, 12 of 12 (score interval from 12/(12 + 1.96²) on), 0 of 1
    expect(bars.y).toEqual([12 / 13, 1, 0]);
    expect(bars.error_y!.arrayminus[1]).toBeCloseTo(1 - 12 / (12 + 1.959964 ** 2), 6);
    expect(layout(figure).xaxis!.ticktext.map(read)).toEqual([
      "all films<br>13 films",
      "$10M to $100M<br>12 films",
      "above $100M<br>1 film",
    ]);
    expect(bars.hovertext.map(read)[0]).toContain("inside 92.3%");
  });

  it("says what was promised", () => {
    expect(notes(figure)).toContain("The dashed line is the 80% promised");
    const shapes = (figure.layout as { shapes: { y0: number }[] }).shapes;
    expect(shapes[0]!.y0).toBe(0.8);
  });

  it("says where the model has no intervals", () => {
    const bare = analysisOf(
      films.map((one) => ({ ...one, low: null, high: null })),
      { trainMeanLog10: 7 },
      { level: 0.8, samples: 5 },
    );
    expect(coverageByBracket(bare).data).toEqual([]);
  });
});

describe("residualByGroup", () => {
  it("draws each group's mean residual, escaped", () => {
    const figure = residualByGroup(analysis, { by: "genre" });
    const [dots] = traces(figure) as [Trace];
    // log10 (4e7 / 2e7) and log10 (4e7 / 1e9)
    expect(dots.x[0]).toBeCloseTo(Math.log10(2), 12);
    expect(dots.x[1]).toBeCloseTo(Math.log10(0.04), 12);
    expect(layout(figure).yaxis!.ticktext[1]).not.toMatch(/[<>$]/);
    expect(read(layout(figure).yaxis!.ticktext[1])).toBe(`${HOSTILE} · 1 film`);
    expect(dots.hovertext.every((words) => !/<(?!br>)/.test(words))).toBe(true);
  });

  it("names groups without a film, and how many are not shown", () => {
    expect(notes(residualByGroup(analysis, { by: "bracket" }))).toContain("Without a film: up to $10M");
    expect(notes(residualByGroup(analysis, { by: "genre", limit: 1 }))).toContain("The 1 largest of 2 groups");
  });
});

describe("driftByYear", () => {
  it("draws actual, predicted and their difference by years", () => {
    const figure = driftByYear(driftOf([...films, film(20, 1, 1, { year: null })], { samples: 20, years: 10 }));
    const [actual, predicted, bias] = traces(figure) as [Trace, Trace, Trace];
    // ids 0 to 9 lie in 1990 – 1999, middle 1994.5; 10 to 12 after
    expect(actual.x).toEqual([1994.5, 2004.5]);
    expect(actual.y[0]! / 2e7).toBeCloseTo(1, 9);
    expect(predicted.y.map(Math.round)).toEqual([4e7, 4e7]);
    expect(bias.y[0]).toBeCloseTo(Math.log10(2), 12);
    expect(axes(figure)).toEqual([
      "Year of release",
      "Revenue (dollars, log scale)",
      "Predicted − actual (log10 dollars)",
    ]);
    expect(notes(figure)).toContain("Left out: 1 film without a year");
  });

  it("says where no year is known", () => {
    expect(driftByYear(driftOf([])).data).toEqual([]);
  });
});

describe("tables of the analysis", () => {
  it("list all films, then each group, with intervals from ten films on", () => {
    const table = groupTable(analysis, "genre");
    expect(table.html).not.toContain("<b>");
    // the mean predictor misses $20M, log10 7.301, by .0906, as the model does: 0 less, R² 0
    expect(text(table)).toContain("|Drama|12|0.091|0.091 to 0.091|0.091|0.091 to 0.091|0.000|");
    expect(text(table)).toContain(`|${HOSTILE}|1|1.954|4.000|`);
    expect(text(groupTable(analysis, "bracket"))).toContain("|up to $10M|0|–|–|–|–|–|–|");
  });

  it("say which findings hold, and on what evidence", () => {
    const evidence = [{ name: "a difference", value: 0.25, ci95: [0.125, 0.5] as [number, number] }];
    const table = findingsTable([
      { finding: HOSTILE, holds: true, evidence },
      { finding: "second", holds: false, evidence: [{ name: "epochs", value: 12, ci95: null }] },
      { finding: "third", holds: null, evidence: [] },
    ]);
    expect(table.html).not.toContain("<b>");
    expect(text(table)).toContain(`|${HOSTILE}|holds|a difference|0.250|0.125 to 0.500|`);
    expect(text(table)).toContain("|second|does not hold|epochs|12|");
    expect(text(table)).toContain("|third|undecided|too few films or epochs|–|");
  });

  it("list the largest misses", () => {
    const table = missesTable(analysis.misses.slice(0, 2));
    expect(table.html).not.toContain("<b>");
    expect(text(table)).toContain(`|${HOSTILE}|2002|$1B|$40M|25× too low|no|film 0|1990|$20M|$40M|2.0× too high|yes|`);
  });
});
