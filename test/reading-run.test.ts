import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { evaluate, explainFolder, makeConfig, predict, train, trainedRun } from "movie-revenue";
import { readManifest } from "movie-revenue/runs/manifest";
import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";
import { filmRecord, jpeg, writeFilms } from "./fixtures.ts";
import { goldenPath } from "./golden.ts";
import { commandLine, workplace } from "./workplace.ts";

let [folder, posters, data] = ["", "", ""];

/** Lines of test/golden/reading.png, by where they stand. */
const LINES = { "Home 2": 158, "THE LONG WAY": 115 };
const BAND = 50;
const size = { width: 224, height: 160 };

/** A line above noise that depends on the seed. */
async function poster(line: keyof typeof LINES, seed: number): Promise<Uint8Array> {
  const band = { left: 0, top: LINES[line], width: size.width, height: BAND };
  const lettering = await sharp(await readFile(goldenPath("reading.png")))
    .extract(band)
    .toBuffer();
  const noise = sharp(await jpeg({ seed })).resize(size.width, size.height, { fit: "fill" });
  return new Uint8Array(
    await noise
      .composite([{ input: lettering, left: 0, top: 0 }])
      .png()
      .toBuffer(),
  );
}

beforeAll(async () => {
  ({ folder } = await workplace());
  const films = Array.from({ length: 40 }, async (_, i) => {
    const second = i % 2 === 1;
    const image = { bytes: await poster(second ? "Home 2" : "THE LONG WAY", i + 1), path: `${i}.png` };
    return filmRecord(i + 1, { image, revenue: (second ? 2e7 : 2e6) * (10 + (i % 5)) });
  });
  data = await writeFilms(join(folder, "films.parquet"), await Promise.all(films));
  posters = join(folder, "posters");
  await mkdir(posters);
  await writeFile(join(posters, "second.png"), await poster("Home 2", 99));
  await writeFile(join(posters, "first.png"), await poster("THE LONG WAY", 99));
});

const config = (writing: number) => {
  const view = [`model.width=${size.width}`, `model.height=${size.height}`, "evaluation.bootstrap=20"];
  return makeConfig({ data, set: [...view, "model.kind=kernel", `model.kernel.writing=${writing}`] });
};

it("a run that reads learns what lines are worth, judges, predicts, and says what each line adds", async () => {
  await train("reads", config(0.5));
  const { evaluation } = await evaluate("reads");
  expect(evaluation.model.mse).toBeLessThan(evaluation.baselines.mean!.mse / 2);
  const { ranked } = await predict("reads", posters);
  expect(ranked.map(({ file }) => file)).toEqual(["second.png", "first.png"]);
  expect(ranked[0]!.predicted).toBeGreaterThan(1e8);
  expect(ranked[1]!.predicted).toBeLessThan(4e7);

  const { explanations } = await explainFolder("reads", posters, { columns: 2, rows: 2 });
  const said = Object.fromEntries(explanations.map(({ file, lines }) => [file, lines]));
  expect(said).toEqual({
    "first.png": [{ line: "THE LONG WAY", log10: expect.any(Number) }],
    "second.png": [{ line: "Home 2", log10: expect.any(Number) }],
  });
  expect(said["first.png"]![0]!.log10).toBeLessThan(-0.05);
  expect(said["second.png"]![0]!.log10).toBeGreaterThan(0.05);
  for (const { file, predicted } of explanations) {
    expect(predicted / ranked.find((row) => row.file === file)!.predicted).toBeCloseTo(1, 4);
  }
});

it("the manifest tells a run that reads from one that does not", async () => {
  await train("looks", config(0));
  const [reads, looks] = await Promise.all(
    ["reads", "looks"].map(async (name) => readManifest(await trainedRun(name))),
  );
  expect(reads!.weights).not.toBe(looks!.weights);
  const { explanations } = await explainFolder("looks", posters, { columns: 2, rows: 2 });
  expect(explanations.map(({ lines }) => lines)).toEqual([[], []]);
});

it("the command tells what it reads", async () => {
  const { code, stdout, stderr } = await commandLine(["explain", "--run", "reads", posters]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/Reads\n/);
  expect(stdout).toMatch(/Home 2 \(0\.\d{3}\)/);
});
