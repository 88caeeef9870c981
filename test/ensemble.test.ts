import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { evaluate, explainFolder, makeConfig, predict, train, trainedRun } from "movie-revenue";
import { exportRun } from "movie-revenue/export";
import { readSafetensors, writeSafetensors } from "movie-revenue/model/safetensors";
import { prepare } from "movie-revenue/prepare";
import { predictFilms } from "movie-revenue/runs/predictor";
import { crossValidate } from "movie-revenue/studies/crossvalidate";
import { readJson } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { filmRecord, jpeg, writeFilms } from "./fixtures.ts";
import { workplace } from "./workplace.ts";

let folder: string;
let data: string;

const small = ["model.width=64", "model.height=64", "evaluation.bootstrap=20"];
const kernel = (...set: string[]) => makeConfig({ data, set: [...small, "model.kind=kernel", ...set] });
const ensemble = (members: string[], ...set: string[]) =>
  makeConfig({ data, set: [...small, "model.kind=ensemble", `model.members=${JSON.stringify(members)}`, ...set] });

beforeAll(async () => {
  ({ folder } = await workplace());
  const films = Array.from({ length: 40 }, async (_, i) => {
    const image = { bytes: await jpeg({ seed: i + 1 }), path: `${i}.jpg` };
    return filmRecord(i + 1, { image, revenue: 11_000_000 + 4_000_000 * i });
  });
  data = await writeFilms(join(folder, "films.parquet"), await Promise.all(films));
  await train("near", kernel("model.kernel.gamma=0.1"));
  await train("far", kernel("model.kernel.gamma=2"));
});

describe("an ensemble of runs", () => {
  it("predicts the mean of its members in log10 dollars, and keeps their names and what they had learnt", async () => {
    const { ended, epochs } = await train("both", ensemble(["near", "far"]));
    expect([ended, epochs.length]).toEqual(["joined", 1]);
    const { splits } = await prepare(ensemble(["near", "far"]));
    const of = async (name: string) =>
      (await predictFilms(await trainedRun(name), splits.test)).map((p) => p.predicted);
    const [near, far, both] = [await of("near"), await of("far"), await of("both")];
    for (const [i, predicted] of both.entries()) {
      expect(predicted / Math.sqrt(near[i]! * far[i]!)).toBeCloseTo(1, 9);
      expect(Math.abs(near[i]! / far[i]! - 1)).toBeGreaterThan(1e-6);
    }
    // its intervals come from its own errors on the validation films
    const { calibration } = await trainedRun("both");
    const kept = calibration.residuals.reduce((sum, error) => sum + error ** 2, 0) / calibration.residuals.length;
    expect(kept / epochs[0]!.val_loss).toBeCloseTo(1, 6);
    expect((await evaluate("both")).evaluation.n).toBe(4);
    const { metadata } = await readSafetensors((await trainedRun("both")).file("best.safetensors"));
    expect(JSON.parse(metadata.members!).map(({ run }: { run: string }) => run)).toEqual(["near", "far"]);
    const manifest = (await readJson((await trainedRun("both")).file("manifest.json"))) as { weights: string };
    expect(manifest.weights).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is refused of films of another split, of posters of another size, and of ensembles", async () => {
    await train("others", kernel("split.seed=1"));
    await expect(train("mixed", ensemble(["near", "others"]))).rejects.toThrow(
      /^The run "others" cannot be a member of the ensemble: its train films are not those of .* by this split/,
    );
    await train("larger", kernel("model.width=96"));
    await expect(train("mixed", ensemble(["near", "larger"]))).rejects.toThrow(
      'The run "larger" cannot be a member of the ensemble: it sees posters at 96 × 64 pixels',
    );
    await train("pair", ensemble(["near", "far"]));
    await expect(train("mixed", ensemble(["near", "pair"]))).rejects.toThrow("it is an ensemble itself");
    await expect(train("mixed", ensemble(["near", "nowhere"]))).rejects.toThrow('The run "nowhere" does not exist');
  });

  it("does not predict by a member that has changed", async () => {
    await train("unsteady", kernel("model.kernel.noise=0.1"));
    await train("on-sand", ensemble(["near", "unsteady"]));
    const path = (await trainedRun("unsteady")).file("best.safetensors");
    const { tensors, metadata } = await readSafetensors(path);
    await writeSafetensors(path, tensors, { ...metadata, more: "1" });
    await expect(evaluate("on-sand")).rejects.toThrow('The run "unsteady" has changed since');
  });

  it("says what cannot be done with it", async () => {
    await train("whole", ensemble(["near", "far"]));
    await expect(exportRun("whole", join(folder, "whole.onnx"))).rejects.toThrow("its model.kind is ensemble");
    const posters = await mkdtemp(join(folder, "posters-"));
    await writeFile(join(posters, "a.jpg"), await jpeg({ seed: 3 }));
    await expect(explainFolder("whole", posters)).rejects.toThrow("explain one of its members (near, far)");
    await expect(crossValidate(join(folder, "folds"), ensemble(["near", "far"]), { folds: 4 })).rejects.toThrow(
      "have seen the films that are held out",
    );
    // of facts it has read none, as its members
    const { ranked, factless } = await predict("whole", posters);
    expect([ranked.length, factless]).toEqual([1, []]);
  });

  it.each([
    [["model.kind=ensemble"], "model.kind", "two members or more"],
    [["model.kind=ensemble", 'model.members=["a","a"]'], "model.kind", "two members or more"],
    [['model.members=["a","b"]'], "model.members", "model.kind is network"],
    [["model.kind=ensemble", 'model.members=["a","b"]', "model.mirror=true"], "model.mirror", "have their own"],
    [["model.kind=ensemble", 'model.members=["a","b"]', "training.clip=1"], "training.clip", "have their own"],
  ])("settings that make no sense: %j", (set, key, why) => {
    expect(() => makeConfig({ set })).toThrow(new RegExp(`^The setting ${key} makes no sense here: .*${why}`));
  });
});
