import { describeProgress, type Progress, ProgressMeter } from "movie-revenue/progress";
import { describe, expect, it } from "vitest";

const progress = (facts: Partial<Progress>): Progress => ({
  ...{ task: "decoding posters", done: 120, total: 480, unit: "posters", seconds: 4 },
  ...facts,
});

describe("describeProgress", () => {
  it.each<[string, Partial<Progress>]>([
    // 120 in 4 s are 30 a second; the other 360 take 12 s
    ["decoding posters 120/480 25% · 30 posters/s · 0:12 left", {}],
    ["decoding posters 480/480 100% · 120 posters/s · 0:04", { done: 480 }],
    ["decoding posters 120/480 25% · 30 posters/s · 0:12 left · loss 0.2310", { detail: "loss 0.2310" }],
    ["decoding posters 120 · 30 posters/s", { total: undefined }],
    ["decoding posters 0/480 0%", { done: 0, seconds: 0 }],
    // 479 of 480 are not yet 100 %
    ["decoding posters 479/480 99% · 120 posters/s · 0:00 left", { done: 479 }],
    ["decoding posters 5000/10000 50% · 1,250 posters/s · 0:04 left", { done: 5000, total: 10_000 }],
    // a rate of .5: 59.6 s round up to a whole minute
    ["decoding posters 1/31 3% · 0.5 posters/s · 1:00 left", { done: 1, total: 31, seconds: 1.9867 }],
    // 3,661 at one a second
    ["decoding posters 1/3662 0% · 1.0 posters/s · 1:01:01 left", { done: 1, total: 3662, seconds: 1 }],
    ["decoding posters 1/602 0% · 1.0 posters/s · 10:01 left", { done: 1, total: 602, seconds: 1 }],
  ])("%s", (line, facts) => {
    expect(describeProgress(progress(facts))).toBe(line);
  });
});

describe("ProgressMeter", () => {
  const heard = (total: number | undefined, intervalMs: number) => {
    const reports: Progress[] = [];
    return {
      reports,
      meter: new ProgressMeter("reading", "rows", (report) => reports.push(report), total, intervalMs),
    };
  };

  it("tells each step where no time must lie between, and counts", () => {
    const { reports, meter } = heard(6, 0);
    for (const detail of ["a", "b", "c"]) meter.advance(2, detail);
    const counted = reports.map(({ task, unit, done, total, detail }) => [task, unit, done, total, detail]);
    expect(counted).toEqual([
      ["reading", "rows", 2, 6, "a"],
      ["reading", "rows", 4, 6, "b"],
      ["reading", "rows", 6, 6, "c"],
    ]);
    expect(reports.every(({ seconds }, i) => seconds >= (reports[i - 1]?.seconds ?? 0))).toBe(true);
  });

  it("is silent within the interval, but never at the end", () => {
    const { reports, meter } = heard(1000, 3_600_000);
    for (let i = 0; i < 1000; i++) meter.advance(1);
    // the first step may fall within the interval too: the process is younger than an hour
    expect(reports.map(({ done }) => done)).toEqual([1000]);
  });

  it("that stops early tells the end as if that were all", () => {
    const { reports, meter } = heard(10, 3_600_000);
    meter.advance(4);
    meter.finish("stopped");
    expect(reports.map(({ done, total, detail }) => [done, total, detail])).toEqual([[4, 4, "stopped"]]);
    const whole = heard(4, 0);
    whole.meter.advance(4);
    whole.meter.finish();
    expect(whole.reports).toHaveLength(1);
  });

  it("works without a listener", () => {
    const meter = new ProgressMeter("reading", "rows", undefined, 2);
    meter.advance(2);
    meter.finish();
  });
});
