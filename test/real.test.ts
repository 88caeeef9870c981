import { existsSync } from "node:fs";
import { makeConfig, prepare } from "movie-revenue";
import { sha256 } from "movie-revenue/system/files";
import { beforeAll, describe, expect, it } from "vitest";
import { golden } from "./golden.ts";
import { workplace } from "./workplace.ts";

interface RealSplit {
  rows: number;
  aboveThreshold: number;
  films: number;
  splits: Record<"train" | "validation" | "test", { films: number; ids: string }>;
}

const real = process.env.MOVIE_REVENUE_REAL ?? "";

describe.skipIf(!existsSync(real))("the real posters (MOVIE_REVENUE_REAL)", () => {
  beforeAll(async () => {
    await workplace();
  });

  it("are filtered, deduplicated and split into the ids that datasets gives", async () => {
    const expected = golden<RealSplit>("real_split.json");
    const { rows, invalid, aboveThreshold, films, duplicates, splits, leaks } = await prepare(
      makeConfig({ preset: "posters", data: real }),
    );
    expect({ rows, aboveThreshold, films: films.length }).toEqual({
      rows: expected.rows,
      aboveThreshold: expected.aboveThreshold,
      films: expected.films,
    });
    expect(invalid).toEqual([]);
    for (const name of ["train", "validation", "test"] as const) {
      expect(splits[name]).toHaveLength(expected.splits[name].films);
      expect(sha256(splits[name].map(({ id }) => id).join(","))).toBe(expected.splits[name].ids);
    }
    // 279 rows repeat another exactly, 207 of them above the threshold, counted by SHA-256 in Python
    expect(duplicates.sameBytes).toBe(207);
    const dropped = duplicates.sameBytes + duplicates.samePicture + duplicates.otherArtwork;
    expect(dropped).toBe(aboveThreshold - films.length);
    expect([leaks.sameId.count, leaks.sameBytes.count, leaks.samePicture.count]).toEqual([0, 0, 0]);
  });
});
