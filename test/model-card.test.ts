import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeConfig } from "movie-revenue/config";
import { type Evaluated, evaluate } from "movie-revenue/evaluate";
import { formatModelCard } from "movie-revenue/pages/model-card";
import { prepare, summarise } from "movie-revenue/prepare";
import { escapeMarkdown, visibleText } from "movie-revenue/reporting/escape";
import { newManifest } from "movie-revenue/runs/manifest";
import { type Run, trainedRun } from "movie-revenue/runs/run";
import { writeJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { writeFilms } from "./fixtures.ts";
import { HOSTILE } from "./hostile.ts";
import { handmadeRun } from "./runs.ts";
import { colouredFilms, workplace } from "./workplace.ts";

const inProject = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What test/peers/read_card.py says of a card. */
interface Seen {
  front: {
    tags: string[];
    datasets?: string[];
    "model-index": { results: { dataset: object; metrics: { type: string; value: number; name: string }[] }[] }[];
  };
  cells: string[];
  tags: string[];
  links: string[];
  hub?: { task: string; metric: string; value: number }[];
}

function readCard(path: string, python = inProject(".venv/bin/python")): Seen {
  const { stdout, stderr } = spawnSync(python, [inProject("test/peers/read_card.py"), path], { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Seen;
}

let folder: string;
let run: Run;
let evaluated: Evaluated;
let card: string;

beforeAll(async () => {
  ({ folder } = await workplace());
  const inside = join(folder, "private", "<b>films</b>");
  await mkdir(inside, { recursive: true });
  const films = await colouredFilms(12);
  // the first films earned least, and are predicted worst
  const titled = films.map((film, i) => ({ ...film, title: HOSTILE[i]! }));
  const data = await writeFilms(join(inside, "films|x.parquet"), titled);
  const config = makeConfig({ data });
  run = await handmadeRun("1e5", { data, splits: { train: [11], validation: [12] } });
  const summary = summarise(await prepare(config));
  await writeJson(run.file("manifest.json"), await newManifest(config, { data: summary, weights: "abc" }));
  evaluated = await evaluate("1e5");
  card = await readFile(run.file("README.md"), "utf8");
});

describe("the model card that evaluate leaves in the run folder", () => {
  it("has a front matter with the very numbers of the evaluation, as PyYAML reads it", () => {
    const { front } = readCard(run.file("README.md"));
    const { model } = evaluated.evaluation;
    const [result] = front["model-index"][0]!.results;
    expect(front["model-index"][0]).toMatchObject({ name: "1e5" });
    expect(result!.metrics.map(({ type, value }) => [type, value])).toEqual([
      ["mse", model.mse],
      ["mae", model.mae],
      ["r_squared", model.r2],
      ["accuracy", model.medianSplit.accuracy],
    ]);
    const [low, high] = model.ci95.mse!;
    expect(result!.metrics[0]!.name).toBe(
      `MSE of log10 dollars (10 films, 95 % interval ${low.toFixed(4)} to ${high.toFixed(4)})`,
    );
    expect(front.tags).toEqual(["movie-posters", "box-office", "image-regression", "network", "efficientnet-lite0"]);
    expect(front.datasets).toBeUndefined();
  });

  it("names a data set of the hub, and of a local one neither folder nor owner", () => {
    expect(card).not.toContain("private");
    expect(readCard(run.file("README.md")).front["model-index"][0]!.results[0]!.dataset).toMatchObject({
      ...{ type: "movie-posters", name: "films|x.parquet", split: "test" },
    });
    const config = makeConfig({ data: "hub:owner/films" });
    const ofHub = formatModelCard({ run: { name: "x", config }, evaluated, manifest: null });
    expect(ofHub).toContain("datasets:\n  - owner/films\n");
    expect(ofHub).toContain("type: owner/films\n");
  });

  it("names every network that looks at the poster", () => {
    const config = makeConfig({ set: ["model.kind=kernel", 'model.beside=["resnet18","resnet50"]'] });
    const three = formatModelCard({ run: { name: "x", config }, evaluated, manifest: null });
    expect(three).toContain("  - efficientnet-lite0\n  - resnet18\n  - resnet50\n");
    expect(three).toContain(
      "the backbones efficientnet-lite0, resnet18, resnet50 see posters at 224 × 224 and are frozen, with their ImageNet weights.",
    );
    const reading = makeConfig({ set: ["model.kind=kernel", "model.kernel.writing=0.1"] });
    expect(formatModelCard({ run: { name: "x", config: reading }, evaluated, manifest: null })).toContain(
      "is frozen, with its ImageNet weights; what is written on the poster is read by PP-OCRv6.",
    );
    expect(card).toContain("the backbone, efficientnet-lite0, sees posters at 224 × 224 and is frozen, with its");
  });

  it("shows what came from outside as text: mistune finds no element, link or formula in it", async () => {
    const house = ["code", "h1", "h2", "li", "p", "pre", "table", "tbody", "td", "th", "thead", "tr", "ul"];
    const miss = evaluated.analysis.misses[0]!;
    for (const titles of [HOSTILE.slice(0, 5), HOSTILE.slice(5, 10), HOSTILE.slice(10)]) {
      const analysis = { ...evaluated.analysis, misses: titles.map((title) => ({ ...miss, title })) };
      const path = join(folder, "card.md");
      await writeFile(
        path,
        formatModelCard({ run: await trainedRun("1e5"), evaluated: { ...evaluated, analysis }, manifest: null }),
      );
      const { cells, tags, links } = readCard(path);
      expect([links, tags]).toEqual([[], house]);
      for (const title of titles) expect(cells.map((text) => text.trim())).toContain(visibleText(title).trim());
    }
  });

  it("stands each baseline beside the model, and says what the run proves", () => {
    const { baselines, differences } = evaluated.evaluation;
    const row = card.split("\n").find((line) => line.startsWith("| mean "))!;
    expect(Object.keys(baselines)).toContain("mean");
    expect(row).toContain(` ${baselines.mean!.mse.toFixed(3)} [`);
    expect(row).toContain(Math.abs(differences.mean!.mse).toFixed(3));
    expect(card).toMatch(/this is no proof of skill\.|the posters do tell something\./);
    expect(card).toContain("npx --no movie-revenue predict --run 1e5 my-posters");
  });
});

const python = process.env.MOVIE_REVENUE_PEER_PYTHON ?? "";
describe("the hub's own reader (MOVIE_REVENUE_PEER_PYTHON: a Python with huggingface_hub, pyyaml and mistune)", () => {
  it.skipIf(python === "")("finds every metric of the card", () => {
    const { hub } = readCard(run.file("README.md"), python);
    const { model } = evaluated.evaluation;
    expect(hub!.map(({ metric, value }) => [metric, value])).toContainEqual(["mse", model.mse]);
    expect(hub).toHaveLength(4);
    expect(hub![0]!.task).toBe("image-regression");
  });
});

describe("escapeMarkdown", () => {
  it.each([
    ["Spider-Man: No Way Home", "Spider-Man: No Way Home"],
    ["*E.T.* & _Me_", "\\*E.T.\\* &#38; \\_Me\\_"],
    ["a|b", "a&#124;b"],
    ["[x](javascript:1)", "[x\\](javascript\\:1)"],
    ["http://a.b www.a.b", "http\\://a.b www\\.a.b"],
    ["<b>@me $1 ~~x~~ `y`", "&#60;b&#62;\\@me \\$1 \\~\\~x\\~\\~ \\`y\\`"],
    ["two\nlines", "two lines"],
  ])("%j", (text, markdown) => {
    expect(escapeMarkdown(text)).toBe(markdown);
  });
});
