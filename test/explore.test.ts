import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { closestPosters } from "movie-revenue/catalogue/closest";
import type { Looked } from "movie-revenue/catalogue/dedupe";
import { findFilms } from "movie-revenue/catalogue/find";
import { makeConfig } from "movie-revenue/config";
import { outliersOf } from "movie-revenue/evaluation/outliers";
import { closestWall, nearestFilms, nearestWall, wallOf } from "movie-revenue/explore";
import { nearestRows } from "movie-revenue/model/nearest";
import { readCatalogue } from "movie-revenue/prepare";
import { outlierTable } from "movie-revenue/reporting/tables";
import type { Figure } from "movie-revenue/reporting/view";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "./hostile.ts";
import { handmadeRun, unknownFilm } from "./runs.ts";
import { colouredFilms, workplace, writeColouredFilms } from "./workplace.ts";

describe("findFilms", () => {
  const film = (id: number, facts: object) => ({ ...unknownFilm, id, ...facts });
  const films = [
    film(1, { title: "Alien", genres: ["Horror", "Science Fiction"], year: 1979, language: "en", revenue: 1e8 }),
    film(2, { title: "Aliens", genres: ["Action"], year: 1986, language: "en", budget: 1.85e7, runtime: 137 }),
    film(3, { title: "Amélie", genres: ["Comedy"], year: 2001, language: "fr", budget: 1e7, runtime: 122 }),
    film(4, { title: "Undated" }),
  ];
  it.each([
    [{}, [1, 2, 3, 4]],
    [{ title: "ALIEN" }, [1, 2]],
    [{ genres: ["Horror", "Science Fiction"] }, [1]],
    [{ genres: ["Horror", "Comedy"] }, []],
    [{ languages: ["fr", "de"] }, [3]],
    // both ends count, and what is unknown is in no range
    [{ years: [1979, 1986] as const }, [1, 2]],
    [{ years: [1980, null] as const }, [2, 3]],
    [{ years: [null, null] as const }, [1, 2, 3]],
    [{ budget: [null, 1e7] as const }, [3]],
    [{ runtime: [122, 136] as const }, [3]],
    [{ revenue: [1, null] as const }, [1]],
  ])("%j", (query, ids) => {
    expect(findFilms(films, query).map(({ id }) => id)).toEqual(ids);
  });

  it("refuses a range that is upside down", () => {
    expect(() => findFilms(films, { years: [2000, 1990] })).toThrow(
      "years goes from 2000 to 1990: put the smaller number first.",
    );
  });
});

describe("closestPosters", () => {
  const films = [0b1111n, 0b1110n, 0b1000n, 0n, 0xffffffff00000000n].map((hash, id) => ({ id, hash }));

  it("gives the pairs that differ in the fewest bits, the closest first, ties in their order; flat posters are none", () => {
    const pairs = closestPosters(films, { count: 3 });
    // 1111 ^ 1110 is 1 bit, 1110 ^ 1000 is 2, 1111 ^ 1000 is 3
    expect(pairs.map(({ films: [a, b], distance }) => [a.id, b.id, distance])).toEqual([
      [0, 1, 1],
      [1, 2, 2],
      [0, 2, 3],
    ]);
  });

  it("finds the same pairs as comparing all of them, and sees the signed hash of a parquet file", () => {
    // Knuth's multiplicative hash: 60 well mixed words
    const many = Array.from({ length: 60 }, (_, id) => ({
      id,
      hash: BigInt.asIntN(64, BigInt(id + 1) * 0x9e3779b97f4a7c15n),
    }));
    const bits = (a: bigint, b: bigint) =>
      BigInt.asUintN(64, a ^ b)
        .toString(2)
        .replaceAll("0", "").length;
    const all = many.flatMap((a, i) => many.slice(i + 1).map((b) => bits(a.hash, b.hash)));
    const found = closestPosters(many, { count: 7 }).map(({ distance }) => distance);
    expect(found).toEqual(all.sort((a, b) => a - b).slice(0, 7));
  });

  it("of one film is nothing", () => {
    expect(closestPosters(films.slice(0, 1))).toEqual([]);
  });
});

