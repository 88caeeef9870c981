import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { evaluate, makeConfig, predict, train, trainedRun } from "movie-revenue";
import { readSafetensors } from "movie-revenue/model/safetensors";
import { prepare } from "movie-revenue/prepare";
import { learn } from "movie-revenue/runs/learn";
import { predictFilms } from "movie-revenue/runs/predictor";
import { runNamed } from "movie-revenue/runs/run";
import { sha256, writeJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { type FilmRecord, filmRecord, jpeg, writeFilms } from "./fixtures.ts";
import { workplace } from "./workplace.ts";

let [folder, data] = ["", ""];

beforeAll(async () => {
  ({ folder } = await workplace());
  data = await writeFilms(join(folder, "films.parquet"), await films());
});

/** Sixty films, those of some ids with another poster and other facts. */
function films(others: readonly number[] = []): Promise<FilmRecord[]> {
  return Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const other = others.includes(i + 1);
      const image = { bytes: await jpeg({ seed: i + 1 + (other ? 900 : 0) }), path: `${i}.jpg` };
      const facts = { image, revenue: 11_000_000 + 4_000_000 * i, runtime: 80 + i, release_date: `${1960 + i}-03-01` };
      return filmRecord(i + 1, other ? { ...facts, revenue: 9e8, runtime: 300, budget: 1e9 } : facts);
    }),
  );
}

const small = ["model.width=64", "model.height=64", "evaluation.bootstrap=20"];
const head = ["model.hidden=[8]", "model.dropout=[0.1]", "training.maxEpochs=2", "training.sampleEvery=1"];
const fineTuned = [...head, "model.backbone=resnet18", "model.weights=random", "training.batchSize=16"];

/** Each way of learning, and how the names of the tensors that it leaves begin. */
const ways: [string, string[], string][] = [
  ["a head", head, "head."],
  ["a head on scaled statistics", [...head, "model.pooling=statistics", "model.standardise=true"], "head."],
  ["a head taught by facts, by quantiles", [...head, "training.teacher=0.5", "training.loss.name=quantile"], "head."],
  ["a head by ordinal bins", [...head, "training.loss.name=ordinal", "training.balance.by=weights"], "head."],
  ["a head that tells facts too", [...head, "training.auxiliary=0.5", "training.loss.name=gaussian"], "head."],
  ["a head that attends", [...head, "model.pooling=attention"], "pool.query"],
  [
    "a whole network",
    [...fineTuned, "training.freeze=none", "training.accumulate=2", "model.pooling=attention"],
    "backbone.",
  ],
  [
    "the last stage",
    [...fineTuned, "training.freeze=until:layer4", "training.augment.crop=0.9", "training.auxiliary=1"],
    "backbone.",
  ],
  [
    "a kernel",
    ["model.kind=kernel", "model.pooling=statistics", "model.scales=[1,2]", "training.teacher=0.5"],
    "kernel.",
  ],
  [
    "a kernel of two networks",
    ["model.kind=kernel", "model.pooling=statistics", 'model.beside=["efficientnet-lite1"]'],
    "kernel.",
  ],
  ["a kernel that reads posters without writing", ["model.kind=kernel", "model.kernel.writing=0.1"], "kernel."],
  ["a head on the features of two networks", [...head, 'model.beside=["efficientnet-lite1"]'], "head."],
  ["a fused model", ["model.kind=fused"], "poster."],
];

describe.each(ways)("%s", (name, settings, prefix) => {
  const run = name.replaceAll(/\W+/g, "-");
  const config = () => makeConfig({ data, set: [...small, ...settings] });

  it("learns, and predicts after reading what it was when it was validated", async () => {
    const { epochs, baseline } = await train(run, config());
    const { calibration } = await trainedRun(run);
    const least = Math.min(...epochs.map(({ val_loss }) => val_loss));
    const kept = calibration.residuals.reduce((sum, error) => sum + error ** 2, 0) / calibration.residuals.length;
    // two ways to one number: validation while training, and the predictor on what the run folder holds
    expect(kept / least).toBeCloseTo(1, 4);
    expect(baseline).toBeGreaterThan(0);
    const { tensors } = await readSafetensors((await trainedRun(run)).file("best.safetensors"));
    expect(Object.keys(tensors).some((tensor) => tensor.startsWith(prefix))).toBe(true);
  });

  it("judges the six test films beside every baseline", async () => {
    const { evaluation, judged, analysis } = await evaluate(run);
    expect(judged).toHaveLength(6);
    expect(Object.keys(evaluation.baselines)).toEqual(
      expect.arrayContaining(["mean", "median", "year", "genre", "colours", "metadata", "metadata+budget"]),
    );
    expect(analysis.all.n).toBe(6);
  });

  it("says the same of a film alone as among others", async () => {
    const { splits } = await prepare(config());
    const trained = await trainedRun(run);
    const all = await predictFilms(trained, splits.test);
    const [alone] = await predictFilms(trained, splits.test.slice(2, 3));
    expect(alone!.predicted / all[2]!.predicted).toBeCloseTo(1, 4);
  });
});

