import { join } from "node:path";
import { makeConfig, prepare, runNamed, train } from "movie-revenue";
import type { Looked } from "movie-revenue/catalogue/dedupe";
import { readSafetensors } from "movie-revenue/model/safetensors";
import { withOtherArtwork } from "movie-revenue/runs/other-artwork";
import { describe, expect, it } from "vitest";
import { filmRecord, jpeg, writeFilms } from "./fixtures.ts";
import { workplace } from "./workplace.ts";

const film = (id: number, hash: bigint, otherArtwork?: Looked["otherArtwork"]): Looked => ({
  ...{ row: id, id, sha256: `own ${id}`, hash, title: `film ${id}`, genres: [], overview: "", tagline: "" },
  ...{ language: "en", releaseDate: "", year: null, runtime: null, budget: null, revenue: 2e7, otherArtwork },
});

describe("withOtherArtwork", () => {
  const [low, middle, high] = [0xffffn, 0xffffn << 20n, 0xffffn << 44n];

  it("shows each training film by every artwork, and no other film", () => {
    const two = film(2, middle, [
      { sha256: "second", hash: low },
      { sha256: "third", hash: high },
    ]);
    const splits = { train: [film(1, low), two], validation: [film(3, 1n, [{ sha256: "x", hash: 2n }])], test: [] };
    expect(withOtherArtwork(splits)).toEqual([
      { shown: film(1, low), film: 0 },
      { shown: two, film: 1 },
      { shown: { ...two, sha256: "second", hash: low }, film: 1 },
      { shown: { ...two, sha256: "third", hash: high }, film: 1 },
    ]);
  });

  it("leaves out what a film of validation or test shows, by bytes or picture", () => {
    const own = film(1, low, [
      { sha256: "own 2", hash: 0x5555n << 32n },
      // one bit from the picture of film 3
      { sha256: "alike", hash: high ^ 1n },
    ]);
    const splits = { train: [own], validation: [film(2, middle)], test: [film(3, high)] };
    expect(withOtherArtwork(splits)).toEqual([{ shown: own, film: 0 }]);
  });
});

it("a kernel learns from every artwork of its training films, and validates and judges by the first", async () => {
  const { folder } = await workplace();
  const poster = async (id: number, seed: number) =>
    filmRecord(id, { image: { bytes: await jpeg({ seed }), path: `${seed}.jpg` }, revenue: 11e6 + 5e6 * id });
  const ids = Array.from({ length: 30 }, (_, i) => i + 1);
  const films = [
    ...(await Promise.all(ids.map((id) => poster(id, id)))),
    ...(await Promise.all(ids.slice(0, 12).map((id) => poster(id, 100 + id)))),
  ];
  const data = await writeFilms(join(folder, "films.parquet"), films);
  const set = ["model.kind=kernel", "model.width=64", "model.height=64", "evaluation.bootstrap=20"];
  const config = makeConfig({ data, set: [...set, "training.otherArtwork=true"] });
  const { splits, duplicates } = await prepare(config);
  expect(duplicates.otherArtwork).toBe(12);
  await train("kernel", config);
  const { tensors } = await readSafetensors(runNamed("kernel").file("best.safetensors"));
  const twice = splits.train.filter(({ id }) => id <= 12).length;
  expect(twice).toBeGreaterThan(0);
  expect(tensors["kernel.rows"]?.shape[0]).toBe(splits.train.length + twice);
});