describe("outliersOf", () => {
  const films = [1, 10, 10, 100, 100, 1000, 1e9].map((runtime, i) => ({
    ...unknownFilm,
    id: i + 1,
    title: `${i}`,
    runtime,
  }));

  it("scores by median and median deviation of the logarithm", () => {
    // log10: 0 1 1 2 2 3 9, median 2; deviations 2 1 1 0 0 1 7, median 1; .6745 · 7 = 4.7215
    expect(outliersOf(films)).toEqual([
      { id: 7, title: "6", year: null, fact: "runtime", value: 1e9, score: expect.closeTo(4.7215, 12) },
    ]);
    expect(outliersOf(films, { beyond: 1.3 }).map(({ id, score }) => [id, Math.sign(score)])).toEqual([
      [7, 1],
      [1, -1],
    ]);
  });

  it("measures what a dollar brought in, and says nothing where more than half are equal, or nothing is known", () => {
    const money = [1, 1, 2, 0.5, 4, 1e6].map((factor, id) => ({
      ...unknownFilm,
      id,
      budget: 1e6,
      revenue: 1e6 * factor,
    }));
    const found = outliersOf(money).map(({ id, fact, value }) => `${id} ${fact} ${value}`);
    expect(found.sort()).toEqual(["5 revenue / budget 1000000", "5 revenue 1000000000000"]);
    expect(outliersOf([unknownFilm])).toEqual([]);
    expect(outliersOf([])).toEqual([]);
  });

  it("is shown with titles as text", () => {
    const outliers = HOSTILE.map((title, id) => ({
      id,
      title,
      year: 2000,
      fact: "runtime" as const,
      value: 90,
      score: 4,
    }));
    const { html } = outlierTable(outliers);
    expect(html).not.toMatch(/<(img|script|svg|a )/);
    expect(html).toContain("90 minutes");
    const returns = [0.0213, 12_933].map((value) => ({ ...outliers[0]!, fact: "revenue / budget" as const, value }));
    expect(outlierTable(returns).html).toMatch(/>0\.0213×<.*>12,933×</);
  });
});

it("nearestRows ranks by the cosine of standardised features", () => {
  // columns of mean 0 and deviation 1, but for the third, which is constant
  const rows = { rows: 4, columns: 3, data: Float32Array.of(1, 1, 5, 1, -1, 5, -1, 1, 5, -1, -1, 5) };
  const queries = { rows: 2, columns: 3, data: Float32Array.of(2, 1, 9, -3, -3, 0) };
  const near = nearestRows(queries, rows, { count: 2 });
  // (2, 1) · (1, 1) / √5√2 = .94868, (2, 1) · (1, −1) / √10 = .31623
  expect(near[0]!.map(({ row }) => row)).toEqual([0, 1]);
  expect(near[0]![0]!.similarity).toBeCloseTo(0.948683, 5);
  expect(near[0]![1]!.similarity).toBeCloseTo(0.316228, 5);
  expect(near[1]![0]).toEqual({ row: 3, similarity: expect.closeTo(1, 6) });
});

describe("on a catalogue", () => {
  const hoversOf = (figure: Figure) => (figure.data as { hovertext: string[] }[]).at(-1)!.hovertext;

  it("walls hang the films asked for, and pairs side by side", async () => {
    const { folder } = await workplace();
    const config = makeConfig({ data: await writeColouredFilms(join(folder, "films.parquet"), 6) });
    const { films } = await readCatalogue(config);
    const backwards = [...films].reverse();
    expect(hoversOf(await wallOf(config, backwards, { limit: 2 })).map((text) => text.split("<br>")[0])).toEqual([
      "Film 6 (2001)",
      "Film 5 (2001)",
    ]);
    const pair = { films: [films[3]!, films[1]!] as [Looked, Looked], distance: 7 };
    const wall = await closestWall(config, [pair]);
    expect(hoversOf(wall)).toEqual(["Film 4 (2001)<br>&#36;26M", "Film 2 (2001)<br>&#36;16M<br>7 of 64 bits differ"]);
    expect((wall.layout as { images: { x: number; y: number }[] }).images.map(({ x }) => x)).toEqual([0, 1]);
  });

  it("the nearest training film of a poster is itself, where training has seen it; other films are never named", async () => {
    const { folder } = await workplace();
    const films = await colouredFilms(8);
    const data = await writeColouredFilms(join(folder, "films.parquet"), 8);
    await handmadeRun("seen", { data, splits: { train: [1, 2, 3, 5], validation: [4], test: [6, 7, 8] } });
    const posters = join(folder, "posters");
    await mkdir(posters);
    await writeFile(join(posters, "three.jpg"), films[2]!.image!.bytes!);
    await writeFile(join(posters, "seven.jpg"), films[6]!.image!.bytes!);
    const nearest = await nearestFilms("seen", posters, { count: 3 });
    expect(nearest.posters.map(({ file, like }) => [file, like.length])).toEqual([
      ["seven.jpg", 3],
      ["three.jpg", 3],
    ]);
    const [seven, three] = nearest.posters;
    expect(three!.like[0]).toMatchObject({ film: { id: 3 }, similarity: expect.closeTo(1, 5) });
    expect([1, 2, 3, 5]).toEqual(expect.arrayContaining(seven!.like.map(({ film }) => film.id)));
    const hovers = hoversOf(await nearestWall("seen", posters, nearest));
    expect(hovers).toHaveLength(8);
    expect(hovers[5]).toBe("Film 3 (2001)<br>&#36;21M<br>1.00");
  });
});
