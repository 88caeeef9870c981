import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeConfig } from "movie-revenue/config";
import { type Evaluated, evaluate } from "movie-revenue/evaluate";
import { writeReport } from "movie-revenue/pages/run";
import { prepare, summarise } from "movie-revenue/prepare";
import { newManifest } from "movie-revenue/runs/manifest";
import type { Run } from "movie-revenue/runs/run";
import { writeJson } from "movie-revenue/system/files";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { writeFilms } from "./fixtures.ts";
import { HOSTILE } from "./hostile.ts";
import { handmadeRun } from "./runs.ts";
import { colouredFilms, workplace } from "./workplace.ts";

let run: Run;
let evaluated: Evaluated;
let html: string;
/** The films' own pictures, by id less 1. */
let images: Uint8Array[];

beforeAll(async () => {
  const { folder } = await workplace();
  const hostileFolder = join(folder, "<img src=x onerror=hacked()>");
  await mkdir(hostileFolder);
  const films = await colouredFilms(30);
  images = films.map(({ image }) => image!.bytes!);
  const titled = films.map((film, i) => ({ ...film, title: HOSTILE[i] ?? film.title }));
  const broken = { ...films[0]!, id: 99, revenue: -1, release_date: "<script>hacked()</script>" };
  const data = await writeFilms(join(hostileFolder, "films.parquet"), [...titled, broken]);
  const config = makeConfig({ data });
  run = await handmadeRun("judged", { data, splits: { train: [28, 29], validation: [30] } });
  const prepared = await prepare(config);
  await writeJson(run.file("manifest.json"), {
    ...(await newManifest(config, { data: summarise(prepared), weights: "abc" })),
    ended: "finished",
  });
  evaluated = await evaluate("judged");
  expect(await writeReport("judged", evaluated)).toBe(run.file("report.html"));
  html = await readFile(run.file("report.html"), "utf8");
});

/** What a reader sees, without scripts, styles and tags. */
const textOf = (page: string) =>
  page
    .replace(/<(script|style)[^>]*>.*?<\/\1>/gs, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    .replace(/\s+/g, " ");

describe("report.html", () => {
  it("holds the numbers of the evaluation, computed here from the films judged", () => {
    const { judged } = evaluated;
    expect(judged).toHaveLength(27);
    const errors = judged.map(({ actual, predicted }) => Math.log10(predicted) - Math.log10(actual));
    const mse = errors.reduce((sum, error) => sum + error ** 2, 0) / 27;
    // the run's training mean, by hand, is 7.5
    const baseline = judged.reduce((sum, { actual }) => sum + (7.5 - Math.log10(actual)) ** 2, 0) / 27;
    const held = judged.filter(({ actual, low, high }) => low! <= actual && actual <= high!).length;
    const text = textOf(html);
    expect(text).toContain(
      `On 27 films that the model never saw, its mean squared error of log10 dollars is ${mse.toFixed(3)} ` +
        `where always saying the training mean has ${baseline.toFixed(3)}.`,
    );
    expect(text).toMatch(
      /The model less each baseline, film by film: below zero, the model is better Baseline .* mean /,
    );
    expect(text).toContain(`Intervals meant to hold 80% of films hold ${((100 * held) / 27).toFixed(1)}%.`);
  });

  it("shows the posters of the largest misses, each film its own", async () => {
    const { analysis, missPosters } = evaluated;
    expect(missPosters).toHaveLength(analysis.misses.length);
    for (const [i, { id }] of analysis.misses.slice(0, 3).entries()) {
      // films are painted in a plain colour of their own
      const poster = await sharp(missPosters[i]!).stats();
      const film = await sharp(images[id - 1]!).stats();
      for (const channel of [0, 1, 2])
        expect(Math.abs(poster.channels[channel]!.mean - film.channels[channel]!.mean)).toBeLessThan(4);
    }
    expect(html.match(/data:image\/jpeg;base64,/g)!.length).toBeGreaterThanOrEqual(analysis.misses.length);
  });

  it("claims skill only where the paired interval lies below zero", async () => {
    const claim = async (ci95: [number, number] | null) => {
      const { evaluation } = evaluated;
      const differences = { mean: { mse: -0.1, ci95 } };
      await writeReport("judged", { ...evaluated, evaluation: { ...evaluation, differences } });
      return textOf(await readFile(run.file("report.html"), "utf8"));
    };
    const proof = "lies below zero: the posters do tell something.";
    const none = "does not lie below zero: this is no proof of skill.";
    expect(await claim([-0.2, -0.001])).toContain(`is −0.200 to −0.001 and ${proof}`);
    expect(await claim([-0.2, 0.001])).toContain(`is −0.200 to 0.001 and ${none}`);
    expect(await claim(null)).toContain(`cannot be told and ${none}`);
  });

  it("says how the run was made", () => {
    const text = textOf(html);
    for (const part of ["movie-revenue 0.1.0", `node ${process.versions.node}`, "engine native, 2."]) {
      expect(text).toContain(part);
    }
    expect(text).toContain("training ended finished");
    expect(text).toContain("Settings that are not the defaults what value data.source ");
    expect(text).toContain("model.hidden 1 model.dropout 0 evaluation.bootstrap 50");
    expect(text).toMatch(/SHA-256 of 05-analyse\.ipynb [0-9a-f]{64}/);
    expect(text).toContain("movie-revenue rerun judged does it again");
    expect(text).toContain(
      'Invalid rows Row Reason 30 films.parquet row 30: release_date is "<script>hacked()</script>"',
    );
  });

  it("shows what came from outside as text and runs none of it", () => {
    // the page's own scripts: plotly, the one that draws, and JSON that cannot end its element
    const scripts = html.match(/<script[^>]*>/g)!;
    expect(new Set(scripts)).toEqual(new Set(["<script>", '<script type="application/json">']));
    expect(scripts.filter((tag) => tag === "<script>")).toHaveLength(2);
    const outside = html.replace(/<script>.*?<\/script>/gs, "");
    expect(outside).not.toMatch(/<(img|svg)[^>]+on(error|load)/);
    expect(outside).not.toMatch(/href\s*=\s*["']?javascript:/);
    expect(outside).not.toContain("<script>hacked");
    expect(textOf(html)).toContain("<img src=x onerror=hacked()>");
  });
});