describe("what is fitted, scales and vocabularies included,", () => {
  it.each(["kernel", "fused"])(
    "of a %s model and its baselines owes nothing to validation and test films",
    async (kind) => {
      const config = (source: string) =>
        makeConfig({ data: source, set: [...small, `model.kind=${kind}`, "model.pooling=statistics"] });
      const { splits } = await prepare(config(data));
      const judged = [...splits.validation, ...splits.test].map(({ id }) => id);
      const changed = await writeFilms(join(folder, `changed-${kind}.parquet`), await films(judged));
      const filesOf = async (source: string, run: string) => {
        await train(run, config(source));
        const { file } = await trainedRun(run);
        return Promise.all((["best.safetensors", "baselines.json"] as const).map((name) => readFile(file(name))));
      };
      const [before, after] = [await filesOf(data, `${kind}-as-is`), await filesOf(changed, `${kind}-changed`)];
      expect(after.map((bytes, i) => bytes.equals(before[i]!))).toEqual([true, true]);
    },
  );
});

describe("a fused model on a folder of posters", () => {
  it("reads the facts of the labels, and says whose film it knows nothing of", async () => {
    const posters = await mkdtemp(join(process.env.MOVIE_REVENUE_RUNS!, "posters-"));
    for (const name of ["known.jpg", "twin.jpg", "bare.jpg"])
      await writeFile(join(posters, name), await jpeg({ seed: 3 }));
    const labels = join(posters, "labels.json");
    const facts = { title: "Film", genres: ["Action", "Comedy"], release_date: "1999-03-01", runtime: 130 };
    await writeJson(labels, {
      "known.jpg": { ...facts, actual_revenue: 5e7 },
      "twin.jpg": { ...facts, actual_revenue: 9e8 },
    });
    const { ranked, factless } = await predict("a-fused-model", posters, { labels });
    expect(factless).toEqual(["bare.jpg"]);
    const found = Object.fromEntries(ranked.map(({ file, predicted }) => [file, predicted]));
    // the same facts and poster: what a film earned moves nothing; other facts do
    expect(found["twin.jpg"]).toBe(found["known.jpg"]);
    expect(found["bare.jpg"]).not.toBe(found["known.jpg"]);
  });
});

it.each(["kernel", "fused"])(
  "a %s model refuses more films than it can pair before it looks at a poster",
  async (kind) => {
    const config = makeConfig({ data, set: [...small, `model.kind=${kind}`] });
    const prepared = await prepare(config);
    // posters that no cache holds: a look at one would fail with another sentence
    const train = Array.from({ length: 20_001 }, (_, i) => ({ ...prepared.splits.train[0]!, sha256: sha256(`${i}`) }));
    const many = { ...prepared, splits: { ...prepared.splits, train } };
    // 8 bytes for each of 20,001² pairs
    await expect(learn(runNamed(kind), config, many, { lap() {} })).rejects.toThrow(
      "Kernels compare all pairs of films: 20,001 would need 3.2 GB for the pairs alone, and 20,000 are the most. Set model.kind=network, or data.maxFilms=20000.",
    );
  },
);

describe("settings that make no sense together", () => {
  it.each([
    [["model.kind=kernel", "training.learningRate=0.1"], "training.learningRate", "model.kind is kernel"],
    [["model.kind=fused", "training.otherArtwork=true"], "training.otherArtwork", "the facts of each film once"],
    [["model.kind=fused", "training.teacher=0.5"], "training.teacher", "knows the film's facts itself"],
    [["model.kind=fused", "model.hidden=[4]", "model.dropout=[0]"], "model.hidden", "model.kind is fused"],
    [["training.augment.crop=0.9"], "training.augment", "a backbone that learns reads it"],
    [["model.kind=kernel", "training.auxiliary=1"], "training.auxiliary", "model.kind is kernel"],
    [["training.accumulate=2"], "training.accumulate", "a backbone that learns reads it"],
    [["training.freeze=none", "model.pooling=statistics"], "model.pooling", "frozen backbone alone"],
    [["training.freeze=none", "model.standardise=true"], "model.standardise", "frozen backbone alone"],
    [["model.pooling=attention", "model.mirror=true"], "model.mirror", "attention looks at places"],
    [["model.pooling=attention", "model.standardise=true"], "model.standardise", "the map as it is"],
    [["model.kind=fused", "model.pooling=attention"], "model.pooling", "model.kind is fused"],
    [["training.freeze=none", "model.scales=[1,2]"], "model.scales", "frozen backbone alone"],
    [["model.pooling=attention", "model.scales=[2]"], "model.scales", "one map"],
    [["model.kernel.gamma=2"], "model.kernel", "model.kind is network"],
    [["model.kernel.writing=0.1"], "model.kernel", "model.kind is network"],
    [["model.kind=fused", "model.kernel.writing=0.1"], "model.kernel", "kernels of a fused model are its own"],
    [["training.freeze=none", 'model.beside=["resnet18"]'], "model.beside", "only a frozen backbone"],
    [["model.pooling=attention", 'model.beside=["resnet18"]'], "model.beside", "one map"],
    [['model.beside=["efficientnet-lite0"]'], "model.beside", "names a backbone twice"],
    [['model.without=["poster"]'], "model.without", "model.kind is network"],
  ])("%j", (set, key, why) => {
    expect(() => makeConfig({ set })).toThrow(
      new RegExp(`^The setting ${key} makes no sense here: .*${why}.*Leave it out`),
    );
  });
});
